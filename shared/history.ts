import * as z from 'zod';
import { errorDataSchema } from './error.ts';
import { reversibilitySchema } from './finding.ts';
import { messageSchema } from './message.ts';
import { changePreviewSchema, diffLineSchema } from './plan.ts';

export const transactionStatusSchema = z.enum([
  'applied',
  'verified',
  'interrupted',
  'rolled-back',
  'undone',
  'conflict',
]);
export type TransactionStatus = z.infer<typeof transactionStatusSchema>;

export const transactionSummarySchema = z.strictObject({
  id: z.string(),
  at: z.string(),
  /** apply: a plan. undo / redo: takes another one back, or applies it again. */
  type: z.enum(['apply', 'undo', 'redo']),
  title: messageSchema,
  status: transactionStatusSchema,
  changes: z.array(
    z.strictObject({
      kind: z.string(),
      target: z.string(),
      title: messageSchema,
      reversibility: reversibilitySchema,
    }),
  ),
  /** Id of the transaction this one takes back (undo) or applies again (redo). */
  undoes: z.string().nullable(),
  /** Id and time of the transaction that took this one back. */
  undoneBy: z.strictObject({ id: z.string(), at: z.string() }).nullable(),
  durationMs: z.number().nullable(),
  /** Bytes kept in before-images. */
  imageBytes: z.number(),
  subjects: z.array(z.string()),
});
export type TransactionSummary = z.infer<typeof transactionSummarySchema>;

/** How a path stands now against what the transaction left. */
export const pathStandingSchema = z.enum([
  'unchanged',
  'changed',
  'missing',
  'already-restored',
  'unreadable',
]);
export type PathStanding = z.infer<typeof pathStandingSchema>;

export const undoItemSchema = z.strictObject({
  target: z.string(),
  title: messageSchema,
  standing: pathStandingSchema,
  diff: z.array(diffLineSchema),
  bytes: z.number(),
  /** What differs, when `changed`: content, mode, owner, type … */
  differences: z.array(z.string()),
  reversibility: reversibilitySchema,
});

/** What undo would do now; nothing has been written. */
export const undoPreviewSchema = z.strictObject({
  id: z.string(),
  /** False when there is nothing to take back, with the reason. */
  possible: z.boolean(),
  reason: errorDataSchema.nullable(),
  items: z.array(undoItemSchema),
  /** Later transactions on the same paths, newest first; they go back first. */
  later: z.array(z.strictObject({ id: z.string(), title: messageSchema, at: z.string() })),
  /** What will be true afterwards ("git will fail again as it did before"). */
  afterwards: messageSchema.nullable(),
  /** What the repair had solved and undo brings back ("needs GLIBC_2.38, this system has 2.36"). */
  problems: z.array(messageSchema),
  conflicts: z.number().int().nonnegative(),
});
export type UndoPreview = z.infer<typeof undoPreviewSchema>;

export const transactionDetailSchema = z.strictObject({
  summary: transactionSummarySchema,
  previews: z.array(changePreviewSchema),
  /** What was proven: each verification with its answer. */
  verifications: z.array(
    z.strictObject({ title: messageSchema, passed: z.boolean(), output: z.string() }),
  ),
  failure: errorDataSchema.nullable(),
  canUndo: z.boolean(),
  canRedo: z.boolean(),
});
export type TransactionDetail = z.infer<typeof transactionDetailSchema>;

/** How a transaction ended, as the one who started it is told. */
export const transactionOutcomeSchema = z.strictObject({
  id: z.string(),
  status: transactionStatusSchema,
  title: messageSchema,
  verifications: z.array(
    z.strictObject({ title: messageSchema, passed: z.boolean(), output: z.string() }),
  ),
  /** Null on success; else why it ended where it did. Rolled back unless `status` says otherwise. */
  failure: errorDataSchema.nullable(),
  durationMs: z.number(),
  /** Targets that were kept as they are because somebody else had changed them. */
  kept: z.array(z.string()),
});
export type TransactionOutcome = z.infer<typeof transactionOutcomeSchema>;

/** What a crash left, and what recovery will do about it. */
export const recoveryStatusSchema = z.strictObject({
  interrupted: z.array(
    z.strictObject({
      id: z.string(),
      at: z.string(),
      title: messageSchema,
      /** Changes that were complete, in progress, not begun. */
      done: z.number(),
      total: z.number(),
    }),
  ),
  /** The journal has a version this Devmend does not know: read-only. */
  readOnly: z.boolean(),
  /** Who holds the lock now, if anybody. */
  lockedBy: z.strictObject({ pid: z.number(), program: z.string(), since: z.string() }).nullable(),
});
export type RecoveryStatus = z.infer<typeof recoveryStatusSchema>;
