import { createHash, type Hash } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { lstat, open, readdir, readlink, type FileHandle } from 'node:fs/promises';
import { DevmendError } from '../../../shared/error.ts';
import { readAttributes, readTreeAttributes } from './attributes.ts';
import { guarded, isAbsent } from '../faults.ts';
import type { PathState } from './path-state.ts';

const CHUNK = 1 << 20;

/**
 * Reads everything about a path that undo has to give back. Links are not
 * followed. Reading leaves no trace: access times stay (O_NOATIME) wherever the
 * file belongs to us. Throws DevmendError when the path cannot be read.
 */
export async function captureState(path: string, signal?: AbortSignal): Promise<PathState> {
  return guarded(path, async () => {
    const facts = await lstatOrNull(path);
    if (facts === null) return { type: 'absent' };
    if (facts.isSymbolicLink()) return captureLink(path, facts);
    if (facts.isFile()) return captureFile(path, facts, signal);
    if (facts.isDirectory()) return captureTree(path, facts, signal);
    return { type: 'other' };
  });
}

/** sha256 of a regular file's content, lower-case hexadecimal. */
export async function hashFile(path: string | Buffer, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const handle = await openQuietly(path);
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      if (signal?.aborted === true) throw new DevmendError('cancelled');
      const { bytesRead } = await handle.read(buffer, 0, CHUNK, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** A file's content, read without touching its access time where that is possible. */
export async function readQuietly(path: string): Promise<Buffer> {
  const handle = await openQuietly(path);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** O_NOATIME is for the owner and root only; anybody else reads the ordinary way. */
async function openQuietly(path: string | Buffer): Promise<FileHandle> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
  try {
    return await open(path, flags | constants.O_NOATIME);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    return open(path, flags);
  }
}

async function lstatOrNull(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

function permissions(facts: BigIntStats): number {
  return Number(facts.mode & 0o7777n);
}

async function captureLink(path: string, facts: BigIntStats): Promise<PathState> {
  return {
    type: 'link',
    target: bytesAsText(await readlink(path, { encoding: 'buffer' })),
    uid: Number(facts.uid),
    gid: Number(facts.gid),
    mtimeNs: String(facts.mtimeNs),
  };
}

async function captureFile(
  path: string,
  facts: BigIntStats,
  signal: AbortSignal | undefined,
): Promise<PathState> {
  return {
    type: 'file',
    mode: permissions(facts),
    uid: Number(facts.uid),
    gid: Number(facts.gid),
    size: Number(facts.size),
    mtimeNs: String(facts.mtimeNs),
    atimeNs: String(facts.atimeNs),
    nlink: Number(facts.nlink),
    sha256: await hashFile(path, signal),
    xattrs: await readAttributes(path),
  };
}

interface TreeSum {
  readonly meaning: Hash;
  readonly exact: Hash;
  files: number;
  bytes: number;
}

async function captureTree(
  path: string,
  facts: BigIntStats,
  signal: AbortSignal | undefined,
): Promise<PathState> {
  const sum: TreeSum = {
    meaning: createHash('sha256'),
    exact: createHash('sha256'),
    files: 0,
    bytes: 0,
  };
  await addDirectory(Buffer.from(path), Buffer.alloc(0), sum, signal);
  const digest = sum.meaning.digest('hex');
  return {
    type: 'tree',
    mode: permissions(facts),
    uid: Number(facts.uid),
    gid: Number(facts.gid),
    mtimeNs: String(facts.mtimeNs),
    files: sum.files,
    bytes: sum.bytes,
    digest,
    exact: sum.exact.update(digest).digest('hex'),
    xattrs: await hashedAttributes(path),
  };
}

/** Names are bytes on Linux, not text: nothing here decodes them. */
async function addDirectory(
  directory: Buffer,
  relative: Buffer,
  sum: TreeSum,
  signal: AbortSignal | undefined,
): Promise<void> {
  const names = await readdir(directory, { encoding: 'buffer' });
  for (const name of names.sort((one, other) => Buffer.compare(one, other))) {
    if (signal?.aborted === true) throw new DevmendError('cancelled');
    const path = Buffer.concat([directory, Buffer.from('/'), name]);
    const inside = Buffer.concat([relative, Buffer.from('/'), name]);
    const facts = await lstat(path, { bigint: true });
    sum.meaning.update(inside).update(`\0${await describeEntry(path, facts, sum, signal)}\0`);
    sum.exact.update(`${facts.mtimeNs}\0`);
    if (facts.isDirectory()) await addDirectory(path, inside, sum, signal);
  }
}

async function describeEntry(
  path: Buffer,
  facts: BigIntStats,
  sum: TreeSum,
  signal: AbortSignal | undefined,
): Promise<string> {
  const common = `${permissions(facts).toString(8)} ${facts.uid}:${facts.gid}`;
  if (facts.isDirectory()) return `directory ${common}`;
  sum.files += 1;
  if (facts.isSymbolicLink())
    return `link ${common} ${(await readlink(path, { encoding: 'buffer' })).toString('hex')}`;
  if (!facts.isFile()) return `other ${facts.mode} ${facts.rdev} ${common}`;
  sum.bytes += Number(facts.size);
  return `file ${common} ${facts.size} ${await hashFile(path, signal)}`;
}

async function hashedAttributes(path: string): Promise<string | null> {
  const text = await readTreeAttributes(path);
  if (text === null) return null;
  const reader = text.split(':', 1)[0] ?? '';
  return `${reader}:${createHash('sha256').update(text).digest('hex')}`;
}

/** Bytes as text that can be read: UTF-8 where it is, hexadecimal after a mark where not. */
function bytesAsText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : `hex:${bytes.toString('hex')}`;
}
