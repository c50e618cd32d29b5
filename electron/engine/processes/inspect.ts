import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fail, ok, type ErrorData, type Result } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { ProcessFacts, ProcessReport } from '../../../shared/process.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { pause } from '../probes/pause.ts';
import { processFacts, SILENT_MOUNT, type Surroundings } from './facts.ts';
import { LibcReader } from './mapped-libc.ts';
import { valueOf } from './proc-files.ts';
import { processNumbers, readEntry, startClock } from './status.ts';
import { editorsOf, isEditorMain, Surveyor, withParents, type Subject } from './subject.ts';
import { systemLibc } from './system-libc.ts';
import { userNames } from './users.ts';
import { worldsOf } from './worlds.ts';

export interface ProcessOptions {
  /** Every process, not only those of editors and Go tools. */
  readonly all?: boolean;
  /** How this program is called as root, `sudo` included; for {@link ProcessReport.asRoot}. */
  readonly asRoot?: string;
  /** Where procfs is mounted. */
  readonly proc?: string;
  /** How long a network file system has to show that it answers, in milliseconds. */
  readonly patience?: number;
}

/** The kernel's own limit on 64-bit is 4 million; an answer of this length serves nobody. */
const MOST_PROCESSES = 20_000;
/** How many processes are read between two turns of the event loop. */
const AT_ONCE = 16;

/**
 * Looks into the running processes of editors and Go tools: which C library
 * each has mapped, in which surroundings it runs, and what was replaced since
 * it started. Reads `/proc` and nothing else; what only root may see is
 * answered as not permitted. Fails with other-root, no-procfs or cancelled.
 */
export async function inspectProcesses(
  machine: Machine,
  job: JobContext,
  options: ProcessOptions = {},
): Promise<Result<ProcessReport, ErrorData>> {
  if (machine.root !== '/') return fail('other-root', { path: machine.root });
  job.emit({ type: 'phase', phase: message('process.phase.listing') });
  const now = machine.clock();
  const proc = options.proc ?? '/proc';
  try {
    const subjects = await survey(proc, options, job);
    if (subjects.length === 0) return fail('no-procfs', { path: proc });
    const editors = editorsOf(subjects);
    const shown = inOrder(
      subjects.filter((subject) => options.all === true || isRelevant(subject, editors)),
      editors,
    );
    job.emit({ type: 'phase', phase: message('process.phase.reading') });
    const reader = new LibcReader();
    const system = systemLibc(machine, reader);
    const around = surroundings(proc, now, subjects, reader, system.path);
    const processes: ProcessFacts[] = [];
    for (const [index, subject] of shown.entries()) {
      if (index % AT_ONCE === 0) await pause(job.signal);
      processes.push(processFacts(subject, editors.get(subject.entry.pid) ?? null, around));
      job.emit({ type: 'progress', done: index + 1, total: shown.length });
    }
    const notPermitted = subjects.filter((one) => !one.permitted && !hasEnded(one)).length;
    const hidden = notPermitted > 0 || processes.some(isHiddenInPart);
    const command = `${options.asRoot ?? `sudo ${installedCommand()}`} processes${options.all === true ? ' --all' : ''}`;
    return ok({
      schema: 'devmend.processes/1',
      takenAt: now.toISOString(),
      processes,
      notPermitted,
      asRoot: hidden && machine.user.uid !== 0 ? command : null,
      system: { version: system.version, buildId: system.buildId },
    });
  } catch (error) {
    if (job.signal.aborted) return fail('cancelled');
    throw error;
  }
}

/** The window has no command of its own to name: the one that its package installs. */
function installedCommand(): string {
  const path = '/usr/bin/devmend';
  return existsSync(path) ? path : 'devmend';
}

async function survey(
  proc: string,
  { patience }: ProcessOptions,
  { signal }: JobContext,
): Promise<readonly Subject[]> {
  const numbers = processNumbers(proc).slice(0, MOST_PROCESSES);
  const limits = { signal, ...(patience === undefined ? {} : { patience }) };
  const surveyor = new Surveyor(await worldsOf(proc, numbers, limits), process.pid);
  const subjects: Subject[] = [];
  for (const [index, pid] of numbers.entries()) {
    if (index % AT_ONCE === 0) await pause(signal);
    const entry = readEntry(proc, pid);
    if (entry !== null) subjects.push(surveyor.survey(entry));
  }
  return withParents(subjects);
}

/** Root would see more of it. */
function isHiddenInPart({ status, problems }: ProcessFacts): boolean {
  return status === 'partial' && problems.some(({ key }) => key !== SILENT_MOUNT);
}

function hasEnded({ entry }: Subject): boolean {
  return entry.state === 'Z' || entry.state === 'X';
}

function isRelevant(subject: Subject, editors: ReadonlyMap<number, number>): boolean {
  if (hasEnded(subject)) return false;
  // What cannot be told is shown, lest an editor be missing from the list.
  if (subject.permitted && subject.silent !== null) return true;
  return subject.role !== 'other' || subject.layout !== null || editors.has(subject.entry.pid);
}

/** Editors first, each followed by what it started, depth first; then the others by number. */
function inOrder(
  subjects: readonly Subject[],
  editors: ReadonlyMap<number, number>,
): readonly Subject[] {
  const children = new Map<number, Subject[]>();
  for (const subject of subjects) {
    const siblings = children.get(subject.entry.parent) ?? [];
    siblings.push(subject);
    children.set(subject.entry.parent, siblings);
  }
  const placed = new Set<Subject>();
  // Not by recursion: a chain of thousands of processes is easily made.
  const place = (start: Subject): void => {
    const waiting = [start];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (placed.has(at)) continue;
      placed.add(at);
      waiting.push(...(children.get(at.entry.pid) ?? []).slice().reverse());
    }
  };
  for (const subject of subjects) {
    if (isEditorMain(subject) && editors.get(subject.entry.pid) === subject.entry.pid)
      place(subject);
  }
  for (const subject of subjects) placed.add(subject);
  return [...placed];
}

function surroundings(
  proc: string,
  now: Date,
  subjects: readonly Subject[],
  reader: LibcReader,
  systemPath: string | null,
): Surroundings {
  const inits = new Map<string, string>();
  for (const { entry, environment } of subjects) {
    const namespace = valueOf(entry.files.link('ns/pid'));
    const container = environment.get('container');
    if (namespace !== null && container !== undefined && isInit(entry.files))
      inits.set(namespace, container);
  }
  return {
    reader,
    userName: userNames(),
    startOf: startClock(proc, now),
    initContainer: ({ entry }) => inits.get(valueOf(entry.files.link('ns/pid')) ?? '') ?? null,
    systemLibrary: systemPath === null ? null : dirname(systemPath),
  };
}

/** Number 1 in the innermost of its pid namespaces. */
function isInit(files: Subject['entry']['files']): boolean {
  const status = valueOf(files.bytes('status', 65536))?.toString('latin1') ?? '';
  return /^NSpid:(?:\t\d+)*\t1$/m.test(status);
}
