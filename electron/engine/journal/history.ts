import { realpath } from 'node:fs/promises';
import { DevmendError, withSomethingLeft, type Result } from '../../../shared/error.ts';
import {
  historyQuerySchema,
  type HistoryPage,
  type HistoryQuery,
  type TransactionDetail,
  type TransactionSummary,
} from '../../../shared/history.ts';
import type { Machine } from '../machine.ts';
import { readSettings } from '../settings.ts';
import { chainOf, damagedIn } from './chain.ts';
import { explain } from './explain.ts';
import { isInTheWay, reachOf } from './guards.ts';
import { matcher } from './history-filter.ts';
import { openListing, relevantOf, type Listing } from './listing.ts';
import { readPins } from './pins.ts';
import { readPreviews, type StoredTransaction } from './store.ts';
import { Summaries } from './summaries.ts';
import { refusal } from './refusal.ts';

/** The whole history, newest first; see {@link historyPage}. */
export async function listTransactions(
  machine: Machine,
): Promise<Result<readonly TransactionSummary[]>> {
  try {
    const summaries = await openSummaries(machine);
    return { ok: true, value: summaries.newestFirst().map((one) => summaries.summaryOf(one)) };
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

/**
 * A stretch of the history, newest first. What has ended comes from an index, so
 * that ten thousand entries open at once. One whose record cannot be read is listed
 * too: that it happened is known; those of a newer Devmend are not.
 */
export async function historyPage(
  machine: Machine,
  query: HistoryQuery,
): Promise<Result<HistoryPage>> {
  try {
    const asked = historyQuerySchema.parse(query);
    const summaries = await openSummaries(machine);
    const { file } = asked;
    const real = file === undefined ? null : await realpath(file).catch(() => null);
    const matches = matcher(asked, real);
    const matching = summaries.newestFirst().filter((listed) => matches(listed, summaries));
    const { offset, limit } = asked;
    return {
      ok: true,
      value: {
        total: summaries.size,
        matching: matching.length,
        offset,
        transactions: matching
          .slice(offset, offset + limit)
          .map((listed) => summaries.summaryOf(listed)),
        ...summaries.facets(),
      },
    };
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

/** One entry as the list shows it. `not-found` for an id that is none. */
export async function summaryOf(machine: Machine, id: string): Promise<TransactionSummary> {
  return summaryIn(await openSummaries(machine), id);
}

function summaryIn(summaries: Summaries, id: string): TransactionSummary {
  const listed = summaries.newestFirst().find((one) => one.id === id);
  if (listed === undefined) throw new DevmendError('not-found', { path: id });
  return summaries.summaryOf(listed);
}

/** One transaction with what it changed, what was proven, and what can be done with it now. */
export async function showTransaction(
  machine: Machine,
  id: string,
): Promise<Result<TransactionDetail>> {
  try {
    const listing = await openListing(machine);
    const all = await relevantOf(machine, listing, id);
    const stored = all.find((candidate) => candidate.id === id);
    if (stored === undefined) throw new DevmendError('not-found', { path: id });
    if (stored.fromTheFuture) throw new DevmendError('journal-from-the-future', { id });
    if (stored.model.begin === null)
      throw new DevmendError('journal-damaged', { path: stored.directory });
    const chain = stored.model.begin.operation === 'apply' ? chainOf(all, id) : null;
    const usable =
      chain !== null &&
      !all.some((other) => other.fromTheFuture || isInTheWay(other, reachOf(chain.repair))) &&
      (await damagedIn(all, chain)) === null;
    const canUndo = usable && chain.applied;
    const canRedo = usable && !chain.applied;
    return {
      ok: true,
      value: {
        summary: summaryIn(await summariesOf(machine, listing), id),
        previews: [...(await readPreviews(stored))],
        verifications: [...stored.model.answers],
        failure: failureOf(stored),
        explanation: await explain(stored, chain, { canUndo, canRedo }),
        canUndo,
        canRedo,
      },
    };
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

/** Why it was rolled back, and whether that has left something as it was. */
function failureOf({ model }: StoredTransaction): TransactionDetail['failure'] {
  const { begin, failure, kept, phase, unrestored } = model;
  const left = unrestored.length + kept.length - (begin?.kept.length ?? 0);
  if (failure === null || (left === 0 && phase === 'rolled-back')) return failure;
  return withSomethingLeft(failure);
}

async function openSummaries(machine: Machine): Promise<Summaries> {
  return summariesOf(machine, await openListing(machine));
}

async function summariesOf(machine: Machine, listing: Listing): Promise<Summaries> {
  const [pins, { settings }] = await Promise.all([
    readPins(machine),
    readSettings(machine.directories.config),
  ]);
  return new Summaries(listing, pins ?? new Set(), settings.retention);
}
