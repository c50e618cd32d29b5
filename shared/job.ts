import * as z from 'zod';
import { errorDataSchema } from './error.ts';
import { findingSchema } from './finding.ts';
import { messageSchema } from './message.ts';

export const stepStateSchema = z.enum([
  'waiting',
  'running',
  'done',
  'failed',
  'undone',
  'skipped',
]);
export type StepState = z.infer<typeof stepStateSchema>;

/**
 * What a running job tells. `output` is what the terminal shows: `command` is a
 * command line about to run, `data` raw bytes of a program's terminal (untrusted),
 * `note` a sentence of Devmend's own.
 */
export const jobProgressSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('phase'), phase: messageSchema }),
  z.strictObject({
    type: z.literal('progress'),
    done: z.number().nonnegative(),
    /** 0 while the amount of work is not known. */
    total: z.number().nonnegative(),
  }),
  z.strictObject({
    type: z.literal('steps'),
    steps: z.array(z.strictObject({ id: z.string(), title: messageSchema })),
  }),
  z.strictObject({
    type: z.literal('step'),
    id: z.string(),
    state: stepStateSchema,
    detail: messageSchema.nullable(),
    ms: z.number().nullable(),
  }),
  z.strictObject({ type: z.literal('finding'), finding: findingSchema }),
  z.strictObject({
    type: z.literal('output'),
    stream: z.enum(['command', 'data']),
    text: z.string(),
  }),
  z.strictObject({ type: z.literal('note'), note: messageSchema }),
]);
/** An event of a running job, before it gets its sequence number. */
export type JobProgress = z.infer<typeof jobProgressSchema>;

/** As it travels on the port: numbered from 1 without gaps, `done` last. */
export const jobEventSchema = z.strictObject({
  sequence: z.number().int().positive(),
  event: z.union([
    jobProgressSchema,
    z.strictObject({ type: z.literal('done'), ok: z.literal(true), result: z.unknown() }),
    z.strictObject({ type: z.literal('done'), ok: z.literal(false), error: errorDataSchema }),
  ]),
});
export type JobEvent = z.infer<typeof jobEventSchema>;

/** What the window sends back on the port: flow control, nothing else. */
export const jobReplySchema = z.strictObject({
  type: z.literal('ack'),
  /** Characters of `output` the terminal has taken in since the last ack. */
  characters: z.number().int().nonnegative().max(10_000_000),
});

/** Output is paused above this many unacknowledged characters … */
export const PAUSE_ABOVE = 100_000;
/** … and resumed below this many (numbers as in VS Code's terminal). */
export const RESUME_BELOW = 5_000;
