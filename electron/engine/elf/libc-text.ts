import { readFileInRoot } from '../rootfs.ts';

/** C libraries are 0.6 to 3 MB. */
const LARGEST = 16 * 1024 * 1024;
const SENTENCE = /GNU C Library [^\n\0]{1,200}? release version (\d+\.\d+(?:\.\d+)?)[^\n\0]{0,40}/;

/** What a libc.so.6 says of itself when it is run as a program; read, and not run. */
export interface LibcText {
  /** `2.36`; null where the file does not say. */
  readonly release: string | null;
  /** "GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36." */
  readonly banner: string | null;
}

/** Finds the sentence in the file's bytes. `path` is inside `root`, without links. */
export function readLibcText(root: string, path: string): LibcText {
  const bytes = readFileInRoot(root, path, LARGEST);
  if (!bytes.ok) return { release: null, banner: null };
  const at = bytes.value.indexOf('GNU C Library ');
  if (at < 0) return { release: null, banner: null };
  const [banner, release] =
    SENTENCE.exec(bytes.value.toString('latin1', at, Math.min(at + 400, bytes.value.length))) ?? [];
  return { release: release ?? null, banner: banner ?? null };
}

const OF_GLIBC = /(?:GNU C Library|ld\.so) (\([^\n\0]{1,200}\) \w+ release version \d+\.\d+)/;

/**
 * What a libc.so.6, or a loader of glibc 2.33 and up, says that it is of: package and
 * release, in the same words in both. Null where it does not say.
 */
export function glibcOf(root: string, path: string): string | null {
  const bytes = readFileInRoot(root, path, LARGEST);
  return bytes.ok ? (OF_GLIBC.exec(bytes.value.toString('latin1'))?.[1] ?? null) : null;
}
