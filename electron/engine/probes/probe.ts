import type { ProbeData, ProbeId, ProbeProblem, ProbeStatus } from '../../../shared/snapshot.ts';
import type { Machine } from '../machine.ts';
import type { Files } from './files.ts';
import type { Loader } from './loader.ts';

/** What a probe answers; `data` is null only for `denied` and `failed`. */
export interface ProbeAnswer<Id extends ProbeId> {
  readonly status: ProbeStatus;
  readonly problems: readonly ProbeProblem[];
  readonly data: ProbeData<Id> | null;
}

export interface ProbeContext {
  readonly machine: Machine;
  /** Reads below the machine's root; probes use no other way to files. */
  readonly files: Files;
  /** One loader for all probes of a scan, so that a library is read once. */
  readonly loader: Loader;
  readonly signal: AbortSignal;
  /** Programs the user named with `--program` or in the settings. */
  readonly programs: readonly string[];
  /** The answer of a probe listed in `after`; null where that one has no data. */
  readonly result: <Id extends ProbeId>(id: Id) => ProbeData<Id> | null;
  /** Tells what is known so far, for a first finding before the probe is through. */
  readonly partial: (data: ProbeData<ProbeId>) => void;
}

/** Reads one area of the machine and returns plain data. Never writes, never judges. */
export interface Probe<Id extends ProbeId = ProbeId> {
  readonly id: Id;
  /** Probes whose answers this one reads; they run before it. */
  readonly after: readonly ProbeId[];
  readonly timeoutMs: number;
  readonly run: (context: ProbeContext) => Promise<ProbeAnswer<Id>>;
}
