import { join } from 'node:path';
import type { Machine } from '../machine.ts';
import { readFileInRoot } from '../rootfs.ts';
import { replaceCache } from './history-index.ts';
import type { ListedChain } from './listing.ts';
import { journalRoot } from './store.ts';
import { bytesBelow } from './used-bytes.ts';

const LARGEST = 64 * 1024 * 1024;
const HEAD = 'devmend.history-sizes/1';
/** So many are measured each time rather than writing the file anew. */
const MOST_UNKNOWN = 64;

/** Bytes on the disk that a repair takes with its undo and redo. */
export type SizeOf = (chain: ListedChain) => Promise<number>;

/** Measured on the disk itself: what decides about a removal. */
export function measuredSizes(machine: Machine): SizeOf {
  return async ({ links }) => {
    let bytes = 0;
    for (const { id } of links) bytes += await bytesBelow(join(journalRoot(machine), id));
    return bytes;
  };
}

/**
 * Sizes that `<cache>/history-sizes` remembers, and the rest measured. What a chain takes
 * changes only when something is done to it: a moved tree travels from one link to the
 * next. So a size counts for as long as the last link is the same and all of them have
 * ended. `close` writes down what was measured, where that was much.
 */
export function rememberedSizes(
  machine: Machine,
  hasEnded: (chain: ListedChain) => boolean,
): { readonly sizeOf: SizeOf; readonly close: () => Promise<void> } {
  const known = read(machine);
  const measure = measuredSizes(machine);
  const lines = new Map<string, number>();
  let unknown = 0;
  const sizeOf: SizeOf = async (chain) => {
    if (!hasEnded(chain)) return measure(chain);
    const key = keyOf(chain);
    let size = known.get(key);
    if (size === undefined) {
      unknown += 1;
      size = await measure(chain);
    }
    lines.set(key, size);
    return size;
  };
  const close = async (): Promise<void> => {
    if (unknown <= MOST_UNKNOWN && known.size <= lines.size + MOST_UNKNOWN) return;
    const rows = [...lines].map(([key, size]) => `${key}\t${size}`);
    await replaceCache(machine, sizesFile(machine), [headOf(machine, rows.length), ...rows, '']);
  };
  return { sizeOf, close };
}

function keyOf({ repair, links }: ListedChain): string {
  return `${repair.id}\t${links[links.length - 1]?.id ?? repair.id}`;
}

function sizesFile(machine: Machine): string {
  return join(machine.directories.cache, 'history-sizes');
}

function headOf(machine: Machine, count: number): string {
  return `${HEAD}\t${count}\t${JSON.stringify(journalRoot(machine))}`;
}

/** Empty when there is none, or it is another store's or torn. */
function read(machine: Machine): ReadonlyMap<string, number> {
  const bytes = readFileInRoot('/', sizesFile(machine), LARGEST);
  if (!bytes.ok) return new Map();
  const rows = bytes.value.toString('utf8').split('\n');
  const count = rows.length - 2;
  if (rows[0] !== headOf(machine, count) || rows[rows.length - 1] !== '') return new Map();
  const sizes = new Map<string, number>();
  for (const row of rows.slice(1, -1)) {
    const [repair, last, size] = row.split('\t');
    const bytesOfIt = Number(size);
    if (size !== undefined && Number.isSafeInteger(bytesOfIt) && bytesOfIt >= 0)
      sizes.set(`${repair}\t${last}`, bytesOfIt);
  }
  return sizes;
}
