import { readFileInRoot } from '../../rootfs.ts';

/** What musl's dynamic loader has compiled in, and the path file it reads. */
export interface MuslPlaces {
  /** Library name stems that are the loader itself: `c` for `libc.so`, `libc.musl-x86_64.so.1` … */
  readonly reserved: ReadonlySet<string>;
  /** Where it looks last, without a trailing slash. */
  readonly systemDirectories: readonly string[];
  /** The path file that stands for the compiled-in directories where it exists. */
  readonly pathFile: string;
  /** Functions that it also answers to with `64` behind their name (musl 1.2.4 and up). */
  readonly lfs64: ReadonlySet<string>;
}

/** musl's libc is below a megabyte; with debugging information some more. */
const MOST_BYTES = 32 * 1024 * 1024;
/** The table of `get_lfs64`; its names are short, which tells it from the symbol names. */
const LFS64 =
  /aio_cancel\0aio_error\0(?:\w{3,15}\0){30,90}?__fxstat\0__fxstatat\0__lxstat\0__xstat\0/;
const MOST_PATH_FILE_BYTES = 65536;

/**
 * Reads what one musl loader has compiled in from its own bytes (ldso/dynlink.c,
 * `load_library`): the names that mean itself, the default path, and the name of
 * the path file, which lies below the prefix that the loader is installed in.
 */
export function readMuslPlaces(root: string, loaderPath: string): MuslPlaces {
  const bytes = readFileInRoot(root, loaderPath, MOST_BYTES);
  const text = bytes.ok ? bytes.value.toString('latin1') : '';
  const reserved = /\0((?:[a-z]+\.){4,16})\0/.exec(text)?.[1] ?? 'c.pthread.rt.m.dl.util.xnet.';
  const built = /\0((?:\/[\w./-]*lib[\w./-]*)(?::\/[\w./-]+)+)\0/.exec(text)?.[1];
  const name = /\/etc\/ld-musl-[\w-]+\.path(?=\0)/.exec(text)?.[0] ?? '';
  const lfs64 = LFS64.exec(text)?.[0];
  const pathFile = `${prefixOf(loaderPath)}${name}`;
  return {
    reserved: new Set(reserved.split('.').filter((one) => one !== '')),
    systemDirectories:
      (name === '' ? null : readPathFile(root, pathFile)) ??
      splitPath(built ?? '/lib:/usr/local/lib:/usr/lib'),
    pathFile,
    lfs64: new Set((lfs64 ?? '').split('\0').filter((one) => one !== '')),
  };
}

/** Elements of a search path; unlike glibc's, empty ones mean nothing. */
export function splitPath(text: string): readonly string[] {
  return text
    .split(/[:\n]/)
    .filter((one) => one !== '')
    .map((one) => one.replace(/(.)\/+$/, '$1'));
}

/** `/usr/local/musl` of `/usr/local/musl/lib/libc.so`. */
function prefixOf(loaderPath: string): string {
  return loaderPath.startsWith('/') ? loaderPath.replace(/(?:\/[^/]*)?\/[^/]*$/, '') : '';
}

/** Null where there is none; one that cannot be read leaves the loader without directories. */
function readPathFile(root: string, path: string): readonly string[] | null {
  const bytes = readFileInRoot(root, path, MOST_PATH_FILE_BYTES);
  if (bytes.ok) {
    return splitPath(bytes.value.toString('utf8'));
  }
  return bytes.error.code === 'not-permitted' ? [] : null;
}
