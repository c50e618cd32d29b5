import { readdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DevmendError, type Result } from '../../../shared/error.ts';
import type {
  RetentionLimits,
  RetentionOutcome,
  RetentionPreview,
} from '../../../shared/history.ts';
import { asDevmendError, guarded, isAbsent } from '../faults.ts';
import type { Machine } from '../machine.ts';
import { syncPath, unlinkIfThere } from './durable.ts';
import {
  openListing,
  hasEnded,
  MOST_UNINDEXED,
  refresh,
  requireUnderstood,
  timeOf,
  type Listed,
  type ListedChain,
  type Listing,
} from './listing.ts';
import { dropIndex } from './history-index.ts';
import { takeLock } from './lock.ts';
import { readPins } from './pins.ts';
import { keepProgramsOf } from './programs.ts';
import { measuredSizes, rememberedSizes, type SizeOf } from './sizes.ts';
import { removeTree } from './remove-tree.ts';
import { chosen, lastOf, type Expired } from './retention-choice.ts';
import { ensureStore, FORGOTTEN, journalRoot, readTransaction } from './store.ts';
import { newestRepair } from './summaries.ts';
import { refusal } from './refusal.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What the limits would let go now, and what that would free. Writes nothing. */
export async function previewRetention(
  machine: Machine,
  limits: RetentionLimits,
): Promise<Result<RetentionPreview>> {
  try {
    const { sizeOf, close } = rememberedSizes(machine, isSettled);
    const listing = await openListing(machine);
    const preview = await judge(machine, listing, limits, sizeOf);
    await close();
    return { ok: true, value: preview };
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

/**
 * Removes what the limits let go, oldest first, and what an interrupted removal has
 * left. With `expected`, nothing but these repairs: what a person has been shown.
 * Never the newest repair, a pinned one, or one that is interrupted, damaged or not
 * understood. Needs no room on the disk.
 */
export async function applyRetention(
  machine: Machine,
  limits: RetentionLimits,
  expected: readonly string[] | null,
): Promise<Result<RetentionOutcome>> {
  try {
    await ensureStore(machine);
    const lock = await takeLock(machine);
    if (!lock.ok) return lock;
    try {
      const listing = await openListing(machine);
      const expired = (await expiredOf(machine, listing, limits)).filter(
        ({ id }) => expected === null || expected.includes(id),
      );
      return { ok: true, value: await retainLocked(machine, listing, expired) };
    } finally {
      await lock.value.release();
    }
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

/** With every transaction that ends, so few repairs go that nobody waits for it. */
const MOST_AT_ONCE = 50;
/** After a longer silence it is the clock that may be wrong; for as long it is not trusted. */
const JUMP_MS = 30 * DAY_MS;

/**
 * What happens by itself after a transaction, for a caller that holds the lock: a few
 * repairs at once, the rest the next time. By age nothing goes in the time after a long
 * silence: with a clock that is years ahead everything would be old.
 */
export async function retainByItself(
  machine: Machine,
  limits: RetentionLimits,
): Promise<RetentionOutcome> {
  const listing = await openListing(machine);
  const times = listing.all.map(timeOf).sort((a, b) => a - b);
  const since = times.filter((time, at) => time - (times[at - 1] ?? time) > JUMP_MS).pop();
  const doubtful = since !== undefined && machine.clock().getTime() - since < JUMP_MS;
  const careful = doubtful ? { ...limits, days: null } : limits;
  const expired = await expiredOf(machine, listing, careful, MOST_AT_ONCE);
  return retainLocked(machine, listing, expired);
}

async function retainLocked(
  machine: Machine,
  listing: Listing,
  expired: readonly Expired[],
): Promise<RetentionOutcome> {
  requireUnderstood(listing);
  if (expired.length > 0 || hasLeftovers(listing)) await dropIndex(machine);
  await removeLeftovers(machine, listing);
  const removed: string[] = [];
  const failures: RetentionOutcome['failures'] = [];
  let freedBytes = 0;
  for (const { id, bytes } of expired) {
    try {
      const chain = listing.chains.get(id);
      const links = chain?.links ?? [];
      for (const link of links) await requireAsListed(machine, link);
      if (chain !== undefined) await keepProgramsOf(machine, chain);
      for (const link of links) await forget(machine, link.id);
      removed.push(id);
      freedBytes += bytes;
    } catch (error) {
      failures.push({ id, error: asDevmendError(error, join(journalRoot(machine), id)).data });
    }
  }
  // What could be removed in part only has to be read from the disk itself.
  const gone = [...removed, ...failures.map(({ id }) => id)];
  const left = withoutChains(listing, gone);
  if (removed.length > 0 && left.length > MOST_UNINDEXED) await refresh(machine, left);
  return { removed, freedBytes, failures };
}

function hasLeftovers({ forgotten, orphans }: Listing): boolean {
  return forgotten.length > 0 || orphans.length > 0;
}

function withoutChains({ all }: Listing, repairs: readonly string[]): readonly Listed[] {
  const gone = new Set(repairs);
  return all.filter(({ id, undoes }) => !gone.has(undoes ?? id));
}

/**
 * What goes, at most so many, with its size as measured. Remembered sizes can only spare the measuring
 * where nothing is too much by size: what a cache says removes nothing.
 */
async function expiredOf(
  machine: Machine,
  listing: Listing,
  limits: RetentionLimits,
  most = Infinity,
): Promise<readonly Expired[]> {
  const measured = measuredSizes(machine);
  if (limits.megabytes !== null) {
    const { sizeOf, close } = rememberedSizes(machine, isSettled);
    const { expired } = await judge(machine, listing, limits, sizeOf, most);
    await close();
    if (expired.some(({ because }) => because === 'megabytes'))
      return (await judge(machine, listing, limits, measured, most)).expired;
  }
  const unsized: SizeOf = async () => Promise.resolve(0);
  const { expired } = await judge(machine, listing, { ...limits, megabytes: null }, unsized, most);
  const sized: Expired[] = [];
  for (const each of expired) {
    const chain = listing.chains.get(each.id);
    sized.push({ ...each, bytes: chain === undefined ? 0 : await measured(chain) });
  }
  return sized;
}

/** What an interrupted removal has left behind: retention and recovery finish it. */
export async function removeLeftovers(machine: Machine, listing: Listing): Promise<void> {
  for (const id of listing.forgotten) await removeForgotten(machine, id);
  for (const orphan of listing.orphans)
    if (await isAsListed(machine, orphan)) await forget(machine, orphan.id);
}

async function requireAsListed(machine: Machine, listed: Listed): Promise<void> {
  if (await isAsListed(machine, listed)) return;
  throw new DevmendError('target-changed', { path: join(journalRoot(machine), listed.id) });
}

/** The index is a cache: what is about to be removed is read from the journal itself. */
async function isAsListed(machine: Machine, { id, line, undoes }: Listed): Promise<boolean> {
  if (line === null) return true;
  const { damaged, fromTheFuture, model } = await readTransaction(machine, id);
  if (damaged || fromTheFuture || model.phase !== line.phase) return false;
  return (model.begin?.undoes ?? null) === undoes;
}

/**
 * The one step that decides is a rename inside the transaction's own directory. The
 * repair itself goes first: undo and redo without their repair count as gone.
 */
async function forget(machine: Machine, id: string): Promise<void> {
  const directory = join(journalRoot(machine), id);
  await guarded(directory, async () => {
    await rename(join(directory, 'journal.jsonl'), join(directory, FORGOTTEN));
    await syncPath(directory);
  });
  await removeForgotten(machine, id);
}

/** The mark goes last, so that an interrupted removal is known for what it is. */
async function removeForgotten(machine: Machine, id: string): Promise<void> {
  const directory = join(journalRoot(machine), id);
  await guarded(directory, async () => {
    for (const name of await readdir(directory))
      if (name !== FORGOTTEN) await removeTree(join(directory, name));
    await unlinkIfThere(join(directory, FORGOTTEN));
    await rmdir(directory).catch((error: unknown) => {
      if (!isAbsent(error)) throw error;
    });
    await syncPath(journalRoot(machine));
  });
}

async function judge(
  machine: Machine,
  listing: Listing,
  limits: RetentionLimits,
  sizeOf: SizeOf,
  most = Infinity,
): Promise<RetentionPreview> {
  const pins = await readPins(machine);
  if (pins === null)
    throw new DevmendError('journal-damaged', {
      path: join(machine.directories.state, 'pins.json'),
    });
  const newest = newestRepair(listing);
  const chains = [...listing.chains.values()].sort((a, b) => (lastId(a) < lastId(b) ? -1 : 1));
  const sizes = new Map<ListedChain, number>();
  let usedBytes = 0;
  for (const chain of chains) {
    const size = await sizeOf(chain);
    sizes.set(chain, size);
    usedBytes += size;
  }
  const mayGo = (chain: ListedChain): boolean =>
    chain.repair.id !== newest && !pins.has(chain.repair.id) && isSettled(chain);
  const going = chains.filter(mayGo);
  const staying = going.reduce((sum, chain) => sum - (sizes.get(chain) ?? 0), usedBytes);
  const stock = { repairs: chains.length, usedBytes, staying, sizes };
  const expired = await chosen(machine, listing, { limits, going, stock, most });
  const freedBytes = expired.reduce((sum, { bytes }) => sum + bytes, 0);
  return { limits, repairs: chains.length, usedBytes, freedBytes, expired: [...expired] };
}

/**
 * Whether everything that was ever begun on the repair has come to an end. What could not be
 * put back may still have its only copy in the store.
 */
function isSettled({ links }: ListedChain): boolean {
  return links.every(
    (link) => hasEnded(link) && (link.stored?.model.unrestored ?? []).length === 0,
  );
}

function lastId(chain: ListedChain): string {
  return lastOf(chain).id;
}
