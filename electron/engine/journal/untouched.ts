import { lstat } from 'node:fs/promises';
import { DevmendError } from '../../../shared/error.ts';
import { isAbsent } from '../faults.ts';
import { captureState } from './capture.ts';
import { renameDurably } from './durable.ts';
import { sameFor, type PathState } from './path-state.ts';

/**
 * What tells in one call whether somebody has been at a path: another file, another
 * content or other rights change one of these numbers. In a tree only its first level.
 */
export async function sightOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await lstat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    if (isAbsent(error)) return NOTHING;
    throw error;
  }
}

/** The sight of a path that is not there. */
export const NOTHING = 'absent';

/**
 * The last look, right before the call that replaces a path: writing the announcement
 * takes as long as the disk takes, and an editor may save meanwhile. Throws
 * `target-changed`.
 */
export async function requireUntouched(path: string, seen: string): Promise<void> {
  if ((await sightOf(path)) !== seen) throw new DevmendError('target-changed', { path });
}

/**
 * What was moved aside is going to be deleted, and here nobody writes into it by its name
 * any more: whatever is in it must be in the before-image too. Else it gets its name back,
 * and `target-changed` is thrown.
 */
export async function requireComplete(
  aside: string,
  path: string,
  expected: PathState,
): Promise<void> {
  if (sameFor(await captureState(aside), expected)) return;
  if ((await sightOf(path)) === NOTHING) await renameDurably(aside, path);
  throw new DevmendError('target-changed', { path });
}
