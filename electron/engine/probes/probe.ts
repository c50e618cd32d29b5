import type { ProbeData, ProbeId, ProbeProblem, ProbeStatus } from '../../../shared/snapshot.ts';
import type { Machine } from '../machine.ts';

/** What a probe answers; `data` is null only for `denied` and `failed`. */
export interface ProbeAnswer<Id extends ProbeId> {
  readonly status: ProbeStatus;
  readonly problems: readonly ProbeProblem[];
  readonly data: ProbeData<Id> | null;
}

export interface ProbeContext {
  readonly machine: Machine;
  readonly signal: AbortSignal;
  /** Programs the user named with `--program` or in the settings. */
  readonly programs: readonly string[];
  /** The answer of a probe listed in `after`; null where that one has no data. */
  readonly result: <Id extends ProbeId>(id: Id) => ProbeData<Id> | null;
}

/** Reads one area of the machine and returns plain data. Never writes, never judges. */
export interface Probe<Id extends ProbeId = ProbeId> {
  readonly id: Id;
  /** Probes whose answers this one reads; they run before it. */
  readonly after: readonly ProbeId[];
  readonly timeoutMs: number;
  readonly run: (context: ProbeContext) => Promise<ProbeAnswer<Id>>;
}
