import { readFileInRoot } from '../../rootfs.ts';
import type { Architecture } from './architecture.ts';

/** What a dynamic loader has compiled in. */
export interface LoaderConstants {
  /** Where it looks last, without a trailing slash. */
  readonly systemDirectories: readonly string[];
  readonly cachePath: string;
  readonly preloadPath: string;
  /** What `$LIB` stands for. */
  readonly lib: string;
  /** Still searches the legacy hardware capability directories (glibc up to 2.36). */
  readonly legacyHwcaps: boolean;
  /** Knows glibc-hwcaps directories (glibc 2.33 and up). */
  readonly hwcaps: boolean;
  /** Has a platform name of its own for newer x86 processors. */
  readonly haswell: boolean;
  /** Passes over libraries whose note asks for a newer kernel (glibc up to 2.35). */
  readonly kernelNotes: boolean;
  /** Refuses a position-independent program as a library (glibc 2.30 and up). */
  readonly refusesPie: boolean;
}

/** ld.so is about 250 KiB; with debugging information some megabytes. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Reads the paths that a loader was compiled with from its own bytes, since
 * they differ by distribution (Debian's multiarch, Fedora's lib64, Nix) and a
 * private loader brings its own. The directories are one block of
 * NUL-terminated strings (elf/dl-load.c, `system_dirs`).
 */
export function readLoaderConstants(
  root: string,
  path: string,
  architecture: Architecture,
): LoaderConstants {
  const bytes = readFileInRoot(root, path, MOST_BYTES);
  const text = bytes.ok ? bytes.value.toString('latin1') : '';
  const paths = pathsIn(text);
  const named = (name: string): string | undefined =>
    paths.find((one) => one.path.endsWith(name))?.path;
  const block = directoryBlock(paths);
  const systemDirectories = block.length === 0 ? fallbackDirectories(architecture) : block;
  const first = systemDirectories[0] ?? `/${architecture.plainLib}`;
  return {
    systemDirectories,
    cachePath: named('ld.so.cache') ?? '/etc/ld.so.cache',
    preloadPath: named('ld.so.preload') ?? '/etc/ld.so.preload',
    lib: /^\/lib[^/]*(?:\/[^/]*-linux-[^/]*)?$/.test(first)
      ? first.slice(1)
      : (/\/(lib[^/]*)$/.exec(first)?.[1] ?? architecture.plainLib),
    legacyHwcaps: /Legacy HWCAP/.test(text) || (text !== '' && !text.includes('glibc-hwcaps')),
    hwcaps: text === '' || text.includes('glibc-hwcaps'),
    haswell: text === '' || text.includes('\0haswell\0'),
    kernelNotes: text.includes('kernel too old'),
    refusesPie: text === '' || text.includes('load position-independent executable'),
  };
}

interface PathString {
  readonly path: string;
  /** The string is nothing but this path. */
  readonly whole: boolean;
  /** Number of the string in the file. */
  readonly index: number;
}

const PATH_CHARACTER = /[\w.+/-]/;
const LONGEST_PATH = 4096;

/**
 * The paths that NUL-terminated strings of a file are, or end with. By hand: a regular
 * expression for them takes cubic time on a file of nothing but `/lib`.
 */
function pathsIn(text: string): readonly PathString[] {
  const strings = text.split('\0');
  // What follows the last NUL is not terminated.
  strings.pop();
  return strings.flatMap((string, index): PathString[] => {
    const least = Math.max(0, string.length - LONGEST_PATH);
    let start = string.length;
    while (start > least && PATH_CHARACTER.test(string[start - 1] ?? '')) start -= 1;
    const slash = string.indexOf('/', start);
    return slash < 0 ? [] : [{ path: string.slice(slash), whole: slash === 0, index }];
  });
}

/** The first run of strings that name library directories, without their last slash. */
function directoryBlock(paths: readonly PathString[]): readonly string[] {
  const isDirectory = ({ path }: PathString): boolean => path.endsWith('/') && path.includes('lib');
  const first = paths.findIndex(isDirectory);
  const block = paths.slice(Math.max(first, 0)).filter(({ index }, place, rest) => {
    return first >= 0 && index === (rest[0]?.index ?? 0) + place;
  });
  const end = block.findIndex((one, place) => !isDirectory(one) || (place > 0 && !one.whole));
  return block.slice(0, end < 0 ? block.length : end).map(({ path }) => path.slice(0, -1));
}

function fallbackDirectories(architecture: Architecture): readonly string[] {
  const { multiarch, plainLib } = architecture;
  const names = [`/lib/${multiarch}`, `/usr/lib/${multiarch}`, `/${plainLib}`, `/usr/${plainLib}`];
  return [...new Set([...names, '/lib', '/usr/lib'])];
}
