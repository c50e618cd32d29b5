import type { StoredTransaction } from './store.ts';

/**
 * A repair and all that was done to it since: apply, undo, redo, undo … Only the
 * last link counts: it alone knows where the before-images are now, because moved
 * trees travel from one transaction's store to the next.
 */
export interface Chain {
  readonly repair: StoredTransaction;
  /** The newest committed transaction of the chain. */
  readonly last: StoredTransaction;
  /** Whether the repair is in effect now. */
  readonly applied: boolean;
}

/** The chain that a transaction belongs to; null when its repair never was committed. */
export function chainOf(all: readonly StoredTransaction[], id: string): Chain | null {
  const asked = all.find((stored) => stored.id === id);
  const repairId = asked?.model.begin?.undoes ?? id;
  const repair = all.find((stored) => stored.id === repairId);
  if (repair === undefined || repair.model.phase !== 'committed') return null;
  const links = all.filter(
    (stored) => stored.model.begin?.undoes === repairId && stored.model.phase === 'committed',
  );
  const last = links[links.length - 1] ?? repair;
  return { repair, last, applied: last.model.begin?.operation !== 'undo' };
}

/** Chains of all repairs that are in effect now, oldest first. */
export function appliedChains(all: readonly StoredTransaction[]): readonly Chain[] {
  return all
    .filter((stored) => stored.model.begin?.operation === 'apply')
    .map((stored) => chainOf(all, stored.id))
    .filter((chain): chain is Chain => chain?.applied === true);
}

/** True when one path is the other, or lies inside it. */
export function overlaps(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}/`) || other.startsWith(`${path}/`);
}
