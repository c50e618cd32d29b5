import { bindEffect } from '../effects/registry.ts';
import type { Machine } from '../machine.ts';
import type { ListedChain } from './listing.ts';
import { leftState } from './model.ts';
import { sameFor } from './path-state.ts';
import { readTransaction, type StoredTransaction } from './store.ts';

/**
 * Whether the undo of a repair that is not in effect holds the only copy of somebody's work:
 * what it found was not what the repair had left, and it was replaced all the same
 * (`--on-conflict restore`). Redo brings that back; nothing else can. Where it cannot be
 * told, the answer is yes.
 */
export async function holdsOnlyCopy(
  machine: Machine,
  { applied, repair, last }: ListedChain,
): Promise<boolean> {
  if (applied || last === null || last.operation !== 'undo') return false;
  try {
    const made = repair.stored ?? (await readTransaction(machine, repair.id));
    const undone = last.stored ?? (await readTransaction(machine, last.id));
    return replacedFile(made, undone) || replacedEffect(made, undone);
  } catch {
    return true;
  }
}

function replacedFile(made: StoredTransaction, undone: StoredTransaction): boolean {
  return undone.model.records.some(({ path, before, image, steps }) => {
    const own = made.model.records.find((record) => record.path === path);
    if (own === undefined || image === null || steps.length === 0) return false;
    return !sameFor(before, leftState(own));
  });
}

/** A kernel value that somebody had set is saved in the record alone as well. */
function replacedEffect(made: StoredTransaction, undone: StoredTransaction): boolean {
  return undone.model.effects.some(({ what, before, left }) => {
    const { target } = bindEffect(what);
    const own = made.model.effects.find((effect) => bindEffect(effect.what).target === target);
    if (own === undefined || left === null || bindEffect(what).expected === null) return false;
    return before !== own.left;
  });
}
