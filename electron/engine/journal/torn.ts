import { createHash } from 'node:crypto';
import { readQuietly } from './capture.ts';
import type { PathRecord } from './model.ts';
import { differences, type FileState, type PathState } from './path-state.ts';
import { isAbsent } from '../faults.ts';

/**
 * Whether a file is what an interrupted write of ours can have left: every byte is of the
 * before-image or of a content that was announced, at its place. A killed write leaves the
 * beginning of one and the rest of the other, a power cut any blocks of both. Whatever has
 * one byte of its own is somebody's work. So is everything where no content was kept: the
 * first journals did not.
 */
export async function isTornWrite(
  record: PathRecord,
  present: PathState,
  image: string | null,
): Promise<boolean> {
  if (present.type !== 'file' || record.before.type !== 'file' || image === null) return false;
  const written: Buffer[] = [];
  for (const { method, from, after } of record.steps)
    if (method === 'overwrite' && from !== null && after.type === 'file') {
      const content = onlyContentDiffers(present, after) ? await readKept(from, after) : null;
      if (content !== null) written.push(content);
    }
  if (written.length === 0) return false;
  return isMixture(await readQuietly(record.path), [await readQuietly(image), ...written]);
}

function onlyContentDiffers(present: FileState, after: FileState): boolean {
  return differences(present, after).every((one) => one === 'content' || one === 'times');
}

/** A content that was not written whole, or is damaged, says nothing. */
async function readKept(path: string, { sha256 }: FileState): Promise<Buffer | null> {
  try {
    const content = await readQuietly(path);
    return createHash('sha256').update(content).digest('hex') === sha256 ? content : null;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** Blocks that had no content yet when the power went read as zeros. */
function isMixture(present: Buffer, sources: readonly Buffer[]): boolean {
  const lengths = sources.map(({ length }) => length);
  const shortest = Math.min(...lengths);
  if (present.length < shortest || present.length > Math.max(...lengths)) return false;
  for (let at = 0; at < present.length; at += 1) {
    const byte = present[at];
    const known = sources.some((source) => source[at] === byte);
    if (!known && !(byte === 0 && at >= shortest)) return false;
  }
  return true;
}
