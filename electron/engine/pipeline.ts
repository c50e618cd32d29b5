import type { ErrorData, Result } from '../../shared/error.ts';
import type { ScanReport } from '../../shared/finding.ts';
import type {
  HistoryPage,
  HistoryQuery,
  RecoveryStatus,
  RetentionLimits,
  RetentionOutcome,
  RetentionPreview,
  TransactionDetail,
  TransactionOutcome,
  TransactionSummary,
  UndoPreview,
} from '../../shared/history.ts';
import type { Language } from '../../shared/messages/translate.ts';
import type { Plan, PlanReview } from '../../shared/plan.ts';
import type { Snapshot } from '../../shared/snapshot.ts';
import type { JobContext } from './job.ts';

type Answer<T> = Promise<Result<T, ErrorData>>;

export interface ScanOptions {
  /** Programs named by the user, absolute paths inside the root. */
  readonly programs: readonly string[];
  /** Check ids to run; all when left out. An unknown id is `bad-request`. */
  readonly only?: readonly string[];
  /** Judge this snapshot instead of probing the machine. */
  readonly snapshot?: Snapshot;
}

export interface ScanOutcome {
  readonly report: ScanReport;
  readonly snapshot: Snapshot;
}

/** Which repair of which finding, with the choices that differ from the defaults. */
export interface RepairRequest {
  readonly finding: string;
  /** Null: the recommended one. */
  readonly repair: string | null;
  readonly choices: Readonly<Record<string, string>>;
}

/** Markdown for people, JSON for programs. */
export type ExportForm = 'markdown' | 'json';

export type ConflictChoice = 'stop' | 'keep' | 'restore';

/**
 * The whole of Devmend as a program would call it: window, terminal and tests
 * use nothing else of the engine for the main journeys. Every method answers
 * with a value; none throws for something that can happen to a user.
 */
export interface Pipeline {
  /** Probes the machine and judges what they found. Writes nothing. */
  readonly scan: (options: ScanOptions, job: JobContext) => Answer<ScanOutcome>;
  /** Works out one plan for the requests, from the given scan. Writes nothing outside the cache. */
  readonly plan: (
    scan: ScanOutcome,
    requests: readonly RepairRequest[],
    job: JobContext,
  ) => Answer<PlanReview>;
  /**
   * Takes up a plan that comes from a file. A file is not believed: the plan is worked
   * out afresh from a new scan (told of `programs` and the plan's own), and that one is
   * answered when the two agree. `plan-stale`, `plan-differs` or `plan-invalid` otherwise.
   */
  readonly reopen: (plan: Plan, programs: readonly string[], job: JobContext) => Answer<PlanReview>;
  readonly apply: (plan: Plan, job: JobContext) => Answer<TransactionOutcome>;
  /** The whole history, newest first. */
  readonly history: () => Answer<readonly TransactionSummary[]>;
  /** A stretch of what a query asks for, newest first. `bad-request` for a query that is none. */
  readonly historyPage: (query: HistoryQuery) => Answer<HistoryPage>;
  /** Keeps a repair in the history for good, or no longer. */
  readonly pin: (id: string, pinned: boolean) => Answer<TransactionSummary>;
  /** What these limits would let go of the history. Writes nothing. */
  readonly retentionPreview: (limits: RetentionLimits) => Answer<RetentionPreview>;
  /** Lets it go; with `expected`, these repairs at most. */
  readonly prune: (
    limits: RetentionLimits,
    expected: readonly string[] | null,
  ) => Answer<RetentionOutcome>;
  /** One entry as a text to pass on, without names and secrets. */
  readonly exportEntry: (id: string, form: ExportForm, language: Language) => Answer<string>;
  readonly show: (id: string) => Answer<TransactionDetail>;
  readonly undoPreview: (id: string) => Answer<UndoPreview>;
  readonly undo: (
    id: string,
    onConflict: ConflictChoice,
    job: JobContext,
  ) => Answer<TransactionOutcome>;
  readonly redo: (id: string, job: JobContext) => Answer<TransactionOutcome>;
  readonly recoveryStatus: () => Answer<RecoveryStatus>;
  readonly recover: (job: JobContext) => Answer<readonly TransactionOutcome[]>;
}
