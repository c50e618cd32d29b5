import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asDevmendError } from '../faults.ts';

/**
 * Makes a directory, 0700, with those above it; one that is there is left as it is.
 * Node's `recursive` answers ENOENT where a parent is read-only, which hides the
 * reason that a person can act on. Throws DevmendError.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await make(path);
  } catch (error) {
    throw asDevmendError(error, path);
  }
}

async function make(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT') throw error;
    await make(dirname(path));
    await mkdir(path, { mode: 0o700 }).catch((again: NodeJS.ErrnoException) => {
      // Another process may have made it in between.
      if (again.code !== 'EEXIST') throw again;
    });
  }
}
