import type { JobProgress } from '../../shared/job.ts';

/** What every long operation of the engine is given. */
export interface JobContext {
  /** Tells what is going on; must not throw. */
  readonly emit: (event: JobProgress) => void;
  /** Aborted when the person cancels. Operations stop at the next safe point. */
  readonly signal: AbortSignal;
}
