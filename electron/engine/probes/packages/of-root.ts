import { machineName } from '../../elf/constants.ts';
import type { ElfFile } from '../../elf/types.ts';
import { openFiles } from '../files.ts';
import { readApk } from './apk.ts';
import { readDpkg } from './dpkg.ts';
import type { InstalledPackage, PackagedRoot, PackageReader, RuntimeFile } from './model.ts';
import { readPacman } from './pacman.ts';

/** Databases that are plain files, so that any root's can be read. */
export const fileReaders: Readonly<Record<'dpkg' | 'apk' | 'pacman', PackageReader>> = {
  dpkg: readDpkg,
  apk: readApk,
  pacman: readPacman,
};

/** The first manager that knows the runtime in this root; null where none has a database. */
export function readDatabase(
  root: PackagedRoot,
  runtime: readonly RuntimeFile[],
): { manager: 'dpkg' | 'apk' | 'pacman'; packages: InstalledPackage[] } | null {
  for (const manager of ['dpkg', 'apk', 'pacman'] as const) {
    const packages = fileReaders[manager](root, runtime);
    if (packages !== null) return { manager, packages };
  }
  return null;
}

/** The package of libc.so.6 in a root, by its database; null where that does not say. */
export function libcPackageOf(root: string, like: ElfFile): InstalledPackage | null {
  const packaged = { root, files: openFiles(root), machine: machineName(like.machine) };
  const libc: RuntimeFile = { soname: 'libc.so.6', path: '/libc.so.6' };
  return readDatabase(packaged, [libc])?.packages[0] ?? null;
}
