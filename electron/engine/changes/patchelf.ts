import { chmod, lstat } from 'node:fs/promises';
import { DevmendError } from '../../../shared/error.ts';
import type { ElfPatch } from '../../../shared/plan.ts';
import type { CommandOutcome } from '../command.ts';
import { readAttributes } from '../journal/attributes.ts';
import { asDevmendError } from '../faults.ts';
import { setModificationTime } from '../journal/images.ts';
import { TOOL_ENVIRONMENT, endingWithUs, findTool } from '../journal/tools.ts';
import { commandLine } from '../verify/trial-run.ts';
import type { ChangeContext } from './change.ts';
import { checkEdited, requireUnedited } from './elf-checks.ts';

/** patchelf rewrites a 160 MB file in about a second; this is for a disk that hangs. */
const PATCHELF_LIMIT_MS = 120_000;

/** Where patchelf is. Throws `tool-missing`: before anything is begun, and again when it is used. */
export async function requirePatchelf(): Promise<string> {
  const tool = await findTool('patchelf');
  if (tool === null) throw new DevmendError('tool-missing', { tool: 'patchelf' });
  return tool;
}

/**
 * The two patchelf runs for one file, in the only order that is safe: with the
 * interpreter first or both at once, patchelf 0.14 to 0.18 writes files that crash
 * (NixOS/patchelf#524, measured on Go and Node programs). DT_RPATH rather than
 * DT_RUNPATH, because only DT_RPATH reaches the libraries' own libraries.
 */
export function patchelfArguments(patch: ElfPatch, file: string): readonly (readonly string[])[] {
  return [
    ['--force-rpath', '--set-rpath', patch.rpath.after.join(':'), file],
    ['--set-interpreter', patch.interpreter.after, file],
  ];
}

/** Command lines of a patch as a preview shows them. */
export function patchelfCommands(patch: ElfPatch, file: string): string[][] {
  return patchelfArguments(patch, file).map((args) => ['patchelf', ...args]);
}

/**
 * Points a staged ELF file to a sandbox, then proves by reading that the result is
 * what was meant: structure, meaning, and a simulation of the loader. Mode and
 * modification time stay. Throws DevmendError; the file is a temporary, so nothing
 * has to be put back.
 */
export async function patchStaged(
  original: string,
  staged: string,
  patch: ElfPatch,
  context: ChangeContext,
): Promise<void> {
  await requirePatchable(original, staged);
  requireUnedited(original, staged, patch);
  const tool = await requirePatchelf();
  const facts = await lstat(staged, { bigint: true });
  const mode = Number(facts.mode & 0o7777n);
  if ((mode & 0o200) === 0) await chmod(staged, mode | 0o600);
  for (const args of patchelfArguments(patch, staged)) await runPatchelf(tool, args, context);
  if ((mode & 0o200) === 0) await chmod(staged, mode);
  await setModificationTime(staged, String(facts.mtimeNs));
  checkEdited(original, staged, patch, context);
}

/** Setuid programs and programs with capabilities would lose their rights, or misuse them. */
export async function requirePatchable(original: string, staged: string): Promise<void> {
  try {
    const facts = await lstat(staged);
    if (!facts.isFile()) throw new DevmendError('target-changed', { path: original });
    const attributes = await readAttributes(staged);
    const capable = attributes?.includes('security.capability') === true;
    if ((facts.mode & 0o6000) !== 0 || capable)
      throw new DevmendError('program-privileged', { path: original });
  } catch (error) {
    throw asDevmendError(error, original);
  }
}

async function runPatchelf(
  tool: string,
  args: readonly string[],
  context: ChangeContext,
): Promise<void> {
  context.emit({ type: 'output', stream: 'command', text: commandLine(tool, args) });
  const [file, ...rest] = await endingWithUs([tool, ...args]);
  const command = {
    file,
    args: rest,
    environment: TOOL_ENVIRONMENT,
    timeoutMs: PATCHELF_LIMIT_MS,
  };
  let outcome: CommandOutcome;
  try {
    outcome = await context.machine.run(
      command,
      (text) => context.emit({ type: 'output', stream: 'data', text }),
      context.signal,
    );
  } catch (error) {
    throw DevmendError.from(
      { code: 'tool-missing', params: { tool: 'patchelf' }, correlationId: '' },
      error,
    );
  }
  judge(outcome, args[args.length - 1] ?? '');
}

function judge(outcome: CommandOutcome, path: string): void {
  if (outcome.cancelled) throw new DevmendError('cancelled');
  const tool = 'patchelf';
  if (outcome.timedOut)
    throw new DevmendError('tool-timed-out', { tool, seconds: PATCHELF_LIMIT_MS / 1000 });
  if (/No space left on device|Disk quota exceeded/.test(outcome.output))
    throw new DevmendError('disk-full', { path });
  if (outcome.exitCode === 0) return;
  const last = outcome.output.trim().split(/\r?\n/).slice(-1)[0] ?? '';
  const detail = outcome.signal ?? (last === '' ? `status ${outcome.exitCode}` : last);
  throw new DevmendError('tool-crashed', { tool, detail });
}
