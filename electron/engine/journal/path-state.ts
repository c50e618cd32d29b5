import * as z from 'zod';
import { assertNever } from '../../../shared/error.ts';

const owner = { uid: z.number().int(), gid: z.number().int() };
/** Permission bits, setuid, setgid and sticky included. */
const mode = z.number().int().min(0).max(0o7777);
/** Nanoseconds since 1970 as decimal digits: too long for a JSON number. */
const nanoseconds = z.string().regex(/^-?\d+$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** Extended attributes, ACLs and capabilities as the reader printed them; null: no reader. */
const attributes = z.string().nullable();

/** Everything about a path that undo has to give back. */
export const pathStateSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('absent') }),
  z.strictObject({
    type: z.literal('file'),
    mode,
    ...owner,
    size: z.number().int().nonnegative(),
    mtimeNs: nanoseconds,
    atimeNs: nanoseconds,
    nlink: z.number().int().positive(),
    sha256: digest,
    xattrs: attributes,
  }),
  z.strictObject({
    type: z.literal('link'),
    target: z.string(),
    ...owner,
    mtimeNs: nanoseconds,
  }),
  z.strictObject({
    type: z.literal('tree'),
    mode,
    ...owner,
    mtimeNs: nanoseconds,
    files: z.number().int().nonnegative(),
    bytes: z.number().int().nonnegative(),
    /** Names, types, modes, owners, contents and link targets of all entries. */
    digest,
    /** The same with every entry's modification time. */
    exact: digest,
    xattrs: attributes,
  }),
  /** A device, socket or pipe: Devmend never replaces one. */
  z.strictObject({ type: z.literal('other') }),
]);
export type PathState = z.infer<typeof pathStateSchema>;
export type FileState = Extract<PathState, { type: 'file' }>;
export type TreeState = Extract<PathState, { type: 'tree' }>;

/** Aspects in which two states can differ, as the history names them. */
export type Difference =
  'type' | 'content' | 'mode' | 'owner' | 'times' | 'attributes' | 'target' | 'existence';

/**
 * In what `now` is not what `then` was. Times are listed, but see {@link sameFor}:
 * a touched file whose content is untouched loses nothing in an undo.
 */
export function differences(now: PathState, then: PathState): readonly Difference[] {
  if (now.type === 'absent' || then.type === 'absent')
    return now.type === then.type ? [] : ['existence'];
  switch (now.type) {
    case 'file':
      return then.type === 'file' ? fileDifferences(now, then) : ['type'];
    case 'tree':
      return then.type === 'tree' ? treeDifferences(now, then) : ['type'];
    case 'link':
      if (then.type !== 'link') return ['type'];
      return [
        ...when(now.target !== then.target, 'target'),
        ...when(now.uid !== then.uid || now.gid !== then.gid, 'owner'),
        ...when(now.mtimeNs !== then.mtimeNs, 'times'),
      ];
    case 'other':
      return ['type'];
    default:
      return assertNever(now);
  }
}

/** Same for the purpose of a conflict: nothing but times differs. */
export function sameFor(now: PathState, then: PathState): boolean {
  return differences(now, then).every((difference) => difference === 'times');
}

/** Same to the last fact, times included. */
export function identical(now: PathState, then: PathState): boolean {
  return differences(now, then).length === 0;
}

function when(differs: boolean, difference: Difference): readonly Difference[] {
  return differs ? [difference] : [];
}

function fileDifferences(now: FileState, then: FileState): readonly Difference[] {
  return [
    ...when(now.sha256 !== then.sha256 || now.size !== then.size, 'content'),
    ...ownership(now, then),
    ...when(now.mtimeNs !== then.mtimeNs, 'times'),
  ];
}

function treeDifferences(now: TreeState, then: TreeState): readonly Difference[] {
  const contentDiffers = now.digest !== then.digest;
  return [
    ...when(contentDiffers, 'content'),
    ...ownership(now, then),
    ...when(!contentDiffers && now.exact !== then.exact, 'times'),
  ];
}

function ownership(now: FileState | TreeState, then: FileState | TreeState): readonly Difference[] {
  return [
    ...when(now.mode !== then.mode, 'mode'),
    ...when(now.uid !== then.uid || now.gid !== then.gid, 'owner'),
    ...when(attributesDiffer(now.xattrs, then.xattrs), 'attributes'),
  ];
}

/** Two readers print in two forms; only answers of the same reader can be compared. */
function attributesDiffer(now: string | null, then: string | null): boolean {
  if (now === null || then === null) return false;
  if (now.split(':', 1)[0] !== then.split(':', 1)[0]) return false;
  return now !== then;
}
