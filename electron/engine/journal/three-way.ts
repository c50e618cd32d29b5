import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { PathVersion, ThreeWay } from '../../../shared/history.ts';
import type { Plan } from '../../../shared/plan.ts';
import { redactLine } from '../secrets/redact-line.ts';
import { bindChange } from '../changes/registry.ts';
import { diffTexts, shownLines } from '../changes/text-diff.ts';
import type { Machine } from '../machine.ts';
import { readQuietly } from './capture.ts';
import type { Chain } from './chain.ts';
import type { EffectStanding } from './effects.ts';
import { leftState } from './model.ts';
import type { FileState, PathState } from './path-state.ts';
import { LARGEST_TEXT } from './restore-diff.ts';
import type { Standing } from './revert.ts';
import { journalRoot } from './store.ts';

/** What the versions of a path are compared by: what was read, and the text where it is one. */
interface Version {
  readonly state: PathState;
  readonly text: Buffer | null;
}

/**
 * Before the repair, what it left and what is there now, of a path that is in conflict.
 * What the repair left is not kept: its text is worked out again from the before-image
 * and the plan, and shown only where it has the digest that was journalled. Reads only.
 */
export async function threeWayOf(
  machine: Machine,
  chain: Chain,
  plan: Plan,
  standing: Standing,
): Promise<ThreeWay> {
  const { record, present } = standing;
  const left = leftState(record);
  const before = { state: record.before, text: await textAt(standing.image, record.before) };
  const now = { state: present, text: await textAt(record.path, present) };
  const made = { state: left, text: await textLeft(machine, chain, plan, record.path, left, now) };
  return {
    before: versionOf(before),
    left: versionOf(made),
    now: standing.standing === 'unreadable' ? unreadable : versionOf(now),
    repaired: difference(before, made),
    since: difference(made, now),
  };
}

/** The same of an effect, whose versions are values. */
export function threeWayOfEffect({ effect, present, standing }: EffectStanding): ThreeWay {
  return {
    before: valueOf(effect.before),
    left: valueOf(effect.left ?? ''),
    now: standing === 'unreadable' ? unreadable : valueOf(present),
    repaired: [],
    since: [],
  };
}

/** Characters that all comparisons of one preview may take: an answer to the window has an end. */
const MOST_CHARACTERS = 1_000_000;

/** The items with as many texts as fit, first ones first; of the others there are sizes and digests. */
export function withinLimit<Item extends { readonly threeWay?: ThreeWay | undefined }>(
  items: readonly Item[],
): Item[] {
  let room = MOST_CHARACTERS;
  return items.map((item) => {
    const { threeWay } = item;
    if (threeWay === undefined) return item;
    room -= JSON.stringify(threeWay).length;
    return room >= 0 ? item : { ...item, threeWay: withoutTexts(threeWay) };
  });
}

function withoutTexts({ before, left, now }: ThreeWay): ThreeWay {
  const bare = (version: PathVersion): PathVersion =>
    version.type === 'value' ? version : { ...version, text: null };
  return { before: bare(before), left: bare(left), now: bare(now), repaired: [], since: [] };
}

const nothing = { bytes: null, files: null, digest: null, target: null, text: null } as const;
const unreadable: PathVersion = { ...nothing, type: 'unreadable' };

function valueOf(value: string): PathVersion {
  return { ...nothing, type: 'value', text: [redactLine(value)] };
}

function versionOf({ state, text }: Version): PathVersion {
  switch (state.type) {
    case 'file':
      return {
        ...nothing,
        type: 'file',
        bytes: state.size,
        digest: state.sha256,
        text: text === null ? null : shownLines(text),
      };
    case 'tree':
      return {
        ...nothing,
        type: 'directory',
        bytes: state.bytes,
        files: state.files,
        digest: state.digest,
      };
    case 'link':
      return { ...nothing, type: 'link', target: redactLine(state.target) };
    default:
      return { ...nothing, type: state.type };
  }
}

/** The content of a file that is a text and short enough to be compared; else null. */
async function textAt(path: string | null, state: PathState): Promise<Buffer | null> {
  if (path === null || state.type !== 'file' || state.size > LARGEST_TEXT) return null;
  try {
    const content = await readQuietly(path);
    return isTextOf(content, state) ? content : null;
  } catch {
    // The comparison has less to show then; the undo itself says what is wrong.
    return null;
  }
}

/** Not what was read a moment ago, or saved, is nothing to decide on. */
function isTextOf(content: Buffer, { sha256 }: FileState): boolean {
  return !content.includes(0) && createHash('sha256').update(content).digest('hex') === sha256;
}

async function textLeft(
  machine: Machine,
  { repair }: Chain,
  plan: Plan,
  path: string,
  left: PathState,
  now: Version,
): Promise<Buffer | null> {
  if (left.type !== 'file') return null;
  if (now.text !== null && isTextOf(now.text, left)) return now.text;
  const record = repair.model.records.find((candidate) => candidate.path === path);
  if (record === undefined) return null;
  const image = record.image === null ? null : join(journalRoot(machine), record.image.file);
  const before = await textAt(image, record.before);
  if (before === null && record.before.type !== 'absent') return null;
  let made = before;
  for (const change of plan.changes)
    if (record.changes.includes(change.id)) made = bindChange(change).produces(made);
  return made !== null && isTextOf(made, left) ? made : null;
}

function difference(from: Version, to: Version): ThreeWay['since'] {
  const earlier = from.state.type === 'absent' ? Buffer.alloc(0) : from.text;
  return earlier === null || to.text === null ? [] : diffTexts(earlier, to.text);
}
