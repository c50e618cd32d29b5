import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import type { Machine } from '../machine.ts';
import { nearestExisting } from './images.ts';
import { requireSafeGround } from './safe-ground.ts';

/**
 * Another person's store is not written to: root with a user's HOME (`sudo -E`) would
 * follow whatever lies there, and leave files behind that the user cannot undo. A link
 * is judged itself, not by where it leads: whoever made it chose that.
 */
export async function requireOwnStore({ directories, user }: Machine): Promise<void> {
  const { state } = directories;
  const owner = (await lstat(await nearestExisting(state))).uid;
  if (owner !== user.uid && owner !== 0)
    throw new DevmendError('not-permitted', { path: state, detail: `uid ${owner}` });
  for (const path of [state, join(state, 'journal')]) {
    await requireSafeGround(path);
    await requireNoLinkForRoot(path);
  }
}

/** Not even one of its own: /etc with mode 0700 is a machine that does not start. */
async function requireNoLinkForRoot(path: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const target = await readlink(path).catch(() => null);
  if (target !== null) throw new DevmendError('not-permitted', { path, detail: `-> ${target}` });
}

/** Takes the rights of everybody else from a directory of the store. */
export async function closeToOthers(path: string): Promise<void> {
  const follow = process.geteuid?.() === 0 ? constants.O_NOFOLLOW : 0;
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | follow);
  try {
    if (((await handle.stat()).mode & 0o077) !== 0) await handle.chmod(0o700);
  } finally {
    await handle.close();
  }
}
