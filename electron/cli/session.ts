import { lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fail, ok, type ErrorData, type Result } from '../../shared/error.ts';
import type { Snapshot } from '../../shared/snapshot.ts';
import { fileFailure } from '../engine/file-failure.ts';
import { hostMachine } from '../engine/host.ts';
import type { JobContext } from '../engine/job.ts';
import type { Machine } from '../engine/machine.ts';
import { createPipeline } from '../engine/create-pipeline.ts';
import type { Pipeline, ScanOutcome } from '../engine/pipeline.ts';
import { loadSnapshot } from '../engine/probes/snapshot-text.ts';
import { readSettings } from '../engine/settings.ts';
import { errorView, type AnswerOptions, type CommandContext } from './context.ts';
import { interruptible } from './interrupt.ts';
import { logReporter, silentReporter, statusReporter, type Reporter } from './progress.ts';
import { say } from './render/view.ts';

/** Options by which a command is told what to examine. */
export interface TargetOptions {
  readonly root?: string;
  readonly home?: string;
  readonly program?: readonly string[];
}

/** A machine and the pipeline that works on it. */
export interface Session {
  readonly machine: Machine;
  readonly pipeline: Pipeline;
}

/** Opens a session on this machine, or on another root beside it. */
export function openSession(options: TargetOptions = {}): Session {
  const machine = hostMachine({
    ...(options.root === undefined ? {} : { root: options.root }),
    ...(options.home === undefined ? {} : { home: options.home }),
  });
  return { machine, pipeline: createPipeline(machine) };
}

/** How a job is shown, and whether stopping it means putting something back, or ending something. */
export type JobManner = 'reading' | 'writing' | 'launching';

/** What a person is told who asks to stop, and who asks again; jobs that only read end at once. */
const STOPPING = {
  writing: { first: 'cli.stopping', again: 'cli.still-stopping' },
  launching: { first: 'cli.trace.stopping', again: 'cli.trace.still-stopping' },
} as const;

/** Runs a job of the pipeline with progress on stderr and signals that stop it safely. */
export async function runJob<T>(
  context: CommandContext,
  options: AnswerOptions,
  manner: JobManner,
  work: (job: JobContext) => Promise<T>,
): Promise<T> {
  const { err } = context.console;
  const reporter = reporterFor(context, options, manner);
  const view = errorView(context);
  const words = manner === 'reading' ? null : STOPPING[manner];
  try {
    return await interruptible(
      {
        onStopping: () => {
          reporter.end();
          if (words !== null) err.lines([say(view, words.first)]);
        },
        onImpatience: words === null ? null : () => err.lines([say(view, words.again)]),
      },
      (signal) => work({ emit: reporter.emit, signal }),
    );
  } finally {
    reporter.end();
  }
}

function reporterFor(context: CommandContext, options: AnswerOptions, manner: JobManner): Reporter {
  const { err, language } = context.console;
  if (manner === 'reading') return statusReporter(err, language);
  return options.json === true && !err.isTerminal ? silentReporter : logReporter(err, language);
}

export interface ScanRequest extends TargetOptions, AnswerOptions {
  readonly only?: readonly string[];
  readonly snapshot?: Snapshot;
}

/** Scans with the programs named on the command line and those of the settings. */
export async function scan(
  context: CommandContext,
  session: Session,
  request: ScanRequest,
): Promise<Result<ScanOutcome, ErrorData>> {
  const absent = await absentPlace(session.machine, request);
  if (absent !== null) return fail('file-not-found', { path: absent });
  const programs = await programsOf(session, request);
  return runJob(context, request, 'reading', (job) =>
    session.pipeline.scan(
      {
        programs,
        ...(request.only === undefined ? {} : { only: request.only }),
        ...(request.snapshot === undefined ? {} : { snapshot: request.snapshot }),
      },
      job,
    ),
  );
}

/** A root or home that was named and is no directory: an empty answer would look like a good one. */
async function absentPlace(machine: Machine, named: ScanRequest): Promise<string | null> {
  if (named.snapshot !== undefined) return null;
  if (named.root !== undefined && !(await isDirectory(machine.root))) return named.root;
  const home = join(machine.root, machine.home);
  return named.home === undefined || (await isDirectory(home)) ? null : named.home;
}

/** What cannot be looked at may be one: the probes tell. A link may lead on inside the root. */
async function isDirectory(path: string): Promise<boolean> {
  try {
    const facts = await lstat(path);
    return facts.isDirectory() || facts.isSymbolicLink();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}

/** The programs to look at besides those a scan finds: named now, or added in the settings. */
export async function programsOf(
  session: Session,
  request: TargetOptions,
): Promise<readonly string[]> {
  const { settings } = await readSettings(session.machine.directories.config);
  const named = (request.program ?? []).map((path) => absoluteProgram(session.machine, path));
  return [...new Set([...named, ...settings.programs])];
}

/** Relative to the working directory on this machine, to the root in another one. */
function absoluteProgram(machine: Machine, path: string): string {
  return machine.root === '/' ? resolve(path) : resolve('/', path);
}

/** Reads a snapshot that was saved before, here or on another machine. */
export async function readSnapshot(path: string): Promise<Result<Snapshot, ErrorData>> {
  const text = await readText(path);
  if (!text.ok) return text;
  return loadSnapshot(text.value, path);
}

/** Reads a file that the person named on the command line. */
export async function readText(path: string): Promise<Result<string, ErrorData>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    return fileFailure(error, path, 'file-unreadable');
  }
}

/** Writes a file that the person named; never over another one by half. */
export async function writeText(path: string, text: string): Promise<Result<null, ErrorData>> {
  const staged = (await isReplaceable(path)) ? `${path}.${process.pid}.part` : path;
  try {
    await writeFile(staged, text, { mode: 0o600 });
    if (staged !== path) await rename(staged, path);
    return ok(null);
  } catch (error) {
    if (staged !== path) await rm(staged, { force: true });
    const code = error instanceof Error && 'code' in error ? error.code : '';
    // The file itself need not be there; what is missing is where it should go.
    return fileFailure(error, code === 'ENOENT' ? dirname(path) : path, 'io');
  }
}

/** A terminal, a pipe or a link is written through; only a file, or nothing, is replaced. */
async function isReplaceable(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch {
    return true;
  }
}

/** The value of a JSON text; null, which no schema here accepts, when it is none. */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
