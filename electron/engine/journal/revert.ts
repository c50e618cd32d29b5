import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import type { PathStanding } from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';
import type { Change, Plan } from '../../../shared/plan.ts';
import { bindEffect } from '../effects/registry.ts';
import type { Machine } from '../machine.ts';
import { captureState } from './capture.ts';
import { appliedChains, damagedIn, overlaps, type Chain } from './chain.ts';
import { restoreEffectTitle, type EffectStanding } from './effects.ts';
import { leftState, type PathRecord } from './model.ts';
import { differences, sameFor, type Difference, type PathState } from './path-state.ts';
import { sameFileSystem } from './images.ts';
import { needsOneOf, type Removal } from './in-use.ts';
import { realNames } from './real-name.ts';
import { journalRoot, readPlan, type StoredTransaction } from './store.ts';
import { allocatedBytes } from './used-bytes.ts';
import { canBeMadeAgain, changesAgain, placesInOrder, waysBack, type WayBack } from './way-back.ts';

export type OnConflict = 'stop' | 'keep' | 'restore';

/** How one path stands now against what the last transaction left, or found and let be. */
export interface Standing {
  readonly way: WayBack;
  /** Whose before-image is put back; the repair's own where its change is made again. */
  readonly record: PathRecord;
  /** `lost`: what is to come there is saved nowhere, and cannot be made again. */
  readonly source: 'saved' | 'again' | 'lost';
  readonly present: PathState;
  readonly standing: PathStanding;
  readonly differences: readonly Difference[];
  /** Absolute path of the before-image, null where there was nothing. */
  readonly image: string | null;
}

/** Looks at every path of a repair, in the order in which they go with its undo or redo. */
export async function standingsOf(
  machine: Machine,
  chain: Chain,
  signal?: AbortSignal,
): Promise<readonly Standing[]> {
  const standings: Standing[] = [];
  for (const way of waysBack(chain)) {
    const record = way.saved?.record ?? way.own;
    const source = sourceOf(way, chain);
    const kept = source === 'saved' ? record.image : null;
    const image = kept === null ? null : join(journalRoot(machine), kept.file);
    standings.push({ way, record, source, image, ...(await standingOf(way, source, signal)) });
  }
  return standings;
}

function sourceOf(way: WayBack, chain: Chain): Standing['source'] {
  if (way.saved !== null) return 'saved';
  return canBeMadeAgain(way, chain) ? 'again' : 'lost';
}

async function standingOf(
  way: WayBack,
  source: Standing['source'],
  signal: AbortSignal | undefined,
): Promise<Pick<Standing, 'present' | 'standing' | 'differences'>> {
  let present: PathState;
  try {
    present = await captureState(way.path, signal);
  } catch (error) {
    if (error instanceof DevmendError && error.data.code === 'cancelled') throw error;
    return { present: { type: 'other' }, standing: 'unreadable', differences: [] };
  }
  const found = differences(present, way.expected).filter((each) => each !== 'times');
  if (sameFor(present, way.wanted) && found.length > 0)
    return { present, standing: 'already-restored', differences: [] };
  // What was there before has been removed by somebody while the repair was not in effect.
  if (found.length === 0 && source === 'lost')
    return { present, standing: 'missing', differences: [] };
  if (found.length === 0) return { present, standing: 'unchanged', differences: [] };
  const standing = present.type === 'absent' ? 'missing' : 'changed';
  return { present, standing, differences: found };
}

/** What an undo or redo of these takes away as a whole, and what it brings back meanwhile. */
export function removalBy(standings: readonly Standing[], { repair }: Chain): Removal {
  const going = standings.filter(
    ({ present, way }) => present.type === 'tree' && way.wanted.type !== 'tree',
  );
  return {
    paths: going.map(({ way }) => way.path),
    restored: standings.map(({ way }) => way.path),
    repair: repair.id,
  };
}

/** A path that is not what the repair left, so that an undo would lose somebody's work. */
export function isConflict(standing: Pick<Standing, 'standing'>): boolean {
  const { standing: how } = standing;
  return how === 'changed' || how === 'missing' || how === 'unreadable';
}

/**
 * Repairs in effect that were made later on the same paths, or that cannot work
 * without what this one made (a shared sandbox); newest first: they go back first.
 */
