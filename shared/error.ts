import * as z from 'zod';

/**
 * Every way Devmend can fail to do what it was asked, as a closed list, each with
 * the parameters that its sentence fills in. The sentences (what, why and what
 * next) are in the catalogs under `error.<code>`; one that is missing, or names
 * another parameter, fails `npm run check`.
 */
export const errorParameters = {
  'unsupported-platform': ['architecture', 'platform'],
  'bad-request': ['detail'],
  cancelled: [],
  'not-found': ['path'],
  'not-permitted': ['detail', 'path'],
  'not-authorised': [],
  'directory-unsafe': ['detail', 'directory', 'path'],
  'needs-root': ['target'],
  'file-not-found': ['path'],
  'file-unreadable': ['detail', 'path'],
  'not-elf': ['path'],
  'no-c-library': ['path'],
  'no-procfs': ['path'],
  'malformed-elf': ['detail', 'offset', 'path'],
  'settings-unreadable': ['path'],
  'finding-not-found': ['id'],
  'unknown-check': ['check', 'known'],
  'finding-ambiguous': ['candidates', 'id'],
  'confirmation-needed': [],
  'repair-not-offered': ['path'],
  'other-root': ['path'],
  'choice-invalid': ['key', 'known', 'value'],
  'program-privileged': ['path'],
  'program-appended-payload': ['path'],
  'tree-too-large': ['path'],
  'source-unreachable': ['address', 'reason'],
  'source-no-release': ['address', 'needed'],
  'source-signature-invalid': ['address', 'reason'],
  'source-digest-mismatch': ['actual', 'expected', 'file'],
  'source-unsafe-archive': ['file', 'reason'],
  'source-package-missing': ['address', 'package'],
  'source-no-keyring': ['path'],
  'source-expired': ['address', 'until'],
  'kernel-too-old': ['floor', 'kernel'],
  'tool-missing': ['tool'],
  'tool-crashed': ['detail', 'tool'],
  'tool-timed-out': ['seconds', 'tool'],
  'structural-check-failed': ['path', 'what'],
  'simulation-failed': ['path', 'what'],
  'trial-run-failed': ['answer', 'path'],
  'private-glibc-crashed': ['answer', 'program'],
  'trial-run-timed-out': ['path', 'seconds'],
  'plan-stale': ['path'],
  'plan-differs': ['path'],
  'plan-invalid': ['detail'],
  'disk-full': ['path'],
  'read-only-file-system': ['path'],
  'target-changed': ['path'],
  'target-immutable': ['path'],
  'verification-failed': ['path', 'what'],
  conflict: ['paths'],
  'later-transaction': ['id'],
  'nothing-to-repair': [],
  'transaction-not-found': ['id'],
  'transaction-ambiguous': ['candidates', 'id'],
  'nothing-to-undo': ['id'],
  'before-image-damaged': ['path'],
  'image-inexact': ['detail', 'path'],
  'hard-linked': ['path'],
  'rights-lost': ['path'],
  'path-too-long': ['path'],
  'journal-from-the-future': ['id'],
  'journal-damaged': ['path'],
  locked: ['pid', 'program'],
  'lock-lost': ['path'],
  'package-manager-busy': ['path', 'program'],
  'recovery-needed': ['id'],
  interrupted: [],
  'sandbox-unreachable': ['directory', 'path'],
  'sandbox-in-use': ['directory', 'programs'],
  'sandbox-not-found': ['id'],
  'sandbox-damaged': ['directory', 'file'],
  'snapshot-invalid': ['path'],
  io: ['detail', 'path'],
  internal: ['detail'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ErrorCode = keyof typeof errorParameters;
export const errorCodes = Object.keys(errorParameters) as [ErrorCode, ...ErrorCode[]];
export const errorCodeSchema = z.enum(errorCodes);

type Values = Readonly<Record<string, string | number>>;
/** What has to be given with a code; nothing at all where its sentence fills in nothing. */
type Given<Code extends ErrorCode> = [(typeof errorParameters)[Code][number]] extends [never]
  ? [params?: Values]
  : [params: Readonly<Record<(typeof errorParameters)[Code][number], string | number>> & Values];

export const errorDataSchema = z.strictObject({
  code: errorCodeSchema,
  params: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  correlationId: z.string().max(64).default(''),
});
/** A failure as it crosses a boundary: a code and its parameters, never a stack. */
export type ErrorData = z.infer<typeof errorDataSchema>;

/** The failure of a transaction that could not put everything back: its sentence must not say so. */
export function withSomethingLeft(failure: ErrorData): ErrorData {
  return { ...failure, params: { ...failure.params, left: 1 } };
}

/** A value or a failure; expected failures are values, only impossible states throw. */
export type Result<T, E = ErrorData> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** A successful {@link Result}. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** A failed {@link Result}. */
export function fail<Code extends ErrorCode>(
  code: Code,
  ...[params]: Given<Code>
): { readonly ok: false; readonly error: ErrorData } {
  return { ok: false, error: errorData(code, params) };
}

function errorData(code: ErrorCode, params: Values | undefined): ErrorData {
  return { code, params: { ...params }, correlationId: '' };
}

class Failure extends Error {
  readonly data: ErrorData;
  constructor(code: ErrorCode, params?: Values) {
    super(`${code} ${JSON.stringify(params ?? {})}`);
    this.name = 'DevmendError';
    this.data = errorData(code, params);
  }

  static from({ code, params }: ErrorData, cause?: unknown): DevmendError {
    const error = new Failure(code, params);
    error.cause = cause;
    return error;
  }
}

/**
 * Carries an {@link ErrorData} through code that has to unwind (a transaction
 * step, a promise chain). Caught at the edge of the pipeline and turned back
 * into a value; never crosses a boundary itself.
 */
export interface DevmendError extends Error {
  readonly data: ErrorData;
}
interface DevmendErrorClass {
  readonly prototype: DevmendError;
  new <Code extends ErrorCode>(code: Code, ...params: Given<Code>): DevmendError;
  /** The same for a failure that is a value already, keeping what caused it for the log. */
  readonly from: (data: ErrorData, cause?: unknown) => DevmendError;
}
// A constructor cannot have type parameters of its own; a construct signature can.
export const DevmendError: DevmendErrorClass = Failure;

/** Compile-time proof that a union has been handled completely. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
