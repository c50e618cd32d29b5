import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { DevmendError } from '../../../shared/error.ts';

/** Where the system keeps its own tools; PATH is never asked, it belongs to the user. */
const TOOL_DIRECTORIES = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'] as const;

/** Environment of every tool: nothing inherited, so that nothing can bend its output. */
export const TOOL_ENVIRONMENT = { LC_ALL: 'C', PATH: TOOL_DIRECTORIES.join(':') } as const;

export interface ToolOutcome {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Absolute path of a system tool, or null where it is not installed. */
export async function findTool(name: string): Promise<string | null> {
  for (const directory of TOOL_DIRECTORIES) {
    const path = `${directory}/${name}`;
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return null;
}

/**
 * Runs a quiet tool that only reads (getfattr, lsattr) to its end and returns what it
 * printed. One that outlives us does no harm, so nothing watches over it.
 */
export async function readWithTool(
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<ToolOutcome> {
  return spawnTool(file, args, options);
}

/**
 * Runs a quiet tool that writes (cp, touch …) to its end and returns what it printed.
 * The signal ends it with SIGKILL: what it was writing is a temporary.
 */
async function writeWithTool(
  file: string,
  args: readonly string[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<ToolOutcome> {
  const [program, ...rest] = await endingWithUs(await startedByUs([file, ...args]));
  return spawnTool(program, rest, options);
}

type CommandLine = readonly [string, ...string[]];

/**
 * A tool must not outlive a Devmend that is killed: a cp or patchelf that goes on would
 * write into what recovery is removing. setpriv (util-linux) asks the kernel to end it.
 */
export async function endingWithUs(command: CommandLine): Promise<CommandLine> {
  const setpriv = await findTool('setpriv');
  return setpriv === null ? command : [setpriv, '--pdeathsig', 'KILL', '--', ...command];
}

/**
 * The kernel is asked only after the fork: a Devmend killed in between would leave the
 * tool running. So it first looks whether its parent is still the one that started it.
 */
async function startedByUs(command: CommandLine): Promise<CommandLine> {
  const shell = await findTool('sh');
  if (shell === null) return command;
  return [shell, '-c', '[ "$PPID" = "$0" ] && exec "$@"', String(process.pid), ...command];
}

async function spawnTool(
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly signal?: AbortSignal },
): Promise<ToolOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd ?? '/',
      env: TOOL_ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const stop = (): void => void child.kill('SIGKILL');
    if (options.signal?.aborted === true) stop();
    options.signal?.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      options.signal?.removeEventListener('abort', stop);
      resolve({
        exitCode,
        signal,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
  });
}

/** Runs a tool that every Linux has (coreutils); throws DevmendError when it fails. */
export async function runCoreTool(
  name: string,
  args: readonly string[],
  target: string,
  signal?: AbortSignal,
): Promise<Buffer> {
  const file = await findTool(name);
  if (file === null) throw new DevmendError('tool-missing', { tool: name });
  const outcome = await writeWithTool(file, args, signal === undefined ? {} : { signal });
  if (outcome.exitCode === 0) return outcome.stdout;
  if (signal?.aborted === true) throw new DevmendError('cancelled');
  throw toolFailure(name, outcome, target);
}

/** The errno texts of LC_ALL=C are stable: they are part of glibc's and musl's C locale. */
function toolFailure(name: string, outcome: ToolOutcome, target: string): DevmendError {
  const detail = outcome.stderr.trim().split('\n').slice(-1)[0] ?? '';
  if (/No space left on device|Disk quota exceeded/.test(outcome.stderr))
    return new DevmendError('disk-full', { path: target });
  if (/Read-only file system/.test(outcome.stderr))
    return new DevmendError('read-only-file-system', { path: target });
  if (/Operation not permitted/.test(outcome.stderr))
    return new DevmendError('target-immutable', { path: target });
  if (/File name too long/.test(outcome.stderr))
    return new DevmendError('path-too-long', { path: target });
  if (/Permission denied/.test(outcome.stderr))
    return new DevmendError('not-permitted', { path: target, detail });
  if (outcome.signal !== null)
    return new DevmendError('tool-crashed', { tool: name, detail: outcome.signal });
  return new DevmendError('io', { path: target, detail: `${name}: ${detail}` });
}
