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
  /** Refuses a segment whose alignment is smaller than a page (glibc up to 2.34). */
  readonly alignedSegments: boolean;
  /** Refuses a position-independent program as a library (glibc 2.30 and up). */
  readonly refusesPie: boolean;
  /** Packed relative relocations: refused where no version speaks of them, ignored, or applied. */
  readonly relr: 'refuses-unmarked' | 'ignores' | 'applies';
  /** Refuses what needs a newer x86-64 processor (glibc 2.33 and up). */
  readonly isaLevels: boolean;
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
    alignedSegments: text.includes('ELF load command alignment not page-aligned'),
    refusesPie: text === '' || text.includes('load position-independent executable'),
    // glibc 2.36 brought them, and distributions took them back into older releases.
    relr: text.includes('DT_RELR without GLIBC_ABI_DT_RELR dependency')
      ? 'refuses-unmarked'
      : text.includes('kernel too old')
        ? 'ignores'
        : 'applies',
    isaLevels: text.includes('CPU ISA level is lower than required'),
  };
}

interface PathString {
  readonly path: string;
  /** Where it begins in the file; a NUL follows its end. */
  readonly at: number;
}

const PATH_CHARACTER = /[\w.+/-]/;
const LONGEST_PATH = 4096;

/**
 * The paths that NUL-terminated strings of a file are, or end with. By hand: a regular
 * expression for them takes cubic time on a file of nothing but `/lib`.
 */
function pathsIn(text: string): readonly PathString[] {
  const paths: PathString[] = [];
  for (let from = 0; ;) {
    const slash = text.indexOf('/', from);
    const end = slash < 0 ? -1 : text.indexOf('\0', slash);
    if (end < 0) break;
    from = end + 1;
    const least = Math.max(slash, end - LONGEST_PATH);
    let start = end;
    while (start > least && PATH_CHARACTER.test(text[start - 1] ?? '')) start -= 1;
    const at = text.indexOf('/', start);
    if (at >= 0 && at < end) paths.push({ path: text.slice(at, end), at });
  }
  return paths;
}

/** The first run of strings, one right after the other, that name library directories. */
function directoryBlock(paths: readonly PathString[]): readonly string[] {
  const block: PathString[] = [];
  for (const one of paths) {
    const last = block[block.length - 1];
    const isDirectory = one.path.endsWith('/') && one.path.includes('lib');
    if (last === undefined ? isDirectory : isDirectory && one.at === last.at + last.path.length + 1)
      block.push(one);
    else if (last !== undefined) break;
  }
  return block.map(({ path }) => path.slice(0, -1));
}

function fallbackDirectories(architecture: Architecture): readonly string[] {
  const { multiarch, plainLib } = architecture;
  const names = [`/lib/${multiarch}`, `/usr/lib/${multiarch}`, `/${plainLib}`, `/usr/${plainLib}`];
  return [...new Set([...names, '/lib', '/usr/lib'])];
}
