import { join } from 'node:path';
import { DevmendError, type Result } from '../../../shared/error.ts';
import type { RecoveryStatus, TransactionOutcome, Unrestored } from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { asDevmendError } from '../faults.ts';
import { isInterrupted } from './guards.ts';
import { openListing, readRelevant } from './listing.ts';
import { lockOwner, takeLock } from './lock.ts';
import { openTransaction, type OpenTransaction } from './open-transaction.ts';
import { removeTree } from './remove-tree.ts';
import { removeUnfinishedPins } from './pins.ts';
import { removeUnfinishedPrograms } from './programs.ts';
import { removeLeftovers } from './retention.ts';
import { rollBack } from './roll-back.ts';
import { ensureStore, journalRoot, listPreparing, type StoredTransaction } from './store.ts';
import { refusal } from './refusal.ts';

/** What a crash left, who holds the lock, and whether the journal can be written. Reads only. */
export async function recoveryStatus(machine: Machine): Promise<Result<RecoveryStatus>> {
  try {
    const lockedBy = await lockOwner(machine);
    const all = await readRelevant(machine, null);
    // While somebody works, his transaction is under way, not interrupted.
    const interrupted = lockedBy === null ? all.filter(isInterrupted) : [];
    return {
      ok: true,
      value: {
        interrupted: interrupted.map(whatIsKnown),
        readOnly: all.some((stored) => stored.fromTheFuture),
        lockedBy,
      },
    };
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

function whatIsKnown({ id, model }: StoredTransaction): RecoveryStatus['interrupted'][number] {
  const { begin, started, done } = model;
  const stateOf = (change: string): 'done' | 'begun' | 'waiting' => {
    if (done.includes(change)) return 'done';
    return started.includes(change) ? 'begun' : 'waiting';
  };
  return {
    id,
    at: model.at,
    title: begin?.title ?? message('journal.title.unknown'),
    done: done.length,
    total: begin?.changes.length ?? 0,
    changes: (begin?.changes ?? []).map((change) => ({
      title: change.title,
      target: change.target,
      state: stateOf(change.id),
    })),
  };
}

/**
 * Brings every interrupted transaction to an end: what was not committed goes back
 * to before, path by path, and litter goes. Safe to interrupt and to run again;
 * answers one outcome for each transaction it dealt with.
 */
export async function recover(
  machine: Machine,
  job: JobContext,
): Promise<Result<readonly TransactionOutcome[]>> {
  try {
    await ensureStore(machine);
    const lock = await takeLock(machine);
    if (!lock.ok) return lock;
    try {
      return { ok: true, value: await recoverLocked(machine, job) };
    } finally {
      await lock.value.release();
    }
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

async function recoverLocked(
  machine: Machine,
  job: JobContext,
): Promise<readonly TransactionOutcome[]> {
  const all = await readRelevant(machine, null);
  // What a newer Devmend has begun may need recovery too, and only it can tell.
  const future = all.find((stored) => stored.fromTheFuture);
  if (future !== undefined) throw new DevmendError('journal-from-the-future', { id: future.id });
  for (const name of await listPreparing(machine))
    await removeTree(join(journalRoot(machine), name));
  await removeUnfinishedPins(machine);
  await removeUnfinishedPrograms(machine);
  await removeLeftovers(machine, await openListing(machine));
  const interrupted = all.filter(isInterrupted);
  const outcomes: TransactionOutcome[] = [];
  // Newest first: a later one may stand on what an earlier one left.
  for (const stored of [...interrupted].reverse()) {
    outcomes.push(await recoverOne(machine, stored, job));
    job.emit({ type: 'progress', done: outcomes.length, total: interrupted.length });
  }
  return outcomes;
}

async function recoverOne(
  machine: Machine,
  stored: StoredTransaction,
  job: JobContext,
): Promise<TransactionOutcome> {
  const title = stored.model.begin?.title ?? message('journal.title.unknown');
  const transaction = await openTransaction(machine, stored.id);
  const ended = async (): Promise<TransactionOutcome> => {
    try {
      const { kept, unrestored } = await rollBack(
        transaction,
        { code: 'interrupted', params: {}, correlationId: '' },
        job,
      );
      tellEach(transaction, kept, unrestored, job);
      return {
        ...common(),
        status: 'rolled-back',
        failure: null,
        kept: [...kept],
        ...(unrestored.length > 0 && { unrestored: [...unrestored] }),
      };
    } catch (error) {
      const failure = asDevmendError(error, transaction.directory).data;
      return { ...common(), status: 'interrupted', failure, kept: [] };
    }
  };
  const common = (): Pick<TransactionOutcome, 'id' | 'title' | 'verifications' | 'durationMs'> => ({
    id: stored.id,
    title,
    verifications: [...transaction.model.answers],
    durationMs: transaction.model.durationMs ?? 0,
  });
  try {
    return await ended();
  } finally {
    await transaction.close();
  }
}

/** What has become of every path. */
function tellEach(
  { model }: OpenTransaction,
  kept: readonly string[],
  unrestored: readonly Unrestored[],
  job: JobContext,
): void {
  for (const { path } of model.records) {
    if (unrestored.some(({ target }) => target === path)) continue;
    const key = kept.includes(path) ? 'journal.note.kept' : 'journal.note.broughtBack';
    job.emit({ type: 'note', note: message(key, { path }) });
  }
  for (const { reason } of unrestored) job.emit({ type: 'note', note: reason });
}
