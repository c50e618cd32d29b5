import { join } from 'node:path';
import type { DependencyReport } from '../../../shared/elf.ts';
import { architectureOf, hostProcessor, type Architecture } from '../elf/loader/architecture.ts';
import { parseLoaderCache, type LoaderCache } from '../elf/loader/cache.ts';
import { LoaderSession } from '../elf/loader.ts';
import { readElf } from '../elf/read.ts';
import type { ElfFile } from '../elf/types.ts';
import type { Machine } from '../machine.ts';
import { readFileInRoot } from '../rootfs.ts';
import type { Files } from './files.ts';

/** What probes ask of the loader simulation; paths are as seen inside the root. */
export interface Loader {
  /** What the loader would do with a program. Never throws. */
  readonly simulate: (
    path: string,
    options?: { readonly capabilities?: boolean; readonly symbols?: boolean },
  ) => DependencyReport;
  /**
   * What dlopen(3) of a path or a soname would load into a process of `program`
   * that has started; null where glibc's loader would not start that program.
   */
  readonly open: (program: string, name: string) => DependencyReport | null;
  /**
   * The file that a program like this one, without search paths of its own,
   * gets for a soname: from ld.so.cache, else from the default directories.
   */
  readonly locate: (soname: string, like: ElfFile) => string | null;
}

const CACHE_FILE = '/etc/ld.so.cache';

/** One loader for a whole scan: what it has read of a library serves every program. */
export function openLoader(machine: Machine, files: Files): Loader {
  const session = new LoaderSession(machine.root, { user: machine.user });
  const caches = new Map<string, LoaderCache | null>();
  const cacheFor = (architecture: Architecture): LoaderCache | null => {
    const known = caches.get(architecture.name);
    if (known !== undefined) return known;
    const cache = readCache(machine.root, architecture);
    caches.set(architecture.name, cache);
    return cache;
  };
  return {
    simulate: (path, options) => session.simulate(path, options),
    open: (program, name) => session.simulateOpening(program, name),
    locate: (soname, like) => {
      const architecture = architectureOf(like);
      if (architecture === null) return null;
      const candidates = [
        cacheFor(architecture)?.get(soname),
        ...defaultDirectories(architecture).map((directory) => join(directory, soname)),
      ];
      const path = candidates.find(
        (candidate) => candidate !== undefined && isOfMachine(candidate, like, files),
      );
      if (path === undefined) return null;
      const real = files.realPath(path);
      return real.ok ? real.value : null;
    },
  };
}

function readCache(root: string, architecture: Architecture): LoaderCache | null {
  const bytes = readFileInRoot(root, CACHE_FILE);
  if (!bytes.ok) return null;
  const { hwcaps } = hostProcessor(architecture);
  const cache = parseLoaderCache(bytes.value, {
    flags: architecture.cacheFlags,
    hwcaps,
    littleEndian: architecture.littleEndian,
  });
  return cache.ok ? cache.value : null;
}

/** Debian's multiarch directories, and those of distributions without multiarch. */
function defaultDirectories({ multiarch, plainLib }: Architecture): readonly string[] {
  return [
    `/lib/${multiarch}`,
    `/usr/lib/${multiarch}`,
    `/${plainLib}`,
    `/usr/${plainLib}`,
    '/lib',
    '/usr/lib',
  ];
}

function isOfMachine(path: string, like: ElfFile, files: Files): boolean {
  const real = files.realPath(path);
  if (!real.ok) return false;
  const elf = readElf(files.hostPath(real.value));
  return !elf.ok || (elf.value.machine === like.machine && elf.value.class === like.class);
}
