import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { readElf } from '../elf/read.ts';
import type { ElfFile } from '../elf/types.ts';
import { makeDirectory } from './make-directory.ts';
import { unpackDeb } from './deb.ts';
import { LIBRARY_DIRECTORY, sandboxPath } from './layout.ts';
import { obtainPackage } from './package-index.ts';
import type { IndexedPackage } from './package-index.ts';
import type { CacheContext } from './package-cache.ts';
import type { PackageSource } from './release.ts';
import { Unpacking } from './unpacking.ts';

/** Libraries by the name under which the loader would find them. */
export type Libraries = ReadonlyMap<string, ElfFile>;

/** What the libraries of a package may unpack to, from what its index says; in bytes. */
export function unpackLimit(installedBytes: number): number {
  // Installed-Size is an estimate in whole KiB (Policy 5.6.20), and tar adds its framing.
  return installedBytes * 2 + 64 * 1024 * 1024;
}

/**
 * The ELF facts of the libraries in a package, as they would lie in a sandbox.
 * Fetched, checked and unpacked into the cache for the time of reading.
 * Throws DevmendError as fetching and unpacking do.
 */
export async function inspectPackage(
  source: PackageSource,
  wanted: IndexedPackage,
  context: CacheContext,
): Promise<Libraries> {
  const { machine, job } = context;
  const file = await obtainPackage(source, wanted, context);
  await makeDirectory(machine.directories.cache);
  const work = await mkdtemp(join(machine.directories.cache, 'inspect-'));
  try {
    const limit = unpackLimit(wanted.installedBytes);
    const unpacking = new Unpacking(work, { select: librariesOnly, durable: false });
    await unpackDeb(file, unpacking, { limit, signal: job.signal });
    const libraries = new Map<string, ElfFile>();
    for (const { path } of await unpacking.finish()) {
      // A link whose file lies in another package has nothing to say here.
      const real = await realpath(join(work, path)).catch(() => null);
      const facts = real === null ? null : readElf(real);
      if (facts?.ok) libraries.set(posix.basename(path), facts.value);
    }
    return libraries;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The version names that a library defines. */
export function versionsOf(library: ElfFile): ReadonlySet<string> {
  return new Set(library.versionDefines.filter(({ base }) => !base).map(({ name }) => name));
}

function librariesOnly(path: string, type: 'file' | 'directory' | 'link'): string | null {
  const target = sandboxPath(path, type);
  return target !== null && posix.dirname(target) === LIBRARY_DIRECTORY ? target : null;
}
