import { DevmendError, fail } from '../../../shared/error.ts';
import type { ErrorData, Result } from '../../../shared/error.ts';

/** The error of work that the person stopped. */
export function cancelledError(): DevmendError {
  return new DevmendError('cancelled');
}

/** Throws `cancelled` once the job's signal is aborted. */
export function stopIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelledError();
}

/** Puts an operating system error into Devmend's words. */
export function ioError(error: unknown, path: string): DevmendError {
  if (error instanceof DevmendError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  const detail = error instanceof Error ? error.message : String(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    // Node has no name for EDQUOT.
    // falls through
    case 'Unknown system error -122':
      return caused(fail('disk-full', { path }), error);
    case 'EROFS':
      return caused(fail('read-only-file-system', { path }), error);
    case 'EACCES':
    case 'EPERM':
      return caused(fail('not-permitted', { path, detail }), error);
    case 'ENOENT':
      return caused(fail('not-found', { path }), error);
    default:
      return caused(fail('io', { path, detail }), error);
  }
}

function caused({ error }: ReturnType<typeof fail>, cause: unknown): DevmendError {
  return DevmendError.from(error, cause);
}

/** Runs work that unwinds by DevmendError and answers with a value, as callers outside expect. */
export async function asResult<T>(work: () => Promise<T>): Promise<Result<T, ErrorData>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: ioError(error, '').data };
  }
}
