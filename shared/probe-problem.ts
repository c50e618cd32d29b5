import * as z from 'zod';

/** Why a probe, or a part of one, has no answer. `path` names the file concerned. */
export const probeProblemSchema = z.strictObject({
  code: z.enum([
    'not-permitted',
    'not-found',
    'dangling-link',
    'link-loop',
    'malformed',
    'too-large',
    'timed-out',
    'cancelled',
    'unsupported',
    'failed',
  ]),
  path: z.string().nullable(),
  detail: z.string(),
});
export type ProbeProblem = z.infer<typeof probeProblemSchema>;
