import { readdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DevmendError, type Result } from '../../../shared/error.ts';
import type {
  RetentionLimits,
  RetentionOutcome,
  RetentionPreview,
} from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';
import { asDevmendError, guarded, isAbsent } from '../faults.ts';
import type { Machine } from '../machine.ts';
import { syncPath, unlinkIfThere } from './durable.ts';
import {
  contentOfListed,
  openListing,
  type Listed,
  type ListedChain,
  type Listing,
} from './listing.ts';
import { takeLock } from './lock.ts';
import { readPins } from './pins.ts';
import { measuredSizes, rememberedSizes, type SizeOf } from './sizes.ts';
import { removeTree } from './remove-tree.ts';
import { ensureStore, FORGOTTEN, journalRoot, readTransaction, timeOfId } from './store.ts';
import { newestRepair } from './summaries.ts';
import { refusal } from './refusal.ts';

const MEGABYTE = 1_000_000;
const DAY_MS = 24 * 60 * 60 * 1000;

type Expired = RetentionPreview['expired'][number];

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
      return { ok: true, value: await retainLocked(machine, limits, expected) };
    } finally {
      await lock.value.release();
    }
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

/**
 * The same for a caller that holds the lock. `most` repairs go at once, so that nobody
 * waits long for what is not his question; the rest goes the next time.
 */
export async function retainLocked(
  machine: Machine,
  limits: RetentionLimits,
  expected: readonly string[] | null,
  most = Number.POSITIVE_INFINITY,
): Promise<RetentionOutcome> {
  const listing = await openListing(machine);
  const expired = (await expiredOf(machine, listing, limits)).slice(0, most);
  await removeLeftovers(machine, listing);
  const removed: string[] = [];
  const failures: RetentionOutcome['failures'] = [];
  let freedBytes = 0;
  for (const { id, bytes } of expired) {
    if (expected !== null && !expected.includes(id)) continue;
    try {
      const links = listing.chains.get(id)?.links ?? [];
      for (const link of links) await requireAsListed(machine, link);
      for (const link of links) await forget(machine, link.id);
      removed.push(id);
      freedBytes += bytes;
    } catch (error) {
      failures.push({ id, error: asDevmendError(error, join(journalRoot(machine), id)).data });
    }
  }
  return { removed, freedBytes, failures };
}

/**
 * What goes, with its size as measured. Remembered sizes can only spare the measuring
 * where nothing is too much by size: what a cache says removes nothing.
 */
async function expiredOf(
  machine: Machine,
  listing: Listing,
  limits: RetentionLimits,
): Promise<readonly Expired[]> {
  const measured = measuredSizes(machine);
  if (limits.megabytes !== null) {
    const { sizeOf, close } = rememberedSizes(machine, isSettled);
    const { expired } = await judge(machine, listing, limits, sizeOf);
    await close();
    if (expired.some(({ because }) => because === 'megabytes'))
      return (await judge(machine, listing, limits, measured)).expired;
  }
  const unsized: SizeOf = async () => Promise.resolve(0);
  const { expired } = await judge(machine, listing, { ...limits, megabytes: null }, unsized);
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
  const now = machine.clock().getTime();
  const expired: Expired[] = [];
  let [left, bytes] = [chains.length, usedBytes];
  for (const chain of leastMissedFirst(chains.filter(mayGo))) {
    const because = reason(chain, limits, { left, bytes, now });
    if (because === null) continue;
    const size = sizes.get(chain) ?? 0;
    left -= 1;
    bytes -= size;
    expired.push(expiredEntry(chain, size, because));
  }
  return { limits, repairs: chains.length, usedBytes, freedBytes: usedBytes - bytes, expired };
}

/** What is not in effect any more goes before what could still be undone; oldest first in both. */
function leastMissedFirst(chains: readonly ListedChain[]): readonly ListedChain[] {
  return [...chains.filter(({ applied }) => !applied), ...chains.filter(({ applied }) => applied)];
}

function reason(
  chain: ListedChain,
  limits: RetentionLimits,
  state: { readonly left: number; readonly bytes: number; readonly now: number },
): Expired['because'] | null {
  const { repairs, days, megabytes } = limits;
  if (days !== null && timeOfId(lastId(chain)).getTime() + days * DAY_MS < state.now) return 'days';
  if (repairs !== null && state.left > repairs) return 'repairs';
  if (megabytes !== null && state.bytes > megabytes * MEGABYTE) return 'megabytes';
  return null;
}

function expiredEntry(chain: ListedChain, bytes: number, because: Expired['because']): Expired {
  const content = contentOfListed(chain.repair);
  return {
    id: chain.repair.id,
    title: content?.begin.title ?? message('journal.title.unknown'),
    at: content?.at ?? timeOfId(chain.repair.id).toISOString(),
    bytes,
    because,
    inEffect: chain.applied,
  };
}

/** Whether everything that was ever begun on the repair has come to an end. */
function isSettled({ links }: ListedChain): boolean {
  return links.every(hasEnded);
}

function hasEnded({ line, stored }: ListedChain['repair']): boolean {
  if (line !== null || stored === null) return true;
  const { damaged, fromTheFuture, model } = stored;
  return (
    !damaged && !fromTheFuture && (model.phase === 'committed' || model.phase === 'rolled-back')
  );
}

function lastId(chain: ListedChain): string {
  return chain.links[chain.links.length - 1]?.id ?? chain.repair.id;
}
