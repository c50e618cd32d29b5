import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nearestExisting } from './images.ts';

/**
 * The names that paths have when every link above them is followed: two names of one file
 * overlap only by these. A path that cannot be looked at keeps its own. Reads only; every
 * directory once.
 */
export async function realNames(paths: readonly string[]): Promise<(path: string) => string> {
  const directories = [...new Set(paths.map((path) => dirname(path)))];
  const known = new Map<string, string>();
  for (let start = 0; start < directories.length; start += BATCH)
    await Promise.all(
      directories.slice(start, start + BATCH).map(async (directory) => {
        known.set(directory, await realDirectory(directory));
      }),
    );
  return (path) => join(known.get(dirname(path)) ?? dirname(path), basename(path));
}

/** Directories that are looked at together. */
const BATCH = 64;

async function realDirectory(directory: string): Promise<string> {
  try {
    const existing = await nearestExisting(directory);
    return join(await realpath(existing), directory.slice(existing.length));
  } catch {
    // Links in a circle, or no permission: by its own name it is still compared.
    return directory;
  }
}
