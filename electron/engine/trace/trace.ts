import { lstatSync, statSync, type Stats } from 'node:fs';
import { DevmendError, fail, ok, type ErrorData, type Result } from '../../../shared/error.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { TraceExplanation, TraceReport } from '../../../shared/trace.ts';
import { readElf } from '../elf/read.ts';
import { fileFailure } from '../file-failure.ts';
import type { TraceRequest } from '../inspection.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { compare, simulate, type Simulated } from './compare.ts';
import { explain } from './explain.ts';
import { launch, type Launched } from './launch.ts';
import type { LoadedImage } from './loader-log.ts';
import { startedProgram } from './program-file.ts';
import { storiesOf, type ProcessStory } from './story.ts';
import { findTools, type TraceTools } from './tools.ts';

/**
 * Runs a program that a person chose, with their consent, under strace and with
 * LD_DEBUG, and explains how its start went. Without strace LD_DEBUG alone
 * tells; the report says so. Everything that it started has ended when this
 * resolves, and nothing stays in the temporary directory. Fails with
 * other-root, file-not-found, bad-request, or what keeps files from being written
 * there; a program that does not start is a report. `installed`: programs to
 * watch with, those of the machine when left out.
 */
export async function traceLaunch(
  machine: Machine,
  request: TraceRequest,
  job: JobContext,
  installed: TraceTools = findTools(),
): Promise<Result<TraceReport, ErrorData>> {
  if (machine.root !== '/') return fail('other-root', { path: machine.root });
  const { program } = request;
  if (!program.startsWith('/')) return fail('bad-request', { detail: program });
  const present = looked(program, lstatSync);
  if (!present.ok) return present;
  const tools = chosen(installed, request);
  const takenAt = machine.clock().toISOString();
  const simulated = simulate(program, machine, request.workingDirectory ?? '/');
  job.emit({ type: 'phase', phase: message('trace.phase.running', { program }) });
  try {
    let launched = await launch(request, tools, machine, job);
    const refused = hasSeenNothing(launched, job);
    // A container may forbid strace to watch; then it has not started the program either.
    if (refused) launched = await launch(request, NO_TOOLS, machine, job);
    job.emit({ type: 'phase', phase: message('trace.phase.explaining') });
    const used = refused ? NO_TOOLS : tools;
    return ok(
      reportOf({ machine, request, installed, tools: used, takenAt, simulated, launched, job }),
    );
  } catch (error) {
    if (error instanceof DevmendError) return { ok: false, error: error.data };
    throw error;
  }
}

/** A look at the program; a loop of links, or a directory that may not be searched, is an answer. */
function looked(path: string, look: (path: string) => Stats): Result<Stats, ErrorData> {
  try {
    return ok(look(path));
  } catch (error) {
    return fileFailure(error, path, 'file-unreadable');
  }
}

/** Two watchers cannot hold one program, and the program is run once. ltrace takes ELF programs only. */
function chosen(installed: TraceTools, { preferLtrace, program }: TraceRequest): TraceTools {
  const wanted = installed.ltrace !== null && (preferLtrace === true || installed.strace === null);
  const elf = wanted ? readElf(program) : null;
  return elf?.ok === true && elf.value.linkage === 'dynamic'
    ? { strace: null, ltrace: installed.ltrace }
    : { ...installed, ltrace: null };
}

const NO_TOOLS: TraceTools = { strace: null, ltrace: null };

function hasSeenNothing({ strace, outcome }: Launched, job: JobContext): boolean {
  const isStopped = job.signal.aborted || outcome?.timedOut === true;
  return strace !== null && strace.processes.size === 0 && !isStopped;
}

interface Traced {
  readonly machine: Machine;
  readonly request: TraceRequest;
  readonly installed: TraceTools;
  /** What was used of them. */
  readonly tools: TraceTools;
  readonly takenAt: string;
  readonly simulated: Simulated;
  readonly launched: Launched;
  readonly job: JobContext;
}

