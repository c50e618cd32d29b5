import { fail, type ErrorData, type Result } from '../../shared/error.ts';

/**
 * What a system call's error means to the person who named the file. An error that has no
 * sentence of its own is `otherwise`: what was tried.
 */
export function fileFailure(
  error: unknown,
  path: string,
  otherwise: 'file-unreadable' | 'io',
): Result<never, ErrorData> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return fail('file-not-found', { path });
    case 'EACCES':
    case 'EPERM':
      return fail('not-permitted', { path, detail: code });
    case 'ENOSPC':
    case 'EDQUOT':
      return fail('disk-full', { path });
    case 'EROFS':
      return fail('read-only-file-system', { path });
    default:
      return fail(otherwise, { path, detail: error instanceof Error ? error.message : code });
  }
}
