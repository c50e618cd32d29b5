import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const BLOCK = 512;

/** Bytes that a tree takes on the disk, names with several links counted once each. */
export async function bytesBelow(path: string): Promise<number> {
  const facts = await lstat(path).catch(() => null);
  if (facts === null) return 0;
  let bytes = facts.blocks * BLOCK;
  if (!facts.isDirectory()) return bytes;
  const names = await readdir(path).catch(() => []);
  for (const name of names) bytes += await bytesBelow(join(path, name));
  return bytes;
}

/**
 * Bytes that a copy of a path will take: what is allocated, so that holes count nothing;
 * names of one file count once, as `cp -a` keeps them. Names are bytes. Throws where it
 * cannot be looked at.
 */
export async function allocatedBytes(path: string): Promise<number> {
  return allocatedIn(Buffer.from(path), new Set());
}

async function allocatedIn(path: Buffer, seen: Set<string>): Promise<number> {
  const facts = await lstat(path);
  if (facts.nlink > 1 && !facts.isDirectory()) {
    const key = `${facts.dev}:${facts.ino}`;
    if (seen.has(key)) return 0;
    seen.add(key);
  }
  let bytes = facts.blocks * BLOCK;
  if (!facts.isDirectory()) return bytes;
  for (const name of await readdir(path, { encoding: 'buffer' }))
    bytes += await allocatedIn(Buffer.concat([path, Buffer.from('/'), name]), seen);
  return bytes;
}
