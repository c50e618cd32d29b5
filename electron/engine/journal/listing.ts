import { DevmendError } from '../../../shared/error.ts';
import { bindChange } from '../changes/registry.ts';
import type { Machine } from '../machine.ts';
import { overlaps } from './chain.ts';
import { realNames } from './real-name.ts';
import { isInterrupted } from './guards.ts';
import {
  contentOf,
  indexLine,
  listOf,
  readIndex,
  writeIndex,
  type Indexed,
  type IndexLine,
} from './history-index.ts';
import { BATCH, listIds, readMany, readPlan, timeOfId, type StoredTransaction } from './store.ts';

/** So many unindexed transactions are read each time rather than writing the index anew. */
export const MOST_UNINDEXED = 64;

/** A transaction as lists and chains see it. */
export interface Listed {
  readonly id: string;
  readonly operation: 'apply' | 'undo' | 'redo';
  readonly undoes: string | null;
  readonly committed: boolean;
  /** From the index, or from the journal itself; one of the two. */
  readonly line: IndexLine | null;
  readonly stored: StoredTransaction | null;
}

/** All links of a repair: itself, and every undo and redo of it, oldest first. */
export interface ListedChain {
  readonly repair: Listed;
  readonly links: readonly Listed[];
  /** The newest committed link; null when the repair itself never was committed. */
  readonly last: Listed | null;
  readonly applied: boolean;
}

export interface Listing {
  /** Oldest first; without leftovers of a removal that was interrupted. */
  readonly all: readonly Listed[];
  readonly chains: ReadonlyMap<string, ListedChain>;
  /** Undo and redo whose repair retention has removed: to be removed too. */
  readonly orphans: readonly Listed[];
  /** Ids that retention had begun to remove. */
  readonly forgotten: readonly string[];
}

/** What there is in the journal, from the index as far as that goes. Reads, and may write the cache. */
export async function openListing(machine: Machine): Promise<Listing> {
  const ids = await listIds(machine);
  const index = await readIndex(machine);
  const unindexed = ids.filter((id) => !index.has(id));
  const read = new Map((await readMany(machine, unindexed)).map((one) => [one.id, one]));
  const present: Listed[] = [];
  const forgotten: string[] = [];
  for (const id of ids) {
    const line = index.get(id);
    const stored = read.get(id);
    if (line !== undefined) present.push(fromLine(line));
    else if (stored?.forgotten === true) forgotten.push(id);
    else if (stored !== undefined) present.push(fromStored(stored));
  }
  if (unindexed.length > MOST_UNINDEXED || index.size > ids.length + MOST_UNINDEXED)
    await refresh(machine, present);
  const known = new Set(present.map(({ id }) => id));
  // What was interrupted is for recovery, whatever has become of its repair.
  const isOrphan = (listed: Listed): boolean =>
    listed.undoes !== null && !known.has(listed.undoes) && hasEnded(listed);
  const all = present.filter((listed) => !isOrphan(listed));
  return { all, chains: chainsOf(all), orphans: present.filter(isOrphan), forgotten };
}

/** Whether what was begun has come to an end, and is understood. */
export function hasEnded({ line, stored }: Listed): boolean {
  if (line !== null || stored === null) return true;
  const { damaged, fromTheFuture, model } = stored;
  return (
    !damaged && !fromTheFuture && (model.phase === 'committed' || model.phase === 'rolled-back')
  );
}

/** Nothing is written to a journal in which a newer Devmend has written. */
export function requireUnderstood({ all }: Listing): void {
  const future = all.find(({ stored }) => stored?.fromTheFuture === true);
  if (future !== undefined) throw new DevmendError('journal-from-the-future', { id: future.id });
}

/** When it began, in milliseconds, by the clock of then: ids only grow, clocks are put right. */
export function timeOf({ id, line, stored }: Listed): number {
  const time = Date.parse(line?.at ?? stored?.model.at ?? '');
  return Number.isNaN(time) ? timeOfId(id).getTime() : time;
}

/** The part of a transaction that lists show; null where it cannot be read at all. */
export function contentOfListed(listed: Listed): Omit<Indexed, 'needs'> | null {
  if (listed.line !== null) return contentOf(listed.line);
  const model = listed.stored?.model;
  if (model === undefined || model.begin === null) return null;
  const { begin, at, status, durationMs, records } = model;
  return { begin, at, status, durationMs, paths: records.map(({ path }) => path) };
}

/**
 * The transactions that decide what can be done with `id`, in full: its own chain,
 * whatever is interrupted or not understood, and the chains that share a path with
 * it or with `paths`, or stand on what it made.
 */
export async function readRelevant(
  machine: Machine,
  id: string | null,
  paths: readonly string[] = [],
): Promise<readonly StoredTransaction[]> {
  return relevantOf(machine, await openListing(machine), id, paths);
}

