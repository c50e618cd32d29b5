import { assertNever, DevmendError, type Result } from '../../../shared/error.ts';
import type {
  TransactionDetail,
  TransactionStatus,
  TransactionSummary,
} from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';
import type { Machine } from '../machine.ts';
import { chainOf } from './chain.ts';
import { isInterrupted } from './guards.ts';
import { readAll, readPreviews, timeOfId, type StoredTransaction } from './store.ts';
import { refusal } from './transaction.ts';

/**
 * All transactions, newest first. One file is read for each. One whose record cannot
 * be read is listed too: that it happened is known; those of a newer Devmend are not.
 */
export async function listTransactions(
  machine: Machine,
): Promise<Result<readonly TransactionSummary[]>> {
  try {
    const all = await readAll(machine);
    const summaries = all
      .filter((stored) => stored.model.begin !== null || stored.damaged)
      .map((stored) => summaryOf(stored, all));
    return { ok: true, value: summaries.reverse() };
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

/** One transaction with what it changed, what was proven, and what can be done with it now. */
export async function showTransaction(
  machine: Machine,
  id: string,
): Promise<Result<TransactionDetail>> {
  try {
    const all = await readAll(machine);
    const stored = all.find((candidate) => candidate.id === id);
    if (stored === undefined) throw new DevmendError('not-found', { path: id });
    if (stored.fromTheFuture) throw new DevmendError('journal-from-the-future', { id });
    if (stored.model.begin === null)
      throw new DevmendError('journal-damaged', { path: stored.directory });
    const chain = stored.model.begin.operation === 'apply' ? chainOf(all, id) : null;
    const usable =
      chain !== null && !all.some((other) => other.fromTheFuture || isInterrupted(other));
    return {
      ok: true,
      value: {
        summary: summaryOf(stored, all),
        previews: [...(await readPreviews(stored))],
        verifications: [...stored.model.answers],
        failure: stored.model.failure,
        canUndo: usable && chain.applied,
        canRedo: usable && !chain.applied,
      },
    };
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

function summaryOf(
  stored: StoredTransaction,
  all: readonly StoredTransaction[],
): TransactionSummary {
  const { model, id } = stored;
  const { begin } = model;
  const undoneBy = undoOf(stored, all);
  return {
    id,
    at: begin === null ? timeOfId(id).toISOString() : model.at,
    type: begin?.operation ?? 'apply',
    title: begin?.title ?? message('journal.title.unknown'),
    status: undoneBy === null ? statusOf(stored) : 'undone',
    changes: (begin?.changes ?? []).map(({ kind, target, title, reversibility }) => ({
      kind,
      target,
      title,
      reversibility,
    })),
    undoes: begin?.undoes ?? null,
    undoneBy: undoneBy === null ? null : { id: undoneBy.id, at: undoneBy.model.at },
    durationMs: model.durationMs,
    imageBytes: begin?.imageBytes ?? 0,
    subjects: begin?.subjects ?? [],
  };
}

/** The undo that is in effect for a repair, if one is. */
function undoOf(
  stored: StoredTransaction,
  all: readonly StoredTransaction[],
): StoredTransaction | null {
  if (stored.model.begin?.operation !== 'apply') return null;
  const chain = chainOf(all, stored.id);
  return chain === null || chain.applied ? null : chain.last;
}

function statusOf({ model }: StoredTransaction): TransactionStatus {
  switch (model.phase) {
    case 'committed':
      return model.status ?? 'applied';
    case 'rolled-back':
      return 'rolled-back';
    case 'preparing':
    case 'prepared':
    case 'rolling-back':
      return 'interrupted';
    default:
      return assertNever(model.phase);
  }
}
