import type { ErrorCode, ErrorData } from '../../shared/error.ts';
import type { TransactionOutcome } from '../../shared/history.ts';

/** Exit status of every command; the help text and the manual page list the same. */
export const exitStatus = {
  done: 0,
  findings: 1,
  usage: 2,
  failed: 3,
  conflict: 4,
  notAuthorised: 5,
  cancelled: 130,
} as const;
export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

const byCode: Partial<Record<ErrorCode, ExitStatus>> = {
  'bad-request': exitStatus.usage,
  'unknown-check': exitStatus.usage,
  'not-found': exitStatus.usage,
  'file-not-found': exitStatus.usage,
  'finding-not-found': exitStatus.usage,
  'repair-not-offered': exitStatus.usage,
  'other-root': exitStatus.usage,
  'choice-invalid': exitStatus.usage,
  'plan-invalid': exitStatus.usage,
  'snapshot-invalid': exitStatus.usage,
  'not-elf': exitStatus.usage,
  'nothing-to-undo': exitStatus.usage,
  'nothing-to-repair': exitStatus.usage,
  'transaction-not-found': exitStatus.usage,
  'sandbox-not-found': exitStatus.usage,
  'transaction-ambiguous': exitStatus.usage,
  'finding-ambiguous': exitStatus.usage,
  'confirmation-needed': exitStatus.usage,
  conflict: exitStatus.conflict,
  'plan-differs': exitStatus.conflict,
  'plan-stale': exitStatus.conflict,
  'target-changed': exitStatus.conflict,
  'later-transaction': exitStatus.conflict,
  locked: exitStatus.conflict,
  'package-manager-busy': exitStatus.conflict,
  'sandbox-in-use': exitStatus.conflict,
  'not-authorised': exitStatus.notAuthorised,
  'needs-root': exitStatus.notAuthorised,
  'not-permitted': exitStatus.notAuthorised,
  cancelled: exitStatus.cancelled,
};

/** The status for a failure; what is not listed means failed, with nothing left half done. */
export function statusOfError(error: ErrorData): ExitStatus {
  return byCode[error.code] ?? exitStatus.failed;
}

/** The status for a transaction that has run: 0 only when it did what was asked. */
export function statusOfOutcome(outcome: TransactionOutcome): ExitStatus {
  if (outcome.failure !== null) return statusOfRunFailure(outcome.failure);
  if (outcome.status === 'conflict') return exitStatus.conflict;
  return outcome.status === 'rolled-back' || outcome.status === 'interrupted'
    ? exitStatus.failed
    : exitStatus.done;
}

/** A check that fails inside a transaction is a failure, whatever it would mean before one. */
function statusOfRunFailure(failure: ErrorData): ExitStatus {
  const status = statusOfError(failure);
  return status === exitStatus.usage ? exitStatus.failed : status;
}
