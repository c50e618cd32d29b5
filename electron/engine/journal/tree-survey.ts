import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';

/** What can be told of a tree without reading a file of it. */
export interface TreeSurvey {
  /** Bytes of the longest name below the tree, with its leading slash. */
  readonly longest: number;
  /**
   * Whether a file in it is known by a name outside it as well. A copy of the tree
   * would part the two; a rename of it does not.
   */
  readonly linksOut: boolean;
  /** A block or character device in it. */
  readonly device: string | null;
}

interface Counting {
  longest: number;
  device: string | null;
  readonly links: Map<string, { links: bigint; names: bigint }>;
}

/** Looks at every entry of a tree. Names are bytes. */
export async function surveyTree(directory: string): Promise<TreeSurvey> {
  const counting: Counting = { longest: 0, device: null, links: new Map() };
  const top = Buffer.from(directory);
  await count(top, top.length, counting);
  const { longest, device, links } = counting;
  const linksOut = [...links.values()].some((file) => file.names < file.links);
  return { longest, device, linksOut };
}

async function count(directory: Buffer, above: number, counting: Counting): Promise<void> {
  for (const name of await readdir(directory, { encoding: 'buffer' })) {
    const path = Buffer.concat([directory, Buffer.from('/'), name]);
    const facts: BigIntStats = await lstat(path, { bigint: true });
    counting.longest = Math.max(counting.longest, path.length - above);
    if (facts.isBlockDevice() || facts.isCharacterDevice()) counting.device ??= path.toString();
    if (facts.isDirectory()) await count(path, above, counting);
    else if (facts.nlink > 1n) {
      const key = `${facts.dev}:${facts.ino}`;
      const names = (counting.links.get(key)?.names ?? 0n) + 1n;
      counting.links.set(key, { links: facts.nlink, names });
    }
  }
}
