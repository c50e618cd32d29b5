import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, CommandOutcome } from '../command.ts';
import type { TraceRequest } from '../inspection.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { commandLine } from '../verify/trial-run.ts';
import { follow, openLog } from './follow.ts';
import { endLeftovers, ticksNow } from './leftovers.ts';
import { readLoaderLog, type LoadedImage } from './loader-log.ts';
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
  /** Processes that could not be ended. */
  readonly left: number;
}

/** What ld.so is asked to tell; symbols and bindings would be hundreds of megabytes. */
const LD_DEBUG = 'libs,files,versions';

/** Unknown ones are skipped (`?`): not every architecture has all of them. */
const CALLS = [
  ...['openat', 'open', 'readlink', 'readlinkat', 'mmap', 'stat', 'lstat', 'statx', 'newfstatat'],
  ...['access', 'faccessat', 'faccessat2', 'execve', 'execveat', 'clone', 'clone3', 'fork'],
  ...['vfork', 'exit_group'],
];

/** A loader log longer than this is of a program that opens plugins all the time. */
const LOADER_LOG_LIMIT = 16 * 1024 * 1024;
const MOST_LOADER_LOGS = 2_000;

/**
 * Runs the program with what watches it, in a private directory that is
 * removed again, and ends everything that it has started. The program's own
 * output and the watcher's lines go to the job's terminal as they come.
 */
export async function launch(
  request: TraceRequest,
  tools: TraceTools,
  machine: Machine,
  job: JobContext,
): Promise<Launched> {
  const directory = fs.mkdtempSync(join(tmpdir(), 'devmend-trace-'));
  const since = ticksNow();
  try {
    const command = commandFor(request, tools, machine, directory);
    const strace = tools.strace === null ? null : new StraceLog();
    const following = follow(join(directory, 'calls'), job, (line) => strace?.add(line));
    const shown = commandLine(request.program, request.arguments);
    job.emit({ type: 'output', stream: 'command', text: shown });
    const began = Date.now();
    const signal = either(job.signal, following.overflow);
    const ran = await run(command, request.program, machine, { ...job, signal });
    const ms = Date.now() - began;
    following.stop();
    const pids = new Set(
      [...(strace?.processes.values() ?? [])]
        .filter(({ exit, watched }) => watched && exit === null)
        .map(({ pid }) => pid),
    );
    const left = await endLeftovers({ directory, pids, since });
    return {
      ...ran,
      strace,
      ltrace: tools.strace === null ? following.lines() : [],
      loader: loaderLogs(directory),
      ms,
      cut: following.overflow.aborted,
      left,
    };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
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

function loaderLogs(directory: string): ReadonlyMap<number, readonly LoadedImage[]> {
  const logs = new Map<number, readonly LoadedImage[]>();
  const names = fs.readdirSync(directory).filter((name) => /^ld\.\d+$/.test(name));
  for (const name of names.slice(0, MOST_LOADER_LOGS)) {
    logs.set(Number(name.slice(3)), readLoaderLog(head(join(directory, name))));
  }
  return logs;
}

/** Empty for what is no file that can be read: the program may have put anything there. */
function head(path: string): string {
  let file: number;
  try {
    file = openLog(path);
  } catch {
    return '';
  }
  try {
    const size = Math.min(fs.fstatSync(file).size, LOADER_LOG_LIMIT);
    const bytes = Buffer.alloc(size);
    return bytes.toString('utf8', 0, fs.readSync(file, bytes, 0, size, 0));
  } finally {
    fs.closeSync(file);
  }
}
