import type { ErrorData } from '../../../shared/error.ts';
import { asDevmendError } from '../faults.ts';

/** A refusal as a value, for callers that look before they start. */
export function refusal(
  error: unknown,
  path: string,
): { readonly ok: false; readonly error: ErrorData } {
  return { ok: false, error: asDevmendError(error, path).data };
}
