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
  /** Its record on disk does not carry its checksums: it cannot be undone or recovered. */
  damaged: z.boolean(),
  /** Kept for good, whatever the limits say. Repairs only; their undo and redo share it. */
  pinned: z.boolean(),
  /** When the age limit lets it go (ISO time); null: pinned, the newest, or no such limit. */
  expiresAt: z.string().nullable(),
});
export type TransactionSummary = z.infer<typeof transactionSummarySchema>;

/** Which entries of the history are asked for; everything left out does not narrow. */
export const historyQuerySchema = z.strictObject({
  /** Part of a program's name, of a path or of an id; upper and lower case are the same. */
  text: z.string().max(500).optional(),
  /** Name of a repaired program, exactly. */
  program: z.string().max(500).optional(),
  /** A path that was changed, or a directory above it. */
  file: z.string().max(4096).optional(),
  /** Kind of change, such as `edit-json`. */
  kind: z.string().max(64).optional(),
  status: z.array(transactionStatusSchema).max(10).optional(),
  /** ISO dates or times; from the first, up to and with the second. */
  since: z.string().max(40).optional(),
  until: z.string().max(40).optional(),
  offset: z.number().int().nonnegative().default(0),
  limit: z.number().int().positive().max(1000).default(200),
});
export type HistoryQuery = z.input<typeof historyQuerySchema>;

/** A stretch of the history, newest first. */
export const historyPageSchema = z.strictObject({
  /** All entries there are, and those that the query asks for. */
  total: z.number().int().nonnegative(),
  matching: z.number().int().nonnegative(),
  offset: z.number().int().nonnegative(),
  transactions: z.array(transactionSummarySchema),
  /** What can be filtered by: programs and kinds that occur, at most 200 each. */
  programs: z.array(z.string()),
  kinds: z.array(z.string()),
});
export type HistoryPage = z.infer<typeof historyPageSchema>;

/** What the history may keep; null: no such limit. */
export const retentionLimitsSchema = z.strictObject({
  repairs: z.number().int().min(1).max(1_000_000).nullable().default(500),
  days: z.number().int().min(1).max(36_500).nullable().default(365),
  megabytes: z.number().int().min(1).max(100_000_000).nullable().default(5_000),
});
export type RetentionLimits = z.infer<typeof retentionLimitsSchema>;

/** What the limits would let go now; nothing has been removed. */
export const retentionPreviewSchema = z.strictObject({
  limits: retentionLimitsSchema,
  repairs: z.number().int().nonnegative(),
  usedBytes: z.number().nonnegative(),
  freedBytes: z.number().nonnegative(),
  expired: z.array(
    z.strictObject({
      /** Id of the repair; its undo and redo go with it. */
      id: z.string(),
      title: messageSchema,
      at: z.string(),
      bytes: z.number().nonnegative(),
      because: z.enum(['repairs', 'days', 'megabytes']),
      /** Still in effect: it could not be undone any more. */
      inEffect: z.boolean(),
      /** Undone over somebody's work, whose only copy goes with it. */
      onlyCopy: z.boolean(),
    }),
  ),
});
export type RetentionPreview = z.infer<typeof retentionPreviewSchema>;

export const retentionOutcomeSchema = z.strictObject({
  removed: z.array(z.string()),
  freedBytes: z.number().nonnegative(),
  /** What could not be removed, with the reason. */
  failures: z.array(z.strictObject({ id: z.string(), error: errorDataSchema })),
});
export type RetentionOutcome = z.infer<typeof retentionOutcomeSchema>;

/** How a path stands now against what the transaction left. */
export const pathStandingSchema = z.enum([
  'unchanged',
  'changed',
  'missing',
  'already-restored',
  'unreadable',
]);
export type PathStanding = z.infer<typeof pathStandingSchema>;

