import * as z from 'zod';

/** A program or module of the last scan, to choose from for a graph or a trace. */
export const knownProgramSchema = z.strictObject({
  /** Short hash of the path; the same on every scan. */
  id: z.string(),
  name: z.string(),
  path: z.string(),
  kind: z.enum(['program', 'module']),
  verdict: z.enum(['starts', 'fails', 'unknown']),
  /** Editor it belongs to; null: PATH, settings or the person named it. */
  editor: z.string().nullable(),
  libraries: z.number().int().nonnegative(),
});
export type KnownProgram = z.infer<typeof knownProgramSchema>;
