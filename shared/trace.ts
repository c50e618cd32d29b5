import * as z from 'zod';
import { messageSchema } from './message.ts';

/** Longer than any program takes to say its version; the window names it, and can stop it earlier. */
export const TRACE_LIMIT_SECONDS = 30;

/** One thing that the trace explains, the most telling first. */
export const traceExplanationSchema = z.strictObject({
  kind: z.enum([
    'library-not-found',
    'broken-link',
    'looping-link',
    'wrong-class',
    'not-permitted',
    'version-not-found',
    'symbol-not-found',
    'wrong-file-won',
    'interpreter-missing',
    'not-executable',
    'killed-by-signal',
    'exit-status',
    'opened-later',
    'timed-out',
    'cancelled',
    'all-well',
  ]),
  /** What happened, and what it means. */
  text: messageSchema,
  /** Pid and program it happened in. */
  process: z.strictObject({ pid: z.number().int(), program: z.string() }).nullable(),
  /** soname, path, version or symbol it is about. */
  subject: z.string().nullable(),
  /** Where the loader looked, in order, with what the kernel answered. */
  searched: z.array(z.strictObject({ path: z.string(), answer: z.string() })),
  /** Line of the trace it rests on, as written. */
  evidence: z.array(z.string()),
});
export type TraceExplanation = z.infer<typeof traceExplanationSchema>;

/** What `devmend trace --json` says (schema `devmend.trace/1`). */
export const traceReportSchema = z.strictObject({
  schema: z.literal('devmend.trace/1'),
  takenAt: z.string(),
  program: z.string(),
  arguments: z.array(z.string()),
  tools: z.strictObject({ strace: z.boolean(), ltrace: z.boolean() }),
  /** Why a tool was not used; said to the person. */
  notes: z.array(messageSchema),
  end: z.strictObject({
    code: z.number().int().nullable(),
    signal: z.string().nullable(),
    timedOut: z.boolean(),
    cancelled: z.boolean(),
    ms: z.number(),
  }),
  processes: z.array(
    z.strictObject({
      pid: z.number().int(),
      parent: z.number().int().nullable(),
      program: z.string(),
    }),
  ),
  /** Libraries that the program's first process really mapped, in order. */
  loaded: z.array(z.strictObject({ path: z.string(), opened: z.enum(['at-start', 'later']) })),
  explanations: z.array(traceExplanationSchema),
  /** What the simulation had said, beside what happened. */
  simulation: z.strictObject({
    verdict: z.enum(['starts', 'fails', 'unknown']),
    agrees: z.boolean(),
    differences: z.array(
      z.strictObject({
        soname: z.string(),
        simulated: z.string().nullable(),
        observed: z.string().nullable(),
        reason: messageSchema,
      }),
    ),
  }),
});
export type TraceReport = z.infer<typeof traceReportSchema>;
