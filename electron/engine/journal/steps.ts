import { constants } from 'node:fs';
import { access, chmod, lstat, mkdir, open } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { readAttributes } from './attributes.ts';
import { captureState } from './capture.ts';
import { createDurably, renameDurably, syncDirectory, writeFully } from './durable.ts';
import { isWithin } from '../reach.ts';
import { guarded, isAbsent } from '../faults.ts';
import { makeDurable } from './images.ts';
import { leftState, type PathRecord } from './model.ts';
import { imagePath, recordOf, type OpenTransaction } from './open-transaction.ts';
import { sameFor, type FileState, type PathState } from './path-state.ts';
import { removeTree } from './remove-tree.ts';
import { requireComplete, requireUntouched, sightOf } from './untouched.ts';

/** Records and names a temporary beside the target; makes the directories it needs. */
export async function nameTemporary(transaction: OpenTransaction, target: string): Promise<string> {
  const record = recordOf(transaction, target);
  await makeParents(transaction, record);
  const path = await freeName(transaction, target);
  await transaction.append({ type: 'temporary', path });
  return path;
}

/** Whatever has the name already is somebody else's: it is neither written to nor removed. */
async function freeName(transaction: OpenTransaction, target: string): Promise<string> {
  for (let number = transaction.model.temporaries.length; ; number += 1) {
    const path = `${dirname(target)}/.devmend-${transaction.id}-${number}`;
    if (!(await exists(path))) return path;
  }
}

/** Makes the missing directories above a target, each recorded before it exists. */
export async function makeParents(transaction: OpenTransaction, record: PathRecord): Promise<void> {
  const missing: string[] = [];
  for (let path = dirname(record.path); !(await exists(path)); path = dirname(path))
    missing.unshift(path);
  // One that is here already may be what a crash made and did not come to open.
  for (const path of record.directories)
    if (!missing.includes(path)) await guarded(path, async () => openToAll(transaction, path));
  for (const path of missing) {
    await transaction.append({ type: 'directory', record: record.index, path });
    await guarded(path, async () => {
      await mkdir(path, { mode: 0o700 });
      await openToAll(transaction, path);
      await syncDirectory(dirname(path));
    });
  }
}

/** A program repaired in place may be started by everybody (XDG wants 0700 elsewhere). */
async function openToAll({ machine }: OpenTransaction, path: string): Promise<void> {
  if (!isWithin(path, machine.directories.data) || !(await exists(path))) return;
  if (((await lstat(path)).mode & 0o777) !== 0o755) await chmod(path, 0o755);
}

/** Puts a temporary in place. The state it brings is in the journal before the rename. */
export async function install(
  transaction: OpenTransaction,
  staged: string,
  target: string,
): Promise<void> {
  const record = recordOf(transaction, target);
  const after = await captureState(staged);
  await makeDurable(staged, after);
  const seen = await requireExpected(record);
  await makeParents(transaction, record);
  await transaction.append({
    type: 'step',
    record: record.index,
    method: 'install',
    from: staged,
    after,
  });
  await guarded(target, async () => {
    await clearPlace(transaction, record, after, seen);
    await renameDurably(staged, target);
  });
}

/** Moves a tree out of another transaction's before-images: one rename, whatever its size. */
export async function take(
  transaction: OpenTransaction,
  image: string,
  target: string,
): Promise<void> {
  const record = recordOf(transaction, target);
  const after = await captureState(image);
  const seen = await requireExpected(record);
  await makeParents(transaction, record);
  await transaction.append({
    type: 'step',
    record: record.index,
    method: 'take',
    from: image,
    after,
  });
  await guarded(target, async () => {
    await clearPlace(transaction, record, after, seen);
    await renameDurably(image, target);
  });
}

/** Takes a target away: into its before-image by one rename, or aside and then deleted. */
export async function remove(transaction: OpenTransaction, target: string): Promise<void> {
  const record = recordOf(transaction, target);
  const expected = leftState(record);
  const seen = await requireExpected(record);
  const image = movedImage(transaction, record);
  const aside = image ?? (await freeName(transaction, target));
  await transaction.append({
    type: 'step',
    record: record.index,
    method: 'remove',
    from: image === null ? aside : null,
    after: { type: 'absent' },
  });
  await guarded(target, async () => {
    await requireUntouched(target, seen);
    await renameDurably(target, aside);
    if (image !== null) return;
    await requireComplete(aside, target, expected);
    // Named as litter only now: until here recovery gives it its name back.
    await transaction.append({ type: 'temporary', path: aside });
    await removeTree(aside);
  });
}