/** The same of a listing that is open already. */
export async function relevantOf(
  machine: Machine,
  { all, chains }: Listing,
  id: string | null,
  paths: readonly string[] = [],
): Promise<readonly StoredTransaction[]> {
  const asked = all.find((listed) => listed.id === id);
  const own = asked === undefined ? undefined : chains.get(asked.undoes ?? asked.id);
  const ownPaths = [...paths, ...(own?.links ?? []).flatMap(pathsOf)];
  const wanted = new Set<string>(own?.links.map((link) => link.id) ?? []);
  for (const link of await concernedBy([...chains.values()], ownPaths)) wanted.add(link.id);
  const fromDisk = all.filter((one) => one.line !== null && wanted.has(one.id));
  const read = new Map(
    (
      await readMany(
        machine,
        fromDisk.map((one) => one.id),
      )
    ).map((one) => [one.id, one]),
  );
  return all
    .flatMap((listed) => listed.stored ?? read.get(listed.id) ?? [])
    .filter(({ forgotten }) => !forgotten);
}

/**
 * The links of all chains that touch one of the paths or stand on it, by this or another
 * name: a file may have been repaired through a linked directory.
 */
async function concernedBy(
  chains: readonly ListedChain[],
  paths: readonly string[],
): Promise<readonly Listed[]> {
  if (paths.length === 0) return [];
  const links = chains.flatMap((chain) => chain.links);
  const reaches = new Map(links.map((link) => [reachKey(link), reachOf(link)]));
  const real = await realNames([...paths, ...[...reaches.values()].flat()]);
  const own = paths.map(real);
  const concerned = new Set(
    [...reaches].flatMap(([key, reach]) =>
      reach.some((one) => own.some((path) => overlaps(real(one), path))) ? [key] : [],
    ),
  );
  return chains
    .filter((chain) => chain.links.some((link) => concerned.has(reachKey(link))))
    .flatMap((chain) => chain.links);
}

/** Many repairs reach the same paths: those are looked at once. */
function reachKey({ id, line }: Listed): string {
  return line?.reach ?? id;
}

function reachOf({ line, stored }: Listed): readonly string[] {
  if (line !== null) return listOf(line.reach);
  return stored?.model.records.map(({ path }) => path) ?? [];
}

function pathsOf({ line, stored }: Listed): readonly string[] {
  const content = line === null ? null : contentOf(line);
  return content?.paths ?? stored?.model.records.map(({ path }) => path) ?? [];
}

function fromLine(line: IndexLine): Listed {
  const { id, operation, undoes, phase } = line;
  return { id, operation, undoes, committed: phase === 'committed', line, stored: null };
}

function fromStored(stored: StoredTransaction): Listed {
  const { begin, phase } = stored.model;
  return {
    id: stored.id,
    operation: begin?.operation ?? 'apply',
    undoes: begin?.undoes ?? null,
    committed: phase === 'committed' && !stored.fromTheFuture,
    line: null,
    stored,
  };
}

function chainsOf(all: readonly Listed[]): ReadonlyMap<string, ListedChain> {
  const links = new Map<string, Listed[]>();
  for (const listed of all) {
    const repair = listed.undoes ?? listed.id;
    const known = links.get(repair);
    if (known === undefined) links.set(repair, [listed]);
    else known.push(listed);
  }
  const chains = new Map<string, ListedChain>();
  for (const [id, own] of links) {
    const [repair] = own;
    if (repair === undefined || repair.id !== id) continue;
    const committed = repair.committed ? own.filter((link) => link.committed) : [];
    const last = committed[committed.length - 1] ?? null;
    const applied = last !== null && last.operation !== 'undo';
    chains.set(id, { repair, links: own, last, applied });
  }
  return chains;
}

/**
 * Takes what has ended into the index. What is interrupted, damaged or newer stays out of it,
 * and what could not be put back: only its record says so.
 */
export async function refresh(machine: Machine, present: readonly Listed[]): Promise<void> {
  const lines: IndexLine[] = [];
  for (let start = 0; start < present.length; start += BATCH) {
    const batch = present.slice(start, start + BATCH).map(lineOf);
    for (const line of await Promise.all(batch)) if (line !== null) lines.push(line);
  }
  await writeIndex(machine, lines);
}

async function lineOf({ line, stored }: Listed): Promise<IndexLine | null> {
  if (line !== null || stored === null) return line;
  const { begin, at, status, durationMs, records, phase, unrestored } = stored.model;
  if (stored.damaged || stored.fromTheFuture || begin === null) return null;
  if (unrestored.length > 0) return null;
  if (isInterrupted(stored) || (phase !== 'committed' && phase !== 'rolled-back')) return null;
  try {
    const plan = await readPlan(stored);
    const needs = plan.changes.flatMap((change) => bindChange(change).needs);
    const paths = records.map(({ path }) => path);
    return indexLine(stored.id, phase, { begin, at, status, durationMs, paths, needs });
  } catch {
    // A plan that cannot be read is the business of whoever asks for that transaction.
    return null;
  }
}
