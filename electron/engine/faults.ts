import { DevmendError, type ErrorData } from '../../shared/error.ts';

/** EDQUOT has no name in libuv: Node says "Unknown system error -122". */
const EDQUOT = -122;

/** Gives an exception of Node's file system the code a person can act on. */
export function asDevmendError(error: unknown, path: string): DevmendError {
  if (error instanceof DevmendError) return error;
  const { code, errno, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || errno === EDQUOT) return wrap('disk-full', { path }, error);
  if (code === 'EROFS') return wrap('read-only-file-system', { path }, error);
  if (code === 'EPERM') return wrap('target-immutable', { path }, error);
  if (code === 'EACCES') return wrap('not-permitted', { path, detail: 'EACCES' }, error);
  if (code === 'ENAMETOOLONG') return wrap('path-too-long', { path }, error);
  if (code === 'ENOENT') return wrap('not-found', { path }, error);
  if (code === 'ABORT_ERR') return wrap('cancelled', {}, error);
  if (code === undefined)
    return wrap(
      'internal',
      { detail: typeof message === 'string' ? message : String(error) },
      error,
    );
  return wrap('io', { path, detail: code }, error);
}

function wrap(code: ErrorData['code'], params: ErrorData['params'], cause: unknown): DevmendError {
  return DevmendError.from({ code, params, correlationId: '' }, cause);
}

/** Runs `work`; whatever it throws comes out as a DevmendError about `path`. */
export async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asDevmendError(error, path);
  }
}

/** True for the error that says a path is not there. */
export function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
