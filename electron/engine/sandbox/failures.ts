import { DevmendError } from '../../../shared/error.ts';
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
      return new DevmendError('disk-full', { path }, { cause: error });
    case 'EROFS':
      return new DevmendError('read-only-file-system', { path }, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new DevmendError('not-permitted', { path, detail }, { cause: error });
    case 'ENOENT':
      return new DevmendError('not-found', { path }, { cause: error });
    default:
      return new DevmendError('io', { path, detail }, { cause: error });
  }
}

/** Runs work that unwinds by DevmendError and answers with a value, as callers outside expect. */
export async function asResult<T>(work: () => Promise<T>): Promise<Result<T, ErrorData>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: ioError(error, '').data };
  }
}
