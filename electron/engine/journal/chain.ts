import { readPlan, type StoredTransaction } from './store.ts';

/**
 * A repair and all that was done to it since: apply, undo, redo, undo … For each path the
 * last link that did something to it counts: it alone knows where the before-image is
 * now, because moved trees travel from one transaction's store to the next.
 */
export interface Chain {
  readonly repair: StoredTransaction;
  /** Its committed transactions, the repair first. */
  readonly links: readonly StoredTransaction[];
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
  const since = all.filter(
    (stored) => stored.model.begin?.undoes === repairId && stored.model.phase === 'committed',
  );
  const links = [repair, ...since];
  const last = links[links.length - 1] ?? repair;
  return { repair, links, last, applied: last.model.begin?.operation !== 'undo' };
}

/**
 * A transaction of the chain whose record is damaged, or null. Where there is one, nobody
 * knows what is in effect, nor where the before-images are. If not even its beginning can
 * be read, its plan tells what it was to take back.
 */
export async function damagedIn(
  all: readonly StoredTransaction[],
  chain: Chain,
): Promise<StoredTransaction | null> {
  for (const stored of all) {
    if (!stored.damaged) continue;
    if (stored.id === chain.repair.id || stored.model.begin?.undoes === chain.repair.id)
      return stored;
    if (stored.model.begin === null && (await takesBack(stored, chain))) return stored;
  }
  return null;
}

async function takesBack(stored: StoredTransaction, { links }: Chain): Promise<boolean> {
  // Without a plan there is nothing left that could tell.
  const plan = await readPlan(stored).catch(() => null);
  const ids = new Set(links.map(({ id }) => id));
  return (plan?.changes ?? []).some(
    (change) => change.kind === 'restore' && ids.has(change.transaction),
  );
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
