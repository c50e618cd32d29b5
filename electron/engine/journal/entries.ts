import { createHash } from 'node:crypto';
import * as z from 'zod';
import { errorDataSchema } from '../../../shared/error.ts';
import { reversibilitySchema } from '../../../shared/finding.ts';
import { unrestoredSchema, verifiedSchema } from '../../../shared/history.ts';
import { messageSchema } from '../../../shared/message.ts';
import { effectSchema } from '../../../shared/plan.ts';
import { pathStateSchema } from './path-state.ts';

/** Version of the journal's format; a higher one is read-only for this Devmend. */
export const JOURNAL_FORMAT = 2;
/** What a transaction without effects is still written in: older Devmends read it too. */
export const FORMAT_WITHOUT_EFFECTS = 1;

const record = z.number().int().nonnegative();

/** Where a before-image lies, relative to the journal's root (`<id>/images/<n>`). */
const imageSchema = z.strictObject({ file: z.string(), method: z.enum(['copy', 'move']) });

/** Without `notes`, which are left out when there are none, it is what the first Devmend wrote. */
export const answeredSchema = verifiedSchema;

/** Everything the list of repairs shows, so that it needs this one entry of each. */
export const beginSchema = z.strictObject({
  type: z.literal('begin'),
  format: z.number().int().positive(),
  devmend: z.string(),
  operation: z.enum(['apply', 'undo', 'redo']),
  /** The repair that an undo or a redo is about. */
  undoes: z.string().nullable(),
  /** The transaction whose before-images are put back; not always the same (see docs/journal.md). */
  reverts: z.string().nullable(),
  title: messageSchema,
  subjects: z.array(z.string()),
  changes: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.string(),
      target: z.string(),
      title: messageSchema,
      reversibility: reversibilitySchema,
    }),
  ),
  /** Targets left as they are because somebody else had changed them. */
  kept: z.array(z.string()),
  imageBytes: z.number().nonnegative(),
});

/** How a path gets from one state to the next in one atomic step. */
export const stepSchema = z.strictObject({
  type: z.literal('step'),
  record,
  method: z.enum(['install', 'take', 'overwrite', 'remove']),
  /** What is renamed into place: a temporary, or another transaction's image (`take`). */
  from: z.string().nullable(),
  after: pathStateSchema,
});

export const entrySchema = z.discriminatedUnion('type', [
  beginSchema,
  z.strictObject({
    type: z.literal('before'),
    record,
    path: z.string(),
    changes: z.array(z.string()),
    state: pathStateSchema,
    image: imageSchema.nullable(),
  }),
  z.strictObject({
    /** Since format 2: an effect that is not a file, and how it stood. */
    type: z.literal('effect'),
    effect: record,
    change: z.string(),
    what: effectSchema,
    state: z.string(),
  }),
  z.strictObject({
    /** It is about to be set. `after`: what will be read then; null: a tool decides. */
    type: z.literal('effect-step'),
    effect: record,
    after: z.string().nullable(),
  }),
  /** It has been set, and this is what was read. */
  z.strictObject({ type: z.literal('effect-done'), effect: record, state: z.string() }),
  z.strictObject({ type: z.literal('start'), change: z.string() }),
  z.strictObject({ type: z.literal('temporary'), path: z.string() }),
  z.strictObject({ type: z.literal('directory'), record, path: z.string() }),
  stepSchema,
  z.strictObject({ type: z.literal('done'), change: z.string() }),
  z.strictObject({ type: z.literal('verified'), answer: answeredSchema }),
  z.strictObject({
    type: z.literal('commit'),
    status: z.enum(['applied', 'verified']),
    durationMs: z.number().nonnegative(),
  }),
  z.strictObject({ type: z.literal('roll-back'), failure: errorDataSchema }),
  z.strictObject({
    type: z.literal('rolled-back'),
    durationMs: z.number().nonnegative(),
    kept: z.array(z.string()),
    /** Those of `kept` that could not be put back; left out when there are none. */
    unrestored: z.array(unrestoredSchema).optional(),
  }),
]);
export type Entry = z.infer<typeof entrySchema>;
export type BeginEntry = z.infer<typeof beginSchema>;
export type StepEntry = z.infer<typeof stepSchema>;
export type ImageReference = z.infer<typeof imageSchema>;

/** A line of journal.jsonl: number, time and entry, closed by a checksum over all of it. */
export function encodeLine(seq: number, at: string, entry: Entry): string {
  const text = JSON.stringify({ seq, at, ...entry });
  return `${text.slice(0, -1)},"sum":"${checksum(text)}"}\n`;
}

export interface Line {
  readonly at: string;
  readonly entry: Entry;
}

const SUM = /,"sum":"([0-9a-f]{16})"\}$/;
const envelopeSchema = z.looseObject({ seq: z.number().int(), at: z.string() });

/**
 * The entry of a line, or null when the line is torn, altered or out of its place. A
 * checksum is no signature: what it covers may be anything, and is no reason to throw.
 */
export function decodeLine(line: string, seq: number): Line | null {
  const sum = SUM.exec(line)?.[1];
  if (sum === undefined) return null;
  const text = `${line.slice(0, -',"sum":"0123456789abcdef"}'.length)}}`;
  if (checksum(text) !== sum) return null;
  const envelope = envelopeSchema.safeParse(parsed(text));
  if (!envelope.success || envelope.data.seq !== seq) return null;
  const { seq: _seq, at, ...rest } = envelope.data;
  const entry = entrySchema.safeParse(rest);
  return entry.success ? { at, entry: entry.data } : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