function reportOf(traced: Traced): TraceReport {
  const { request, tools, launched, simulated, job } = traced;
  const stories = storiesOf(request.program, launched);
  const first = stories[0] ?? null;
  const image = first?.images[0] ?? null;
  const simulation = compare(simulated, image, startedOf(first, image, launched));
  const end = {
    code: first?.end?.code ?? launched.outcome?.exitCode ?? null,
    signal: first?.end?.signal ?? launched.outcome?.signal ?? null,
    timedOut: launched.outcome?.timedOut === true,
    cancelled: job.signal.aborted,
    ms: launched.ms,
  };
  const explanations = explain({ request, launched, stories, simulation, end });
  return {
    schema: 'devmend.trace/1',
    takenAt: traced.takenAt,
    program: request.program,
    arguments: [...request.arguments],
    tools: { strace: tools.strace !== null, ltrace: tools.ltrace !== null },
    notes: [...notesOf(traced, image), ...terminalNote(stories, explanations)],
    end,
    processes: stories.map(({ pid, parent, program }) => ({ pid, parent, program })),
    loaded: loadedBy(first),
    explanations,
    simulation,
  };
}

/** Null where nobody could see whether the program itself came to run. */
function startedOf(
  first: ProcessStory | null,
  image: LoadedImage | null,
  { startError, ltrace }: Launched,
): boolean | null {
  if (startError !== null) return false;
  if (image !== null) return image.started;
  const executions = first?.calls?.executions ?? [];
  if (executions.length === 0) return ltrace.length > 0 ? true : null;
  if (executions.every(({ errno }) => errno !== null)) return false;
  return first?.end?.code === 127 ? null : true;
}

function loadedBy(first: ProcessStory | null): TraceReport['loaded'] {
  const loaded = new Map<string, 'at-start' | 'later'>();
  for (const { path, later } of (first?.images ?? []).flatMap(({ searches }) => searches)) {
    if (path !== null && !loaded.has(path)) loaded.set(path, later ? 'later' : 'at-start');
  }
  // A program whose loader tells nothing (musl, secure mode): what it mapped, in order.
  if (loaded.size === 0)
    for (const path of first?.calls?.mapped ?? []) loaded.set(path, 'at-start');
  return [...loaded].map(([path, opened]) => ({ path, opened }));
}

/**
 * That there was no terminal, for a program that asked for one and failed by its own account.
 * Many ask only to choose between colours and none, so that it is said as what may be the cause.
 */
function terminalNote(
  stories: readonly ProcessStory[],
  explanations: readonly TraceExplanation[],
): Message[] {
  if (!explanations.some(({ kind }) => kind === 'exit-status')) return [];
  const asking = stories.find(
    ({ calls, end }) => (calls?.withoutTerminal ?? null) !== null && end?.code !== 0,
  );
  const call = asking?.calls?.withoutTerminal ?? null;
  if (asking === undefined || call === null) return [];
  return [message('trace.note.no-terminal', { program: asking.program, call })];
}

const SETUID_OR_SETGID = 0o6000;

function notesOf(
  { request, installed, tools, launched, machine }: Traced,
  image: LoadedImage | null,
): Message[] {
  const notes: Message[] = [message('trace.note.environment')];
  // Of a link to nothing strace sees nothing either, without being kept from it.
  const isThere = looked(request.program, statSync).ok;
  if (installed.strace === null) notes.push(message('trace.note.no-strace'));
  else if (tools.strace === null && tools.ltrace === null && isThere)
    notes.push(message('trace.note.strace-refused'));
  if (tools.ltrace !== null) notes.push(message('trace.note.ltrace'));
  else if (installed.ltrace !== null && tools.strace !== null)
    notes.push(message('trace.note.no-ltrace'));
  const { path } = startedProgram(request.program);
  const stat = looked(path, statSync);
  const mode = stat.ok ? stat.value.mode : 0;
  const elf = readElf(path);
  if ((mode & SETUID_OR_SETGID) !== 0) {
    const key = machine.user.uid === 0 ? 'trace.note.secure' : 'trace.note.secure-dropped';
    notes.push(message(key, { path }));
  } else if (elf.ok && elf.value.linkage !== 'dynamic')
    notes.push(message('trace.note.static', { path }));
  else if (elf.ok && elf.value.libc === 'musl') notes.push(message('trace.note.musl', { path }));
  else if (elf.ok && image === null && launched.startError === null)
    notes.push(message('trace.note.silent'));
  if (launched.cut) notes.push(message('trace.note.cut'));
  if (launched.loaderCut) notes.push(message('trace.note.cut-off'));
  if (launched.left > 0) notes.push(message('trace.note.left', { count: launched.left }));
  return notes;
}
