import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { DiffLine, ElfPatch } from '../../../shared/plan.ts';
import { LoaderSession } from '../elf/loader.ts';
import { readElf } from '../elf/read.ts';
import { checkEditedElf } from '../elf/structure.ts';
import type { ElfFile } from '../elf/types.ts';
import type { ChangeContext } from './change.ts';

/** The file must be the one that the plan was made for, and be safe to edit. */
export function requireUnedited(original: string, staged: string, patch: ElfPatch): void {
  const elf = read(staged, original);
  const rpath = elf.hasRunpath ? elf.runpath : elf.rpath;
  const same =
    elf.interpreter === patch.interpreter.before &&
    rpath.join(':') === patch.rpath.before.join(':');
  if (!same) throw new DevmendError('target-changed', { path: original });
  // patchelf would move or cut off what Bun, pkg or PyInstaller put behind the segments.
  if (elf.appendedPayload !== null)
    throw new DevmendError('program-appended-payload', { path: original });
}

/** What patchelf wrote, checked before anything can run it. */
export function checkEdited(
  original: string,
  staged: string,
  patch: ElfPatch,
  context: ChangeContext,
): void {
  requirePatched(staged, patch, original);
  requireStructure(original, staged, patch, context);
  requireStarts(original, staged, context);
}

/** Everything the loader reads lies where it can be read, and nothing else has changed. */
function requireStructure(
  original: string,
  staged: string,
  patch: ElfPatch,
  context: ChangeContext,
): void {
  const checked = checkEditedElf(original, staged, {
    interpreter: patch.interpreter.after,
    rpath: patch.rpath.after,
  });
  if (!checked.ok)
    throw new DevmendError('structural-check-failed', {
      path: original,
      what: `${checked.error.rule} (${checked.error.detail})`,
    });
  const { tables } = checked.value;
  context.emit({ type: 'note', note: message('change.note.structure', { tables }) });
}

/** The loader simulation of the edited file, where it will find its libraries. */
function requireStarts(original: string, staged: string, context: ChangeContext): void {
  const report = new LoaderSession(context.machine.root).simulate(staged);
  const versions = report.versionErrors.filter((error) => !error.weak);
  context.emit({
    type: 'note',
    note: message('change.note.simulated', {
      libraries: report.objects.length,
      missing: versions.length,
    }),
  });
  if (report.verdict === 'starts') return;
  const what = [
    ...report.missing.map(({ soname }) => soname),
    ...versions.map(({ library, version }) => `${library} ${version}`),
    ...report.symbolErrors.map(({ symbol }) => symbol),
    ...(report.reason === null ? [] : [report.reason]),
  ];
  throw new DevmendError('simulation-failed', { path: original, what: what.join(', ') });
}

/** Reads back that a file is pointed where the patch says. What cannot be read was written so. */
export function requirePatched(path: string, patch: ElfPatch, named: string): void {
  const written = readElf(path);
  if (!written.ok)
    throw new DevmendError('structural-check-failed', { path: named, what: written.error.detail });
  const elf = written.value;
  if (elf.interpreter !== patch.interpreter.after)
    throw new DevmendError('verification-failed', { path: named, what: 'PT_INTERP' });
  if (elf.rpath.join(':') !== patch.rpath.after.join(':') || elf.hasRunpath)
    throw new DevmendError('verification-failed', { path: named, what: 'DT_RPATH' });
}

function read(path: string, named: string): ElfFile {
  const elf = readElf(path);
  if (elf.ok) return elf.value;
  throw new DevmendError('malformed-elf', {
    path: named,
    detail: elf.error.detail,
    offset: elf.error.offset ?? 0,
  });
}

/** The fields of one file that change, as lines of a diff. */
export function patchDiff(patch: ElfPatch): DiffLine[] {
  const { interpreter, rpath } = patch;
  return [
    line('-', `interpreter  ${interpreter.before}`),
    ...(rpath.before.length === 0 ? [] : [line('-', `rpath        ${rpath.before.join(':')}`)]),
    line('+', `interpreter  ${interpreter.after}`),
    line('+', `rpath        ${rpath.after.join(':')}`),
  ];
}

/** The same for the files of a tree: those that change alike are named together, above their change. */
export function treePatchDiff(patches: readonly ElfPatch[]): DiffLine[] {
  const alike = new Map<string, ElfPatch[]>();
  for (const patch of patches) {
    const key = JSON.stringify([patch.interpreter, patch.rpath]);
    alike.set(key, [...(alike.get(key) ?? []), patch]);
  }
  return [...alike.values()].flatMap((group) => [
    ...(patches.length === 1 ? [] : group.map(({ path }) => line(' ', path))),
    ...group.slice(0, 1).flatMap(patchDiff),
  ]);
}

function line(sign: DiffLine['sign'], text: string): DiffLine {
  return { sign, line: null, text };
}
