import { lstat, chmod, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { captureState } from './capture.ts';
import { syncDirectory, syncPath, syncTree } from './durable.ts';
import { isAbsent } from '../faults.ts';
import { differences, type PathState } from './path-state.ts';
import { runCoreTool } from './tools.ts';
import { surveyTree } from './tree-survey.ts';

/**
 * `copy`: the store holds a copy, made before the first change. `move`: the path
 * itself is renamed into the store by the change (same file system), which costs
 * nothing however large the tree is, and is atomic.
 */
export type ImageMethod = 'copy' | 'move';

/** How a before-image of this state is kept; null where there is nothing to keep. */
export async function imageMethod(
  path: string,
  state: PathState,
  store: string,
): Promise<ImageMethod | null> {
  if (state.type === 'absent' || state.type === 'other') return null;
  if (state.type !== 'tree') return 'copy';
  return (await sameFileSystem(path, store)) ? 'move' : 'copy';
}

/** Whether a rename between the two can work; the first may not exist yet. */
export async function sameFileSystem(path: string, other: string): Promise<boolean> {
  return (await deviceOf(path)) === (await deviceOf(other));
}

/** Device number of a path, or of its nearest directory that exists. */
export async function deviceOf(path: string): Promise<bigint> {
  const existing = await nearestExisting(path);
  // What is still to come will lie where a link above it leads.
  const look = existing === path ? lstat : stat;
  return (await look(existing, { bigint: true })).dev;
}

/** The path itself, or the nearest directory above it that exists. */
export async function nearestExisting(path: string): Promise<string> {
  for (let current = path; ; current = dirname(current)) {
    try {
      await lstat(current);
      return current;
    } catch (error) {
      if (!isAbsent(error) || current === '/') throw error;
    }
  }
}

/** Free bytes for this user on the file system that holds (or will hold) the path. */
export async function freeBytes(path: string): Promise<number> {
  // Asked of the directory: the path itself may be a link that leads nowhere.
  const facts = await statfs(await nearestExisting(dirname(path)), { bigint: true });
  return Number(facts.bavail * facts.bsize);
}

/**
 * Copies a path with everything about it: owner, mode, times, links, attributes,
 * ACLs, capabilities, holes; by reference where the file system can. A file or link that
 * has the name already is replaced, never written through: it may lead anywhere.
 */
export async function copyExactly(from: string, to: string, signal?: AbortSignal): Promise<void> {
  const options = ['-a', '--remove-destination', '--reflink=auto', '--sparse=auto', '-T'];
  await runCoreTool('cp', [...options, '--', from, to], to, signal);
}

/**
 * The same beside the original, with proof: cp -a says nothing of attributes and ACLs
 * that could not be written. Throws `image-inexact`.
 */
export async function copyBeside(
  path: string,
  staged: string,
  signal?: AbortSignal,
): Promise<void> {
  await copyExactly(path, staged, signal);
  const lost = differences(await captureState(staged), await captureState(path));
  if (lost.length > 0) throw new DevmendError('image-inexact', { path, detail: lost.join(', ') });
}

/**
 * Saves a copy as before-image and proves that it is one. Throws `hard-linked` for a
 * tree with links out of it, `image-inexact` where the store cannot hold everything that
 * the path has.
 */
export async function saveImage(
  path: string,
  state: PathState,
  image: string,
  signal?: AbortSignal,
): Promise<void> {
  if (state.type === 'tree' && (await surveyTree(path)).linksOut)
    throw new DevmendError('hard-linked', { path });
  await copyExactly(path, image, signal);
  const saved = await captureState(image);
  const lost = differences(saved, state);
  if (lost.length > 0) throw new DevmendError('image-inexact', { path, detail: lost.join(', ') });
  await makeDurable(image, state);
  if (state.type === 'file') await chmod(image, 0o600);
}

/**
 * Copies a before-image to `staged` with all it had, and proves it. Throws
 * `before-image-damaged` when the image is not what was saved, `io` when it is but
 * could not be copied whole, which may work another time; in both cases nothing but the
 * temporary has been written.
 */
export async function stageFromImage(
  image: string,
  state: PathState,
  staged: string,
  target: string,
): Promise<void> {
  const present = await captureState(image);
  if (!sameContent(present, state))
    throw new DevmendError('before-image-damaged', { path: target });
  await copyExactly(image, staged);
  if (state.type === 'file') await chmod(staged, state.mode);
  const copy = await captureState(staged);
  const lost = differences(copy, state);
  if (lost.length > 0) {
    const dropped = await droppedByCopy(present, staged);
    const detail = (dropped.length > 0 ? dropped : lost).join(', ');
    if (dropped.length > 0) throw new DevmendError('io', { path: staged, detail });
    throw new DevmendError('before-image-damaged', { path: target, detail });
  }
  if (state.type === 'file') await setAccessTime(staged, state.atimeNs);
  await makeDurable(staged, state);
}

/** What the image has and its copy has not: cp -a is silent where a disk refuses attributes. */
async function droppedByCopy(image: PathState, staged: string): Promise<readonly string[]> {
  if (image.type === 'file') await chmod(staged, image.mode);
  return differences(await captureState(staged), image);
}

/** Whether an image still holds what was saved in it; its mode and times do not count. */
export function sameContent(present: PathState, state: PathState): boolean {
  if (present.type === 'file' && state.type === 'file')
    return present.sha256 === state.sha256 && present.size === state.size;
  if (present.type === 'tree' && state.type === 'tree') return present.digest === state.digest;
  if (present.type === 'link' && state.type === 'link') return present.target === state.target;
  return false;
}

/** Nanoseconds need touch: Node's utimes rounds to microseconds. */
export async function setAccessTime(path: string, atimeNs: string): Promise<void> {
  await runCoreTool('touch', ['-h', '-a', '-d', touchTime(atimeNs), '--', path], path);
}

/** Sets the modification time to the nanosecond. */
export async function setModificationTime(path: string, mtimeNs: string): Promise<void> {
  await runCoreTool('touch', ['-h', '-m', '-d', touchTime(mtimeNs), '--', path], path);
}

function touchTime(nanoseconds: string): string {
  const value = BigInt(nanoseconds);
  const billion = 1_000_000_000n;
  const fraction = ((value % billion) + billion) % billion;
  return `@${(value - fraction) / billion}.${String(fraction).padStart(9, '0')}`;
}

/** Makes what lies at the path durable; the caller syncs the directory that names it. */
export async function makeDurable(path: string, state: PathState): Promise<void> {
  if (state.type === 'tree') await syncTree(path);
  else if (state.type === 'file') await syncPath(path);
  await syncDirectory(dirname(path));
}
