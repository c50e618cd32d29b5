import { DevmendError, type Result } from '../../../shared/error.ts';
import type { TransactionSummary } from '../../../shared/history.ts';
import type { Machine } from '../machine.ts';
import { summaryOf } from './history.ts';
import { openListing, requireUnderstood } from './listing.ts';
import { takeLock } from './lock.ts';
import { readPins, writePins } from './pins.ts';
import { ensureStore } from './store.ts';
import { refusal } from './refusal.ts';

/**
 * Keeps a repair for good, or no longer. An undo or redo stands for its repair.
 * Answers the entry as the list shows it then.
 */
export async function setPinned(
  machine: Machine,
  id: string,
  pinned: boolean,
): Promise<Result<TransactionSummary>> {
  try {
    await ensureStore(machine);
    const lock = await takeLock(machine);
    if (!lock.ok) return lock;
    try {
      requireUnderstood(await openListing(machine));
      const { undoes } = await summaryOf(machine, id);
      const present = await readPins(machine);
      if (present === null)
        throw new DevmendError('journal-damaged', { path: machine.directories.state });
      const pins = new Set(present);
      if (pinned) pins.add(undoes ?? id);
      else pins.delete(undoes ?? id);
      await writePins(machine, pins);
      return { ok: true, value: await summaryOf(machine, id) };
    } finally {
      await lock.value.release();
    }
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}
