import { assertNever, type ErrorData } from '../../../shared/error.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';

/**
 * How a repair ended, as the person is told: `repaired` only when it was proven;
 * `refused` when it never began; `stopped` by the person; `incomplete` where not everything
 * could be put back.
 */
export type Ending =
  | 'repaired'
  | 'unproven'
  | 'rolled-back'
  | 'incomplete'
  | 'stopped'
  | 'conflict'
  | 'interrupted'
  | 'refused';

/** Judges an outcome, or a job that failed before there was one. */
export function endingOf(outcome: TransactionOutcome | null, error: ErrorData | null): Ending {
  if (outcome === null) return error?.code === 'cancelled' ? 'stopped' : 'refused';
  switch (outcome.status) {
    case 'verified':
      return outcome.failure === null ? 'repaired' : 'unproven';
    case 'applied':
      return 'unproven';
    case 'conflict':
      return 'conflict';
    case 'interrupted':
      return 'interrupted';
    case 'rolled-back':
    case 'undone':
      if (outcome.kept.length > 0 || (outcome.unrestored ?? []).length > 0) return 'incomplete';
      return outcome.failure?.code === 'cancelled' ? 'stopped' : 'rolled-back';
    default:
      return assertNever(outcome.status);
  }
}
