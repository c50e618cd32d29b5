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
  const block = /(?:\/[\w.+/-]*lib[\w.+/-]*\/\0)+/.exec(text)?.[0];
  const systemDirectories =
    block === undefined
      ? fallbackDirectories(architecture)
      : block
          .split('\0')
          .filter((one) => one !== '')
          .map((one) => one.slice(0, -1));
  const first = systemDirectories[0] ?? `/${architecture.plainLib}`;
  return {
    systemDirectories,
    cachePath: /\/[\w.+/-]*ld\.so\.cache(?=\0)/.exec(text)?.[0] ?? '/etc/ld.so.cache',
    preloadPath: /\/[\w.+/-]*ld\.so\.preload(?=\0)/.exec(text)?.[0] ?? '/etc/ld.so.preload',
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

function fallbackDirectories(architecture: Architecture): readonly string[] {
  const { multiarch, plainLib } = architecture;
  const names = [`/lib/${multiarch}`, `/usr/lib/${multiarch}`, `/${plainLib}`, `/usr/${plainLib}`];
  return [...new Set([...names, '/lib', '/usr/lib'])];
}