export async function laterRepairs(
  all: readonly StoredTransaction[],
  chain: Chain,
): Promise<readonly StoredTransaction[]> {
  const own = placesInOrder(chain);
  const paths = own.map(({ path }) => path);
  const made = madeBy(chain);
  const others = appliedChains(all).filter(({ repair }) => repair.id !== chain.repair.id);
  const real = await realNames([
    ...paths,
    ...others.flatMap((other) => placesInOrder(other).map(({ path }) => path)),
  ]);
  const later: StoredTransaction[] = [];
  for (const other of others) {
    const onTop = placesInOrder(other).some(({ path, id }) =>
      own.some((place) => id > place.id && overlaps(real(path), real(place.path))),
    );
    // One that is damaged cannot be taken back first: what it left is compared as anybody's.
    if (
      (onTop && (await damagedIn(all, other)) === null) ||
      (chain.applied && (await needsOneOf(other, made)))
    )
      later.push(other.repair);
  }
  return later.reverse();
}

/** What another repair can stand on: a private C library, a copy of a program. */
function madeBy({ repair }: Chain): readonly string[] {
  const made = repair.model.records.filter(
    (record) => record.before.type === 'absent' || leftState(record).type === 'tree',
  );
  return made.map(({ path }) => path);
}

/**
 * The plan of an undo or redo: one `restore` a path, in their order; and the repair's own
 * changes where somebody had taken a path back by hand, so that nothing of it was saved.
 */
export async function revertPlan(
  machine: Machine,
  chain: Chain,
  standings: readonly Standing[],
  effects: readonly EffectStanding[],
  onConflict: OnConflict,
): Promise<Plan> {
  const original = await readPlan(chain.repair);
  const files: Change[] = [];
  for (const standing of standings)
    if (standing.source === 'again') files.push(...changesAgain(standing.way, original));
    else files.push(await restorePath(standing, chain, original, onConflict));
  const changes = [...files, ...effects.map((effect) => restoreEffect(effect, onConflict))];
  return {
    ...original,
    id: randomUUID(),
    createdAt: machine.clock().toISOString(),
    devmend: machine.version,
    changes,
    reliesOn: [],
    verifications: [],
    bytes: 0,
  };
}

async function restorePath(
  { record, way, image }: Standing,
  { last }: Chain,
  original: Plan,
  onConflict: OnConflict,
): Promise<Change> {
  // Nobody has saved what is lost, and `revert` lets such a path be.
  const transaction = way.saved?.transaction ?? last.id;
  const number = transaction === last.id ? '' : `${transaction}-`;
  return {
    kind: 'restore',
    id: `restore-${number}${record.index}`,
    title: restoreTitle(record, original),
    privilege: 'user',
    reversibility: 'full',
    reversibilityReason: null,
    bytes: await roomFor(record, image),
    path: record.path,
    transaction,
    record: record.index,
    side: 'before',
    onConflict,
  };
}

function restoreEffect(standing: EffectStanding, onConflict: OnConflict): Change {
  const { effect, target } = standing;
  const back = bindEffect(effect.what).back(effect.before);
  const { reversibility } = bindEffect(back);
  return {
    kind: 'restore-effect',
    id: `restore-effect-${effect.index}:${target}`,
    title: restoreEffectTitle(standing),
    privilege: 'user',
    reversibility: reversibility.reversibility,
    reversibilityReason: reversibility.reason,
    bytes: 0,
    effect: back,
    wanted: effect.before,
    onConflict,
  };
}

/**
 * Room a restore needs: files are copied beside their place, trees are moved where they
 * come from the same file system. What is wrong with an image is found where it is read.
 */
async function roomFor({ before, path }: PathRecord, image: string | null): Promise<number> {
  if (image === null) return 0;
  if (before.type === 'tree' && (await sameFileSystem(image, path))) return 0;
  return allocatedBytes(image).catch(() => 0);
}

/** "Restore settings.json" or "Remove the copy", in the words of what was done there. */
export function restoreTitle(record: PathRecord, plan: Plan): ReturnType<typeof message> {
  const change = plan.changes.find((candidate) => record.changes.includes(candidate.id));
  const name = record.path.slice(record.path.lastIndexOf('/') + 1);
  if (record.before.type === 'absent') {
    return change?.kind === 'create-sandbox'
      ? message('journal.restore.removeSandbox', { name })
      : message('journal.restore.remove', { name });
  }
  return leftState(record).type === 'absent'
    ? message('journal.restore.bringBack', { name })
    : message('journal.restore.file', { name });
}