/**
 * Writes content in place, keeping inode, links, owner, mode and attributes. The content
 * is kept beside the before-image: only with both can recovery tell a write of ours that
 * was torn from somebody else's work.
 */
export async function overwrite(
  transaction: OpenTransaction,
  target: string,
  content: Buffer,
): Promise<void> {
  const record = recordOf(transaction, target);
  const seen = await requireExpected(record);
  const present = await captureState(target);
  if (present.type !== 'file') throw new DevmendError('target-changed', { path: target });
  if (losesRightsWhenWritten(present)) throw new DevmendError('rights-lost', { path: target });
  const from = join(transaction.directory, 'images', newContentName(record));
  await guarded(from, async () => {
    await createDurably(from, content);
    await syncDirectory(dirname(from));
  });
  await transaction.append({
    type: 'step',
    record: record.index,
    method: 'overwrite',
    from,
    after: stateWith(present, content),
  });
  await guarded(target, async () => {
    await requireUntouched(target, seen);
    await writeInPlace(target, content);
  });
}

function newContentName(record: PathRecord): string {
  return `${record.index}.written-${record.steps.length}`;
}

/**
 * Refuses a file that may not be written, and with `rights-lost` one that would have to
 * be written in place, because it has other names, and would lose what it may do by
 * that. Opens nothing for writing: that alone would wake whoever watches the file.
 */
export async function requireReplaceable(path: string): Promise<void> {
  await access(path, constants.W_OK);
  const { nlink, mode } = await lstat(path);
  if (nlink > 1 && losesRightsWhenWritten({ mode, xattrs: await readAttributes(path) }))
    throw new DevmendError('rights-lost', { path });
}

/**
 * The kernel takes a file's capabilities away when anybody writes into it, and setuid
 * and setgid when it is not root (chown(2), capabilities(7)).
 */
function losesRightsWhenWritten({ mode, xattrs }: Pick<FileState, 'mode' | 'xattrs'>): boolean {
  const capable = xattrs?.includes('security.capability') === true;
  return capable || ((mode & 0o6000) !== 0 && process.getuid?.() !== 0);
}

/** The state a file will have with other content. Its time is not known yet and not compared. */
function stateWith(present: FileState, content: Buffer): FileState {
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { ...present, size: content.length, sha256 };
}

/** Longer content is written before anything is cut off: a full disk leaves the old length. */
export async function writeInPlace(path: string, content: Buffer): Promise<void> {
  const handle = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    await writeFully(handle, content);
    await handle.truncate(content.length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * rename() replaces a file by a file; a tree that stands there, or a file where a
 * tree goes, has to make room first.
 */
async function clearPlace(
  transaction: OpenTransaction,
  record: PathRecord,
  after: PathState,
  seen: string,
): Promise<void> {
  const { path } = record;
  if ((record.before.type !== 'tree' && after.type !== 'tree') || !(await exists(path))) {
    await requireUntouched(path, seen);
    return;
  }
  const expected = stateBefore(record);
  const image = movedImage(transaction, record);
  const aside = image ?? (await nameTemporary(transaction, path));
  await requireUntouched(path, seen);
  await renameDurably(path, aside);
  if (image === null) await requireComplete(aside, path, expected);
}

/** Where a tree goes by one rename when it leaves its place; null where that cannot be. */
function movedImage(transaction: OpenTransaction, record: PathRecord): string | null {
  return record.image?.method === 'move' ? imagePath(transaction, record) : null;
}

/** What lay there before the step that has just been announced. */
function stateBefore(record: PathRecord): PathState {
  return record.steps[record.steps.length - 2]?.after ?? record.before;
}

/**
 * Refuses when the path is not what the transaction last saw there. Trees are
 * moved as a whole and were read moments ago: there only the kind is compared.
 * Answers what {@link requireUntouched} compares.
 */
async function requireExpected(record: PathRecord): Promise<string> {
  const expected = leftState(record);
  const seen = await sightOf(record.path);
  const present =
    expected.type === 'tree' ? await typeOf(record.path) : await captureState(record.path);
  const same = typeof present === 'string' ? present === 'tree' : sameFor(present, expected);
  if (!same) throw new DevmendError('target-changed', { path: record.path });
  return seen;
}

async function typeOf(path: string): Promise<'tree' | 'other'> {
  const facts = await lstat(path).catch(() => null);
  return facts?.isDirectory() === true ? 'tree' : 'other';
}

/** Whether anything, a dangling link included, has this name. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/**
 * A rename would get round a file that its owner has made read-only or immutable
 * (chattr +i, +a). Opening it for writing asks the kernel without changing a byte.
 */
export async function requireWritable(path: string): Promise<void> {
  const handle = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  await handle.close();
}
