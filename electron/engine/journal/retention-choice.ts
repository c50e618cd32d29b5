import type { RetentionLimits, RetentionPreview } from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';
import type { Machine } from '../machine.ts';
import { contentOfListed, timeOf, type Listed, type ListedChain, type Listing } from './listing.ts';
import { holdsOnlyCopy } from './only-copy.ts';
import { standsOnAnother } from './stands-on.ts';
import { timeOfId } from './store.ts';

const MEGABYTE = 1_000_000;
const DAY_MS = 24 * 60 * 60 * 1000;

export type Expired = RetentionPreview['expired'][number];

interface Choice {
  readonly limits: RetentionLimits;
  /** What may go at all, oldest first. */
  readonly going: readonly ListedChain[];
  readonly stock: {
    readonly repairs: number;
    readonly usedBytes: number;
    /** Bytes of what may not go. */
    readonly staying: number;
    readonly sizes: ReadonlyMap<ListedChain, number>;
  };
  readonly most: number;
}

/** What nobody misses goes first, then what could still be undone or brought back; oldest first. */
export async function chosen(
  machine: Machine,
  listing: Listing,
  { limits, going, stock, most }: Choice,
): Promise<readonly Expired[]> {
  const { megabytes } = limits;
  // What stays is too much by itself: nothing that could still be undone is given up for that.
  const beyond = megabytes !== null && stock.staying > megabytes * MEGABYTE;
  const now = machine.clock().getTime();
  const standsOn = standsOnAnother(listing);
  const gone = new Set<string>();
  const expired: Expired[] = [];
  const holding = new Set<ListedChain>();
  let [left, bytes] = [stock.repairs, stock.usedBytes];
  const consider = async (chain: ListedChain, missed: boolean): Promise<void> => {
    const reachable = beyond && missed ? { ...limits, megabytes: null } : limits;
    const because = reason(chain, reachable, { left, bytes, now });
    if (because === null || (chain.applied && (await standsOn(chain, gone)))) return;
    // Read from the journals, so only of what would go.
    const onlyCopy = await holdsOnlyCopy(machine, chain);
    if (onlyCopy && !missed) {
      holding.add(chain);
      return;
    }
    gone.add(chain.repair.id);
    const size = stock.sizes.get(chain) ?? 0;
    left -= 1;
    bytes -= size;
    expired.push({ ...expiredEntry(chain, size, because), onlyCopy });
  };
  const missed = (chain: ListedChain): boolean => chain.applied || holding.has(chain);
  for (const chain of going)
    if (expired.length < most && !chain.applied) await consider(chain, false);
  for (const chain of going)
    if (expired.length < most && missed(chain)) await consider(chain, true);
  return expired;
}

function reason(
  chain: ListedChain,
  limits: RetentionLimits,
  state: { readonly left: number; readonly bytes: number; readonly now: number },
): Expired['because'] | null {
  const { repairs, days, megabytes } = limits;
  if (days !== null && timeOf(lastOf(chain)) + days * DAY_MS < state.now) return 'days';
  if (repairs !== null && state.left > repairs) return 'repairs';
  if (megabytes !== null && state.bytes > megabytes * MEGABYTE) return 'megabytes';
  return null;
}

function expiredEntry(
  chain: ListedChain,
  bytes: number,
  because: Expired['because'],
): Omit<Expired, 'onlyCopy'> {
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

/** The newest link, whether it was committed or not. */
export function lastOf(chain: ListedChain): Listed {
  return chain.links[chain.links.length - 1] ?? chain.repair;
}
