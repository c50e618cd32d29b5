import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import { DevmendError, fail, ok, type ErrorData, type Result } from '../../../shared/error.ts';
import type { ElfFile } from '../elf/types.ts';
import { fileFailure } from '../file-failure.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { readDebControl, unpackDeb } from '../sandbox/deb.ts';
import { LIBRARY_DIRECTORY, sandboxPath } from '../sandbox/layout.ts';
import { makeDirectory } from '../sandbox/make-directory.ts';
import { Unpacking } from '../sandbox/unpacking.ts';
import { runtimeOfDirectory, runtimeOfRoot, type RuntimeSet } from './runtime-set.ts';

/** Another C library to compare with, as it was named. */
export interface LibcTarget {
  readonly set: RuntimeSet;
  /** Root that the set's paths are in. */
  readonly root: string;
  /** Version of a .deb, by its control file; null for directories. */
  readonly packageVersion: string | null;
}

/** A libc6 unpacks to some 13 MB, one with debug symbols to a few hundred. */
const LARGEST_PACKAGE = 512 * 1024 * 1024;

/**
 * Opens a target for as long as `use` works with it: a root directory, a
 * directory of libraries, or a .deb, which is unpacked below the cache for that
 * time. Nothing of it is run, so nobody has to have signed it; an archive that
 * would write elsewhere, or grow without end, is refused.
 */
export async function withTarget<T>(
  machine: Machine,
  target: string,
  like: ElfFile,
  job: JobContext,
  use: (opened: LibcTarget) => T,
): Promise<Result<T, ErrorData>> {
  const path = resolve(target);
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) return withSet(directoryTarget(machine, path, like), path, use);
    if (!facts.isFile() || !(await isArchive(path))) return fail('no-c-library', { path });
    return await withPackage(machine, path, like, job, use);
  } catch (error) {
    if (error instanceof DevmendError) return { ok: false, error: error.data };
    return fileFailure(error, path, 'file-unreadable');
  }
}

function directoryTarget(machine: Machine, path: string, like: ElfFile): LibcTarget {
  const inRoot = runtimeOfRoot(machine, path, like);
  const set = inRoot.size > 0 ? inRoot : runtimeOfDirectory(path, '/', like);
  return { set, root: path, packageVersion: null };
}

async function withPackage<T>(
  machine: Machine,
  path: string,
  like: ElfFile,
  job: JobContext,
  use: (opened: LibcTarget) => T,
): Promise<Result<T, ErrorData>> {
  await makeDirectory(machine.directories.cache);
  const work = await mkdtemp(join(machine.directories.cache, 'compare-'));
  try {
    const options = { limit: LARGEST_PACKAGE, signal: job.signal };
    const unpacking = new Unpacking(work, { select: librariesOnly, durable: false });
    await unpackDeb(path, unpacking, options);
    await unpacking.finish();
    const control = await readDebControl(path, job.signal);
    const set = runtimeOfDirectory(work, `/${LIBRARY_DIRECTORY}`, like);
    const packageVersion = control.get('version') ?? null;
    return withSet({ set, root: work, packageVersion }, path, use);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function withSet<T>(
  target: LibcTarget,
  path: string,
  use: (opened: LibcTarget) => T,
): Result<T, ErrorData> {
  return target.set.size === 0 ? fail('no-c-library', { path }) : ok(use(target));
}

function librariesOnly(path: string, type: 'file' | 'directory' | 'link'): string | null {
  const target = sandboxPath(path, type);
  return target !== null && posix.dirname(target) === LIBRARY_DIRECTORY ? target : null;
}

async function isArchive(path: string): Promise<boolean> {
  const MAGIC = '!<arch>\n';
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return buffer.toString('latin1', 0, bytesRead) === MAGIC;
  } finally {
    await file.close();
  }
}