/** What a path holds, or held, as a person compares it; secrets are left out of text and target. */
export const pathVersionSchema = z.strictObject({
  type: z.enum(['absent', 'file', 'link', 'directory', 'value', 'other', 'unreadable']),
  /** Of a file, or of all files in a directory. */
  bytes: z.number().nonnegative().nullable(),
  /** Files in a directory. */
  files: z.number().int().nonnegative().nullable(),
  /** SHA-256 of a file; of a directory one over all that is in it. */
  digest: z.string().nullable(),
  /** Where a link leads. */
  target: z.string().nullable(),
  /** The whole text, line by line; null for what is no text, is long, or has not been kept. */
  text: z.array(z.string()).nullable(),
});
export type PathVersion = z.infer<typeof pathVersionSchema>;

/** What a conflict is decided on: before the repair, what it left, and what is there now. */
export const threeWaySchema = z.strictObject({
  before: pathVersionSchema,
  left: pathVersionSchema,
  now: pathVersionSchema,
  /** What the repair did to the text, and what was done to it since; empty where not both are texts. */
  repaired: z.array(diffLineSchema),
  since: z.array(diffLineSchema),
});
export type ThreeWay = z.infer<typeof threeWaySchema>;

export const undoItemSchema = z.strictObject({
  target: z.string(),
  title: messageSchema,
  standing: pathStandingSchema,
  diff: z.array(diffLineSchema),
  bytes: z.number(),
  /** What differs, when `changed`: content, mode, owner, type … */
  differences: z.array(z.string()),
  reversibility: reversibilitySchema,
  /** Where it is in conflict. */
  threeWay: threeWaySchema.optional(),
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

/** A check after the changes, and what it answered. */
export const verifiedSchema = z.strictObject({
  title: messageSchema,
  passed: z.boolean(),
  output: z.string(),
  /** What a person should know although it passed ("may show numbers instead of names"). */
  notes: z.array(messageSchema).optional(),
});

export const transactionDetailSchema = z.strictObject({
  summary: transactionSummarySchema,
  previews: z.array(changePreviewSchema),
  /** What was proven: each verification with its answer. */
  verifications: z.array(verifiedSchema),
  failure: errorDataSchema.nullable(),
  /** In words: what was done, and what undo (or redo) would do now; a sentence a path. */
  explanation: z.strictObject({ done: z.array(messageSchema), next: z.array(messageSchema) }),
  canUndo: z.boolean(),
  canRedo: z.boolean(),
});
export type TransactionDetail = z.infer<typeof transactionDetailSchema>;

/** A target that could not be put back, and is left as it is; the reason says what can be done. */
export const unrestoredSchema = z.strictObject({ target: z.string(), reason: messageSchema });
export type Unrestored = z.infer<typeof unrestoredSchema>;

/** How a transaction ended, as the one who started it is told. */
export const transactionOutcomeSchema = z.strictObject({
  id: z.string(),
  status: transactionStatusSchema,
  title: messageSchema,
  verifications: z.array(verifiedSchema),
  /** Null on success; else why it ended where it did. Rolled back unless `status` says otherwise. */
  failure: errorDataSchema.nullable(),
  durationMs: z.number(),
  /** Targets that were kept as they are because somebody else had changed them, or `unrestored`. */
  kept: z.array(z.string()),
  /** Those of `kept` that could not be put back; left out when there are none. */
  unrestored: z.array(unrestoredSchema).optional(),
});
export type TransactionOutcome = z.infer<typeof transactionOutcomeSchema>;

/** What a crash left, and what recovery will do about it. */
export const recoveryStatusSchema = z.strictObject({
  interrupted: z.array(
    z.strictObject({
      id: z.string(),
      at: z.string(),
      title: messageSchema,
      /** How many changes were complete, of how many. */
      done: z.number(),
      total: z.number(),
      /** What it set out to do, in order, and how far each change had come. */
      changes: z.array(
        z.strictObject({
          title: messageSchema,
          target: z.string(),
          state: z.enum(['done', 'begun', 'waiting']),
        }),
      ),
    }),
  ),
  /** The journal has a version this Devmend does not know: read-only. */
  readOnly: z.boolean(),
  /** Who holds the lock now, if anybody. */
  lockedBy: z
    .strictObject({
      pid: z.number(),
      program: z.string(),
      since: z.string(),
      /** Of one in another container, which cannot be seen: gone after that without a sign of life. */
      seconds: z.number().optional(),
    })
    .nullable(),
});
export type RecoveryStatus = z.infer<typeof recoveryStatusSchema>;
