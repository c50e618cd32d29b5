import { stat } from 'node:fs/promises';
import { DevmendError } from '../../../shared/error.ts';
import type { Machine } from '../machine.ts';
import { nearestExisting } from './images.ts';

/**
 * Another person's store is not written to: root with a user's HOME (`sudo -E`) would
 * follow whatever lies there, and leave files behind that the user cannot undo.
 */
export async function requireOwnStore({ directories, user }: Machine): Promise<void> {
  const { state } = directories;
  const owner = (await stat(await nearestExisting(state))).uid;
  if (owner !== user.uid && owner !== 0)
    throw new DevmendError('not-permitted', { path: state, detail: `uid ${owner}` });
}
