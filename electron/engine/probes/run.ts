import { performance } from 'node:perf_hooks';
import { message } from '../../../shared/message.ts';
import type { ProbeId, Snapshot } from '../../../shared/snapshot.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { openFiles } from './files.ts';
import { openLoader } from './loader.ts';
import type { Probe, ProbeAnswer, ProbeContext } from './probe.ts';
import { errnoOf, problem, problemOfError, type ProblemCode } from './problems.ts';
import { probes as allProbes } from './registry.ts';

export interface ProbeOptions {
  /** Programs the user named, absolute paths inside the root. */
  readonly programs: readonly string[];
  /** Probes to run; those they build on run too. All when left out. */
  readonly only?: readonly ProbeId[];
  /** Told what is known while a probe is still at work, so that first findings come early. */
  readonly onPartial?: (snapshot: Snapshot) => void;
}

type Slots = Snapshot['probes'];
type Slot = Slots[ProbeId];

/**
 * Runs the probes one after the other and answers what they learned. Never
 * rejects: a probe that throws, or is past its time limit, answers `failed` in
 * its own place; after a cancel the rest answer `failed` with code `cancelled`,
 * and the caller knows from `job.signal`. Emits `phase` and `progress`.
 */
export async function runProbes(
  machine: Machine,
  options: ProbeOptions,
  job: JobContext,
  probes: readonly Probe[] = allProbes,
): Promise<Snapshot> {
  const asked = withPrerequisites(probes, options.only ?? probes.map((probe) => probe.id));
  const slots = emptySlots();
  const files = openFiles(machine.root);
  const shared = { machine, files, loader: openLoader(machine, files) };
  const takenAt = machine.clock().toISOString();
  const snapshot = (): Snapshot => snapshotOf(machine, takenAt, slots);
  for (const [done, probe] of asked.entries()) {
    job.emit({ type: 'phase', phase: message(`probe.phase.${probe.id}`) });
    job.emit({ type: 'progress', done, total: asked.length });
    const started = performance.now();
    const fill = (answer: ProbeAnswer<ProbeId>): void =>
      fillSlot(slots, probe.id, answer, performance.now() - started);
    const answer = await runOne(probe, job.signal, (signal) => ({
      ...shared,
      signal,
      programs: options.programs,
      result: (id) => slots[id].data,
      partial: (data) => {
        if (signal.aborted) return;
        fill({ status: 'partial', problems: [], data });
        options.onPartial?.(snapshot());
      },
    }));
    // What a probe that was stopped had told by then is kept.
    const kept = slots[probe.id].data;
    fill(
      answer.data === null && kept !== null ? { ...answer, status: 'partial', data: kept } : answer,
    );
  }
  job.emit({ type: 'progress', done: asked.length, total: asked.length });
  return snapshot();
}

/** The asked probes and what they build on, each behind its prerequisites. */
function withPrerequisites(probes: readonly Probe[], only: readonly ProbeId[]): readonly Probe[] {
  const ordered = new Set<Probe>();
  const add = (id: ProbeId): void => {
    const probe = probes.find((candidate) => candidate.id === id);
    if (probe === undefined || ordered.has(probe)) return;
    probe.after.forEach(add);
    ordered.add(probe);
  };
  only.forEach(add);
  return [...ordered];
}

/** Runs one probe until it answers, throws, is cancelled or its time is over. */
async function runOne(
  probe: Probe,
  cancel: AbortSignal,
  contextFor: (signal: AbortSignal) => ProbeContext,
): Promise<ProbeAnswer<ProbeId>> {
  if (cancel.aborted) return gaveUp('cancelled', '');
  const controller = new AbortController();
  const stop = (code: ProblemCode): void => controller.abort(code);
  const onCancel = (): void => stop('cancelled');
  const timer = setTimeout(() => stop('timed-out'), probe.timeoutMs);
  cancel.addEventListener('abort', onCancel, { once: true });
  // A probe that does not look at its signal is left behind; its answer then counts no more.
  const stopped = new Promise<ProbeAnswer<ProbeId>>((resolve) => {
    controller.signal.addEventListener('abort', () =>
      resolve(gaveUp(cancel.aborted ? 'cancelled' : 'timed-out', `${probe.timeoutMs} ms`)),
    );
  });
  try {
    return await Promise.race([probe.run(contextFor(controller.signal)), stopped]);
  } catch (error) {
    if (controller.signal.aborted) return await stopped;
    const reason = problemOfError(error, null);
    return {
      status: errnoOf(error) === 'EACCES' ? 'denied' : 'failed',
      problems: [reason],
      data: null,
    };
  } finally {
    clearTimeout(timer);
    cancel.removeEventListener('abort', onCancel);
  }
}

function gaveUp(code: ProblemCode, detail: string): ProbeAnswer<ProbeId> {
  return { status: 'failed', problems: [problem(code, null, detail)], data: null };
}

function emptySlots(): Slots {
  const slot = <Id extends ProbeId>(): Slots[Id] & { data: null } => ({
    status: 'failed',
    problems: [problem('unsupported', null, 'not asked for')],
    ms: 0,
    data: null,
  });
  return {
    distribution: slot(),
    kernel: slot(),
    libc: slot(),
    editors: slot(),
    'editor-settings': slot(),
    'go-tools': slot(),
    programs: slot(),
    packages: slot(),
    components: slot(),
    'go-extension': slot(),
  };
}

function fillSlot(slots: Slots, id: ProbeId, answer: ProbeAnswer<ProbeId>, ms: number): void {
  const slot = { ...answer, problems: [...answer.problems], ms: Math.round(ms * 10) / 10 };
  // A probe's `run` is typed by its own id; a list of probes forgets which id goes with which data.
  (slots as Record<ProbeId, Slot>)[id] = slot as Slot;
}

function snapshotOf(machine: Machine, takenAt: string, slots: Slots): Snapshot {
  return {
    schema: 'devmend.snapshot/1',
    takenAt,
    devmend: machine.version,
    root: machine.root,
    home: machine.home,
    user: { ...machine.user },
    probes: { ...slots },
  };
}
