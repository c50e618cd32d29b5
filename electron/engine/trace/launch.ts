import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DevmendError, fail, ok, type ErrorData, type Result } from '../../../shared/error.ts';
import type { Command, CommandOutcome } from '../command.ts';
import { fileFailure } from '../file-failure.ts';
import type { TraceRequest } from '../inspection.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { commandLine } from '../verify/trial-run.ts';
import { follow } from './follow.ts';
import { endLeftovers, ticksNow } from './leftovers.ts';
import { loaderLogs, watchLoaderLogs } from './loader-files.ts';
import type { LoadedImage } from './loader-log.ts';
import { isForKernel } from './program-file.ts';
import { StraceLog } from './strace-log.ts';
import type { TraceTools } from './tools.ts';

/** What a launch left to read, once everything it started has ended. */
export interface Launched {
  readonly outcome: CommandOutcome | null;
  /** Why it could not even be started (`ENOENT`, `EACCES`); only without a tracer. */
  readonly startError: string | null;
  readonly strace: StraceLog | null;
  /** Lines of ltrace: calls of dlopen and dlsym. */
  readonly ltrace: readonly string[];
  /** What ld.so wrote, by process. */
  readonly loader: ReadonlyMap<number, readonly LoadedImage[]>;
  readonly ms: number;
  /** The log grew too large to be read to its end. */
  readonly cut: boolean;
  /** Of what ld.so wrote only the beginning was read. */
  readonly loaderCut: boolean;
  /** Processes that could not be ended. */
  readonly left: number;
}

/** What ld.so is asked to tell; symbols and bindings would be hundreds of megabytes. */
const LD_DEBUG = 'libs,files,versions';

/** Unknown ones are skipped (`?`): not every architecture has all of them. */
const CALLS = [
  ...['openat', 'open', 'readlink', 'readlinkat', 'mmap', 'stat', 'lstat', 'statx', 'newfstatat'],
  ...['access', 'faccessat', 'faccessat2', 'execve', 'execveat', 'clone', 'clone3', 'fork'],
  ...['vfork', 'exit_group', 'ioctl'],
];

/**
 * Runs the program with what watches it, in a private directory that is
 * removed again, and ends everything that it has started. The program's own
 * output and the watcher's lines go to the job's terminal as they come. Throws
 * a DevmendError where there is no room for that directory.
 */
export async function launch(
  request: TraceRequest,
  tools: TraceTools,
  machine: Machine,
  job: JobContext,
): Promise<Launched> {
  const made = privateDirectory();
  if (!made.ok) throw DevmendError.from(made.error);
  const directory = made.value;
  const since = ticksNow();
  try {
    const command = commandFor(request, tools, machine, directory);
    const strace = tools.strace === null ? null : new StraceLog();
    const following = follow(join(directory, 'calls'), job, (line) => strace?.add(line));
    const shown = commandLine(request.program, request.arguments);
    job.emit({ type: 'output', stream: 'command', text: shown });
    const began = Date.now();
    const watching = watchLoaderLogs(directory);
    const signal = either(job.signal, following.overflow, watching.overflow);
    const ran = await run(command, request.program, machine, { ...job, signal }).finally(() => {
      following.stop();
      watching.stop();
    });
    const ms = Date.now() - began;
    const pids = new Set(
      [...(strace?.processes.values() ?? [])]
        .filter(({ exit, watched }) => watched && exit === null)
        .map(({ pid }) => pid),
    );
    const left = await endLeftovers({ directory, pids, since });
    const { logs, cut } = loaderLogs(directory);
    return {
      ...ran,
      strace,
      ltrace: tools.strace === null ? following.lines() : [],
      loader: logs,
      ms,
      cut: following.overflow.aborted || watching.overflow.aborted,
      loaderCut: cut,
      left,
    };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/** Absolute: TMPDIR may be relative, and the program has a working directory of its own. */
function privateDirectory(): Result<string, ErrorData> {
  const path = resolve(tmpdir());
  try {
    return ok(fs.mkdtempSync(join(path, 'devmend-trace-')));
  } catch (error) {
    // Nobody has named it, so that "check its name" would help nobody.
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return isAbsent ? fail('io', { path, detail: 'ENOENT' }) : fileFailure(error, path, 'io');
  }
}

/** AbortSignal.any is younger than the oldest Node that Devmend runs on. */
function either(...signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) controller.abort();
    else signal.addEventListener('abort', () => controller.abort(), { once: true });
  }
  return controller.signal;
}

async function run(
  command: Command,
  program: string,
  machine: Machine,
  job: JobContext,
): Promise<Pick<Launched, 'outcome' | 'startError'>> {
  // execvp(3), by which programs are started here, hands what the kernel refuses to a shell.
  if (command.file === program && !isForKernel(program))
    return { outcome: null, startError: 'ENOEXEC' };
  try {
    const show = (text: string): void => job.emit({ type: 'output', stream: 'data', text });
    return { outcome: await machine.run(command, show, job.signal), startError: null };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { outcome: null, startError: code };
  }
}

/** The person's own environment, and the two variables that make ld.so talk. */
function commandFor(
  request: TraceRequest,
  tools: TraceTools,
  machine: Machine,
  directory: string,
): Command {
  const debug = { LD_DEBUG, LD_DEBUG_OUTPUT: join(directory, 'ld') };
  const words = [request.program, ...request.arguments];
  const log = join(directory, 'calls');
  const base = {
    cwd: request.workingDirectory ?? '/',
    environment: machine.environment,
    timeoutMs: request.timeLimitMs,
  };
  if (tools.strace !== null) {
    // Given to the program alone: strace itself is not what is looked at.
    const given = Object.entries(debug).flatMap(([name, value]) => ['-E', `${name}=${value}`]);
    const calls = `trace=${CALLS.map((name) => `?${name}`).join(',')}`;
    const args = ['-f', '-y', '-s', '4096', '-e', calls, '-o', log, ...given, '--', ...words];
    return { ...base, file: tools.strace, args };
  }
  const environment = { ...machine.environment, ...debug };
  if (tools.ltrace !== null) {
    const args = ['-f', '-e', 'dlopen@*+dlsym@*', '-s', '4096', '-o', log, '--', ...words];
    return { ...base, environment, file: tools.ltrace, args };
  }
  return { ...base, environment, file: request.program, args: request.arguments };
}
