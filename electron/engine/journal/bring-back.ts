import { createHash } from 'node:crypto';
import { chmod, chown, lstat, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { captureState, readQuietly } from './capture.ts';
import { renameDurably, syncDirectory, syncPath } from './durable.ts';
import { guarded } from '../faults.ts';
import { setAccessTime, setModificationTime, stageFromImage } from './images.ts';
import type { PathRecord } from './model.ts';
import { imagePath, type OpenTransaction } from './open-transaction.ts';
import { identical, sameFor, type FileState, type PathState } from './path-state.ts';
import { removeTree } from './remove-tree.ts';
import { exists, makeParents, nameTemporary, writeInPlace } from './steps.ts';

/** `kept`: somebody else's work stands there, and stays. */
export type BroughtBack = 'untouched' | 'restored' | 'kept';

/**
 * Brings one path back to what it was before the transaction: roll-back and
 * recovery. Can be interrupted at any point and done again. A path that is
 * neither before nor after is somebody else's and is left alone.
 */
export async function bringBack(
  transaction: OpenTransaction,
  record: PathRecord,
): Promise<BroughtBack> {
  return guarded(record.path, async () => {
    const outcome = await bringPathBack(transaction, record);
    if (outcome !== 'kept') await removeMadeDirectories(record.directories);
    return outcome;
  });
}

async function bringPathBack(
  transaction: OpenTransaction,
  record: PathRecord,
): Promise<BroughtBack> {
  if (record.steps.length === 0) return 'untouched';
  const present = await captureState(record.path);
  if (identical(present, record.before)) return 'untouched';
  if (sameFor(present, record.before)) {
    if (record.before.type === 'file') await setTimes(record.path, record.before);
    return 'restored';
  }
  if (!isOurs(record, present)) return 'kept';
  await makeRoom(transaction, record, present);
  await putBeforeBack(transaction, record);
  return 'restored';
}

/** What a crash of ours can have left: an announced state, the gap in between, a torn write. */
function isOurs(record: PathRecord, present: PathState): boolean {
  if (record.steps.some((step) => sameFor(present, step.after))) return true;
  if (present.type === 'absent') return true;
  return present.type === 'file' && record.steps.some((step) => step.method === 'overwrite');
}

async function makeRoom(
  transaction: OpenTransaction,
  record: PathRecord,
  present: PathState,
): Promise<void> {
  if (present.type === 'absent') return;
  const last = record.steps[record.steps.length - 1];
  if (last?.method === 'take' && last.from !== null && !(await exists(last.from))) {
    await renameDurably(record.path, last.from);
    return;
  }
  const replacedByRename = present.type !== 'tree' && record.before.type !== 'tree';
  if (replacedByRename && record.before.type !== 'absent') return;
  const aside = await nameTemporary(transaction, record.path);
  await renameDurably(record.path, aside);
}

async function putBeforeBack(transaction: OpenTransaction, record: PathRecord): Promise<void> {
  const { before, path } = record;
  const image = imagePath(transaction, record);
  if (before.type === 'absent' || image === null) return;
  await makeParents(transaction, record);
  if (record.image?.method === 'move') {
    if (await exists(image)) await renameDurably(image, path);
    return;
  }
  if (before.type === 'file' && (await isWrittenInPlace(record))) {
    await overwriteContent(image, before, path, writeInPlace);
    return;
  }
  const staged = await nameTemporary(transaction, path);
  await stageFromImage(image, before, staged, path);
  await renameDurably(staged, path);
}

async function isWrittenInPlace(record: PathRecord): Promise<boolean> {
  const inPlace = record.steps.some((step) => step.method === 'overwrite');
  return inPlace && (await exists(record.path)) && (await lstat(record.path)).isFile();
}

/**
 * Puts a before-image's content into a file whose other links must stay links to
 * it; `write` puts the bytes there.
 */
export async function overwriteContent(
  image: string,
  before: FileState,
  path: string,
  write: (path: string, content: Buffer) => Promise<void>,
): Promise<void> {
  const content = await readQuietly(image);
  if (sha256(content) !== before.sha256) throw new DevmendError('before-image-damaged', { path });
  await write(path, content);
  await setModeAndOwner(path, before);
  await setTimes(path, before);
  await syncPath(path);
}

async function setModeAndOwner(path: string, before: FileState): Promise<void> {
  const facts = await lstat(path);
  if (facts.uid !== before.uid || facts.gid !== before.gid)
    await chown(path, before.uid, before.gid);
  if ((facts.mode & 0o7777) !== before.mode) await chmod(path, before.mode);
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

async function setTimes(path: string, state: FileState): Promise<void> {
  await setModificationTime(path, state.mtimeNs);
  await setAccessTime(path, state.atimeNs);
}

/** Directories made on the way go with what they were made for, unless somebody uses them. */
export async function removeMadeDirectories(directories: readonly string[]): Promise<void> {
  for (const path of [...directories].reverse()) {
    try {
      await rmdir(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') continue;
      // Somebody's files are in it, or it is a link or a mount by now.
      if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EBUSY'].includes(code ?? '')) return;
      throw error;
    }
    await syncDirectory(dirname(path));
  }
}

/** Removes everything a transaction had named as temporary. */
export async function removeTemporaries(transaction: OpenTransaction): Promise<void> {
  for (const path of transaction.model.temporaries)
    await guarded(path, async () => {
      if (await exists(path)) await removeTree(path);
    });
}
