import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { isAbsent } from '../faults.ts';
import { readAttributes } from './attributes.ts';

/** As many as the kernel follows before it says ELOOP. */
const MOST_LINKS = 40;

/**
 * Refuses with `directory-unsafe` when Devmend is root and somebody else could exchange
 * what lies at the path, or on the way to it, while Devmend works there: a file that root
 * has just made could be a link to /etc/shadow when it is opened again. Every directory
 * and link on the way is looked at. Asks nothing of anybody who is not root: he can only
 * write where he may. What is missing would be made by root, and is safe.
 */
export async function requireSafeGround(path: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const names = namesOf(dirname(path));
  let links = 0;
  let place: Place = { directory: '/', facts: await lstat('/') };
  await requireOwnDirectory(place, path);
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const next = await entryOf(place.directory, name);
    if (next === null) break;
    // In /tmp and its like everybody makes names, and only their owners exchange them.
    if (isOpenToOthers(place.facts) && next.facts.uid !== 0) throw unsafe(next, path);
    if (next.facts.isSymbolicLink()) {
      const target = await readlink(next.directory);
      links += 1;
      if (links > MOST_LINKS) throw unsafe(next, path);
      names.unshift(...namesOf(target));
      if (target.startsWith('/')) place = { directory: '/', facts: await lstat('/') };
    } else if (next.facts.isDirectory()) {
      await requireOwnDirectory(next, path);
      place = next;
    } else break;
  }
  if (isOpenToOthers(place.facts)) throw unsafe(place, path);
}

interface Place {
  readonly directory: string;
  readonly facts: Stats;
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

async function entryOf(directory: string, name: string): Promise<Place | null> {
  const path = join(directory, name);
  try {
    return { directory: path, facts: await lstat(path) };
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

async function requireOwnDirectory(place: Place, path: string): Promise<void> {
  const { uid, gid, mode } = place.facts;
  if (uid !== 0) throw unsafe(place, path);
  if (isOpenToOthers(place.facts) && (mode & 0o1000) === 0) throw unsafe(place, path);
  // With an ACL the group's bits say what anybody named in it may do at most (acl(5)); where
  // everybody may, as in /tmp, nobody needs to be named.
  if ((mode & 0o022) === 0o020 && gid === 0 && (await hasAccessList(place.directory)))
    throw unsafe(place, path);
}

function isOpenToOthers({ mode, gid }: Stats): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0);
}

async function hasAccessList(directory: string): Promise<boolean> {
  return (await readAttributes(directory))?.includes('system.posix_acl_access') === true;
}

function unsafe({ directory, facts }: Place, path: string): DevmendError {
  const rights = (facts.mode & 0o7777).toString(8);
  const detail = `${facts.uid}:${facts.gid} ${rights}`;
  return new DevmendError('directory-unsafe', { path, directory, detail });
}
