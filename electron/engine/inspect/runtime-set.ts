import { join } from 'node:path';
import { readElf } from '../elf/read.ts';
import { readDynamicSymbols } from '../elf/symbols.ts';
import type { ElfFile } from '../elf/types.ts';
import type { Machine } from '../machine.ts';
import { openFiles } from '../probes/files.ts';
import { openLoader } from '../probes/loader.ts';

/** The libraries of glibc that programs name, with those of GCC that follow them. */
const SONAMES = [
  'libc.so.6',
  'ld-linux-x86-64.so.2',
  'ld-linux-aarch64.so.1',
  'libm.so.6',
  'libmvec.so.1',
  'libpthread.so.0',
  'libdl.so.2',
  'librt.so.1',
  'libutil.so.1',
  'libanl.so.1',
  'libresolv.so.2',
  'libBrokenLocale.so.1',
  'libthread_db.so.1',
  'libnss_files.so.2',
  'libnss_dns.so.2',
  'libnss_compat.so.2',
  'libstdc++.so.6',
  'libgcc_s.so.1',
];

/** One library of a set, read. */
export interface SetLibrary {
  readonly soname: string;
  /** As seen inside the set's root, links followed. */
  readonly path: string;
  readonly elf: ElfFile;
  /** Names of the versions it defines. */
  readonly versions: ReadonlySet<string>;
  /** `name@VERSION` of everything it defines. */
  readonly symbols: ReadonlySet<string>;
}

/** The C and C++ runtime of one root, or of one package: by soname. */
export type RuntimeSet = ReadonlyMap<string, SetLibrary>;

/**
 * The runtime that programs like `like` get in a root directory, found as the
 * loader finds it; without `libc.so.6` there is none, and the set is empty.
 */
export function runtimeOfRoot(machine: Machine, root: string, like: ElfFile): RuntimeSet {
  const files = openFiles(root);
  const loader = openLoader({ ...machine, root }, files);
  return collect(root, (soname) => loader.locate(soname, like), like);
}

/** The libraries that lie side by side in one directory of `root`. */
export function runtimeOfDirectory(root: string, directory: string, like: ElfFile): RuntimeSet {
  const files = openFiles(root);
  const place = (soname: string): string | null => {
    const real = files.realPath(join(directory, soname));
    return real.ok ? real.value : null;
  };
  return collect(root, place, like);
}

function collect(
  root: string,
  place: (soname: string) => string | null,
  like: ElfFile,
): RuntimeSet {
  const set = new Map<string, SetLibrary>();
  for (const soname of SONAMES) {
    const path = place(soname);
    const library = path === null ? null : readLibrary(soname, root, path, like);
    if (library !== null) set.set(soname, library);
  }
  return set.has('libc.so.6') ? set : new Map();
}

/** Null for another architecture's file, and for one that cannot be read. */
function readLibrary(soname: string, root: string, path: string, like: ElfFile): SetLibrary | null {
  const hostPath = join(root, path);
  const elf = readElf(hostPath);
  if (!elf.ok || elf.value.machine !== like.machine || elf.value.class !== like.class) return null;
  const symbols = readDynamicSymbols(hostPath, elf.value);
  return {
    soname,
    path,
    elf: elf.value,
    versions: new Set(elf.value.versionDefines.filter(({ base }) => !base).map(({ name }) => name)),
    symbols: new Set(
      (symbols.ok ? symbols.value.defined : []).flatMap(({ name, version }) =>
        // Version names themselves, and glibc's stand-ins for libraries that have become empty.
        version === null || name === version || name.endsWith('_version_placeholder')
          ? []
          : [`${name}@${version}`],
      ),
    ),
  };
}
