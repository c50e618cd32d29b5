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
