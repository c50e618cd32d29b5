import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';

/**
 * Whether a file below the directory is known by a name outside it as well. A copy of
 * the tree would part the two; a rename of it does not. Names are bytes.
 */
export async function hasLinksOut(directory: string): Promise<boolean> {
  const inside = new Map<string, { links: bigint; names: bigint }>();
  await count(Buffer.from(directory), inside);
  return [...inside.values()].some(({ links, names }) => names < links);
}

async function count(
  directory: Buffer,
  inside: Map<string, { links: bigint; names: bigint }>,
): Promise<void> {
  for (const name of await readdir(directory, { encoding: 'buffer' })) {
    const path = Buffer.concat([directory, Buffer.from('/'), name]);
    const facts: BigIntStats = await lstat(path, { bigint: true });
    if (facts.isDirectory()) await count(path, inside);
    else if (facts.nlink > 1n) {
      const key = `${facts.dev}:${facts.ino}`;
      const names = (inside.get(key)?.names ?? 0n) + 1n;
      inside.set(key, { links: facts.nlink, names });
    }
  }
}
