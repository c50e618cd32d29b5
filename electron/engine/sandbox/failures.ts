import { DevmendError, type ErrorData, type Result } from '../../../shared/error.ts';
import { asDevmendError } from '../faults.ts';

/** The error of work that the person stopped. */
export function cancelledError(): DevmendError {
  return new DevmendError('cancelled');
}

/** Throws `cancelled` once the job's signal is aborted. */
export function stopIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelledError();
}

/** Runs work that unwinds by DevmendError and answers with a value, as callers outside expect. */
export async function asResult<T>(work: () => Promise<T>): Promise<Result<T, ErrorData>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    // A sentence about a file must name one: Node's errors carry what they were about.
    const path = (error as NodeJS.ErrnoException).path ?? '';
    return { ok: false, error: asDevmendError(error, path).data };
  }
}
