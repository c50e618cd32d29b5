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
import { requireRestorable } from './restorable.ts';
import { requireSafeGround } from './safe-ground.ts';
import { exists, makeParents, nameTemporary, writeInPlace } from './steps.ts';
import { isTornWrite } from './torn.ts';
import { NOTHING, requireComplete, requireUntouched, sightOf } from './untouched.ts';

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
  await returnAside(transaction, record);
  const seen = await sightOf(record.path);
  const present = await captureState(record.path);
  if (identical(present, record.before)) return 'untouched';
  if (sameFor(present, record.before)) {
    if (record.before.type === 'file') await setTimes(record.path, record.before);
    return 'restored';
  }
  if (!(await isOurs(transaction, record, present))) return 'kept';
  await requireRestorable(transaction, record, present);
  await requireSafeGround(record.path);
  try {
    const left = await makeRoom(transaction, record, present, seen);
    await putBeforeBack(transaction, record, left);
  } catch (error) {
    // Somebody has saved there since it was looked at.
    if (error instanceof DevmendError && error.data.code === 'target-changed') return 'kept';
    throw error;
  }
  return 'restored';
}

/**
 * What a `remove` has moved aside and not yet compared with the before-image is whole, and
 * may hold what somebody wrote into it in the last moment: it gets its name back first.
 */
async function returnAside({ model }: OpenTransaction, record: PathRecord): Promise<void> {
  const last = record.steps[record.steps.length - 1];
  if (last?.method !== 'remove' || last.from === null) return;
  if (model.temporaries.includes(last.from) || !(await exists(last.from))) return;
  if (!(await exists(record.path))) await renameDurably(last.from, record.path);
}

/** What a crash of ours can have left: an announced state, the gap in between, a torn write. */
async function isOurs(
  transaction: OpenTransaction,
  record: PathRecord,
  present: PathState,
): Promise<boolean> {
  if (record.steps.some((step) => sameFor(present, step.after))) return true;
  if (present.type === 'absent') return true;
  return isTornWrite(record, present, imagePath(transaction, record));
}

/** Moves away what a rename cannot replace. Answers what is seen at the path then. */
async function makeRoom(
  transaction: OpenTransaction,
  record: PathRecord,
  present: PathState,
  seen: string,
): Promise<string> {
  if (present.type === 'absent') return seen;
  const last = record.steps[record.steps.length - 1];
  if (last?.method === 'take' && last.from !== null && !(await exists(last.from))) {
    await requireUntouched(record.path, seen);
    await renameDurably(record.path, last.from);
    return NOTHING;
  }
  const replacedByRename = present.type !== 'tree' && record.before.type !== 'tree';
  if (replacedByRename && record.before.type !== 'absent') return seen;
  const aside = await nameTemporary(transaction, record.path);
  await requireUntouched(record.path, seen);
  await renameDurably(record.path, aside);
  await requireComplete(aside, record.path, present);
  return NOTHING;
}

/** `left`: what was seen at the path last. It is replaced only while it is the same. */
async function putBeforeBack(
  transaction: OpenTransaction,
  record: PathRecord,
  left: string,
): Promise<void> {
  const { before, path } = record;
  const image = imagePath(transaction, record);
  if (before.type === 'absent' || image === null) return;
  await makeParents(transaction, record);
  if (record.image?.method === 'move') {
    await requireUntouched(path, left);
    if (await exists(image)) await renameDurably(image, path);
    return;
  }
  if (before.type === 'file' && (await isWrittenInPlace(record))) {
    await overwriteContent(image, before, path, async (file, content) => {
      await requireUntouched(file, left);
      await writeInPlace(file, content);
    });
    return;
  }
  const staged = await nameTemporary(transaction, path);
  await stageFromImage(image, before, staged, path);
  await requireUntouched(path, left);
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
  for (const path of transaction.model.temporaries) await removeTemporary(path);
}

/** Removes one of them; being gone already is success. */
export async function removeTemporary(path: string): Promise<void> {
  await guarded(path, async () => {
    if (await exists(path)) await removeTree(path);
  });
}
