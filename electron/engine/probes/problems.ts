import type { ProbeProblem } from '../../../shared/snapshot.ts';

/** A value, or why there is none. Probes never throw for what a machine can be like. */
export type Looked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: ProbeProblem };

export type ProblemCode = ProbeProblem['code'];

/** A {@link ProbeProblem}; `detail` is for experts: an errno name, a line, a value. */
export function problem(code: ProblemCode, path: string | null, detail = ''): ProbeProblem {
  return { code, path, detail };
}

/** A successful {@link Looked}. */
export function found<T>(value: T): Looked<T> {
  return { ok: true, value };
}

/** A failed {@link Looked}. */
export function missed<T>(code: ProblemCode, path: string | null, detail = ''): Looked<T> {
  return { ok: false, problem: problem(code, path, detail) };
}

const BY_ERRNO: Readonly<Record<string, ProblemCode>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  EACCES: 'not-permitted',
  EPERM: 'not-permitted',
  ELOOP: 'link-loop',
  ENAMETOOLONG: 'malformed',
};

/** What a thrown file system error means to a probe. */
export function problemOfError(error: unknown, path: string | null): ProbeProblem {
  const errno = errnoOf(error);
  return problem(
    BY_ERRNO[errno] ?? 'failed',
    path,
    errno === '' ? (error instanceof Error ? error.message : String(error)) : errno,
  );
}

/** The errno name of a Node error, or an empty string. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
