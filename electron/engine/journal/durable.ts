import { constants } from 'node:fs';
import { lstat, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runCoreTool } from './tools.ts';

/**
 * What makes a write survive a power cut: the file's own fsync, and the fsync of
 * the directory that names it. A failed fsync is never tried again: the kernel has
 * dropped the dirty pages and a second call would report success (fsyncgate, 2018).
 */
export async function syncPath(path: string | Buffer): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The same for a directory by the name that is used for it: a link to one is followed. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** More files than this are made durable by one syncfs: cheaper than an fsync for each. */
const MOST_SINGLE_SYNCS = 64;

/**
 * Makes a tree durable: file by file while they are few, because syncfs also waits
 * for whatever else is being written to the disk.
 */
export async function syncTree(path: string): Promise<void> {
  const paths: Buffer[] = [];
  const few = await listTree(Buffer.from(path), paths);
  if (!few) {
    await runCoreTool('sync', ['-f', '--', path], path);
    return;
  }
  for (const inside of paths) await syncPath(inside);
}

/** Files before the directories that name them; false when there are too many, or one is unreadable. */
async function listTree(directory: Buffer, paths: Buffer[]): Promise<boolean> {
  for (const name of await readdir(directory, { encoding: 'buffer' })) {
    const inside = Buffer.concat([directory, Buffer.from('/'), name]);
    const facts = await lstat(inside);
    if (facts.isDirectory()) {
      if (!(await listTree(inside, paths))) return false;
    } else if (facts.isFile()) {
      if ((facts.mode & 0o400) === 0) return false;
      paths.push(inside);
    }
    if (paths.length > MOST_SINGLE_SYNCS) return false;
  }
  paths.push(directory);
  return true;
}

/** Writes all of it: `write` may take less than it is given, and then is asked again. */
export async function writeFully(handle: FileHandle, data: Buffer): Promise<void> {
  for (let offset = 0; offset < data.length;) {
    const { bytesWritten } = await handle.write(data, offset, data.length - offset);
    offset += bytesWritten;
  }
}

/** Creates a file that must not exist yet, mode 0600 whatever the umask, and syncs it. */
export async function createDurably(path: string, data: Buffer): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await writeFully(handle, data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Renames and makes it durable on both sides. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
  if (dirname(from) !== dirname(to)) await syncDirectory(dirname(from));
}

/** Removes one file; being gone already is success. */
export async function unlinkIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
