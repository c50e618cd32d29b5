import { constants } from 'node:fs';
import { access, lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { guarded, isAbsent } from '../faults.ts';
import { isForRoot } from '../changes/change.ts';
import type { BoundChange } from '../changes/registry.ts';
import type { Machine } from '../machine.ts';
import { readAttributes } from './attributes.ts';
import { nearestExisting, sameFileSystem } from './images.ts';
import { requireSafeGround } from './safe-ground.ts';
import { PREPARING, journalRoot } from './store.ts';
import { findTool, readWithTool } from './tools.ts';
import { surveyTree } from './tree-survey.ts';

/** PATH_MAX of the kernel's limits.h, less the byte that ends a name. */
const LONGEST_PATH = 4095;
/** NAME_MAX of the same. */
const LONGEST_NAME = 255;
/** An id (20260101T000000.000Z), and a number of four digits. */
const ID_AND_NUMBER = `${'0'.repeat(20)}-0000`;

/** What a change is going to touch, and what it is going to read all of. */
export type Foreseen = Pick<BoundChange, 'change' | 'touches' | 'copies'>;

/**
 * Refuses what could not be given back exactly, or could not be brought about and put
 * back, as far as it can be seen without writing: things that are neither files nor
 * links nor directories, protection against changes, hard links that lead out of a
 * tree, owners and rights that only root can give back, and names that are too long
 * for the places where a copy has to lie, and for root whatever others can exchange. Throws DevmendError. What only the disk can
 * tell (room, attributes that the store cannot hold) is found while before-images are
 * made, which is before the first change as well.
 */
export async function requireKeepable(machine: Machine, foreseen: Foreseen): Promise<void> {
  for (const path of foreseen.touches) await guarded(path, async () => requireSafeGround(path));
  if (isForRoot(foreseen.change)) return;
  for (const path of foreseen.touches) await guarded(path, async () => keepable(machine, path));
  for (const path of foreseen.copies)
    await guarded(path, async () => copyable(machine, path, foreseen.touches));
}

async function keepable(machine: Machine, path: string): Promise<void> {
  requireShort(path, 0, [path, temporaryOf(path)]);
  const facts = await lstat(path).catch((error: unknown) => {
    if (isAbsent(error)) return null;
    throw error;
  });
  const parent = await realpath(await nearestExisting(dirname(path)));
  // A file with other names is written where it is: the directory has no part in that.
  const inPlace = facts?.isFile() === true && facts.nlink > 1;
  if (!inPlace) await access(parent, constants.W_OK | constants.X_OK);
  await requireUnprotected(['-d', '--', ...(inPlace ? [] : [parent]), path]);
  if (facts === null || facts.isSymbolicLink()) return;
  if (facts.isFile()) {
    if (process.getuid?.() === 0) return;
    const capable = (await readAttributes(path))?.includes('security.capability') === true;
    const foreign = facts.uid !== process.getuid?.();
    if (capable || foreign)
      throw new DevmendError('image-inexact', { path, detail: foreign ? 'owner' : 'attributes' });
    return;
  }
  if (!facts.isDirectory()) throw new DevmendError('target-changed', { path });
  const store = journalRoot(machine);
  const survey = await surveyTree(path);
  requireShort(path, survey.longest, [imageIn(store), temporaryOf(path)]);
  if (survey.linksOut && !(await sameFileSystem(path, store)))
    throw new DevmendError('hard-linked', { path });
  await requireUnprotected(['-a', '-R', '--', path]);
}

/** What is copied from: nothing happens to it, but all of it has to find a place. */
async function copyable(machine: Machine, path: string, touches: readonly string[]): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return;
  const survey = await surveyTree(path);
  const places = touches.flatMap((to) => [to, temporaryOf(to)]);
  requireShort(path, survey.longest, [imageIn(journalRoot(machine)), ...places]);
  // mknod(2): only root makes devices.
  if (survey.device !== null && process.getuid?.() !== 0)
    throw new DevmendError('not-permitted', { path: survey.device, detail: 'mknod' });
}

function temporaryOf(path: string): string {
  return join(dirname(path), `.devmend-${ID_AND_NUMBER}`);
}

function imageIn(store: string): string {
  return join(store, PREPARING + ID_AND_NUMBER, 'images');
}

/** `longest`: bytes of the longest name below the path, which each place is put before. */
function requireShort(path: string, longest: number, places: readonly string[]): void {
  const above = Math.max(...places.map((place) => Buffer.byteLength(place)));
  const tooLong = path.split('/').some((name) => Buffer.byteLength(name) > LONGEST_NAME);
  if (above + longest > LONGEST_PATH || tooLong) throw new DevmendError('path-too-long', { path });
}

/**
 * Immutable and append-only things (chattr +i, +a) cannot be replaced, moved or removed,
 * by root neither; in an append-only directory not even a temporary goes away again.
 * Node cannot ask the kernel for these flags. Without lsattr, the change finds out itself.
 */
async function requireUnprotected(args: readonly string[]): Promise<void> {
  const lsattr = await findTool('lsattr');
  if (lsattr === null) return;
  const { stdout } = await readWithTool(lsattr, args);
  for (const line of stdout.toString('utf8').split('\n')) {
    const [, flags = '', path = ''] = /^([-A-Za-z]{8,}) (\/.*)$/.exec(line) ?? [];
    if (flags.includes('i') || flags.includes('a'))
      throw new DevmendError('target-immutable', { path });
  }
}
