import { z } from 'zod';

/**
 * Every way Devmend can fail to do what it was asked, as a closed list. The
 * words for a code are in the catalogs under `error.<code>` (what, why and
 * what next), so adding a code without its texts fails `npm run check`.
 */
export const errorCodes = [
  'unsupported-platform',
  'bad-request',
  'cancelled',
  'not-found',
  'not-permitted',
  'not-authorised',
  'needs-root',
  'file-not-found',
  'file-unreadable',
  'not-elf',
  'malformed-elf',
  'settings-unreadable',
  'settings-key-missing',
  'finding-not-found',
  'unknown-check',
  'finding-ambiguous',
  'confirmation-needed',
  'repair-not-offered',
  'choice-invalid',
  'program-privileged',
  'program-appended-payload',
  'program-static',
  'tree-too-large',
  'source-unreachable',
  'source-no-release',
  'source-signature-invalid',
  'source-digest-mismatch',
  'source-unsafe-archive',
  'source-package-missing',
  'source-no-keyring',
  'source-expired',
  'kernel-too-old',
  'tool-missing',
  'tool-crashed',
  'tool-timed-out',
  'structural-check-failed',
  'simulation-failed',
  'trial-run-failed',
  'trial-run-timed-out',
  'plan-stale',
  'plan-invalid',
  'disk-full',
  'read-only-file-system',
  'target-changed',
  'target-immutable',
  'verification-failed',
  'conflict',
  'later-transaction',
  'nothing-to-repair',
  'transaction-not-found',
  'transaction-ambiguous',
  'nothing-to-undo',
  'before-image-damaged',
  'image-inexact',
  'journal-from-the-future',
  'journal-damaged',
  'locked',
  'recovery-needed',
  'interrupted',
  'sandbox-in-use',
  'sandbox-not-found',
  'sandbox-damaged',
  'snapshot-invalid',
  'io',
  'internal',
] as const;
export const errorCodeSchema = z.enum(errorCodes);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

export const errorDataSchema = z.strictObject({
  code: errorCodeSchema,
  params: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  correlationId: z.string().max(64).default(''),
});
/** A failure as it crosses a boundary: a code and its parameters, never a stack. */
export type ErrorData = z.infer<typeof errorDataSchema>;

/** A value or a failure; expected failures are values, only impossible states throw. */
export type Result<T, E = ErrorData> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** A successful {@link Result}. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** A failed {@link Result}. */
export function fail(
  code: ErrorCode,
  params: ErrorData['params'] = {},
): { readonly ok: false; readonly error: ErrorData } {
  return { ok: false, error: { code, params, correlationId: '' } };
}

/**
 * Carries an {@link ErrorData} through code that has to unwind (a transaction
 * step, a promise chain). Caught at the edge of the pipeline and turned back
 * into a value; never crosses a boundary itself.
 */
export class DevmendError extends Error {
  readonly data: ErrorData;
  constructor(code: ErrorCode, params: ErrorData['params'] = {}, options?: ErrorOptions) {
    super(`${code} ${JSON.stringify(params)}`, options);
    this.name = 'DevmendError';
    this.data = { code, params, correlationId: '' };
  }
}

/** Compile-time proof that a union has been handled completely. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
