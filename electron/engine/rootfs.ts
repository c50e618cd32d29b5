import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { ok, type Result } from '../../shared/error.ts';

/** Why a path inside a root could not be used. */
export interface RootPathProblem {
  readonly code:
    | 'not-found'
    | 'not-permitted'
    | 'link-loop'
    | 'dangling-link'
    | 'not-a-directory'
    | 'not-a-file'
    | 'too-large'
    | 'io';
  /** The path as it was asked for, seen from inside the root. */
  readonly path: string;
  /** The component, link target or system message that explains the code. */
  readonly detail: string;
}

/** Where a path inside a root really leads once all links are followed. */
export interface ResolvedPath {
  /** The path for system calls of this process. */
  readonly hostPath: string;
  /** The same file as seen from inside the root: absolute, free of links. */
  readonly innerPath: string;
  readonly stat: fs.Stats;
}

/** A file opened for reading; the caller closes `fd`. */
export interface OpenedFile extends ResolvedPath {
  readonly fd: number;
}

/** What {@link listDirectoryInRoot} answers for each name. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
}

/** The kernel gives up after as many links (path_resolution(7), MAXSYMLINKS). */
const LINK_LIMIT = 40;
/** Read at once of a file that does not say how large it is, and of what is behind its size. */
const CHUNK = 64 * 1024;
const SMALL_CHUNK = 4096;

/**
 * Whether the walk must not look at a path inside the root, which is told before the kernel
 * is asked: a network file system that is silent would keep the question, and us, for good.
 */
export type Avoid = (innerPath: string) => boolean;

type RootResult<T> = Result<T, RootPathProblem>;

function problem(
  code: RootPathProblem['code'],
  path: string,
  detail: string,
): { readonly ok: false; readonly error: RootPathProblem } {
  return { ok: false, error: { code, path, detail } };
}

function fromSystemError(path: string, error: unknown): ReturnType<typeof problem> {
  const code = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
  switch (code) {
    case 'ENOENT':
      return problem('not-found', path, path);
    case 'ENOTDIR':
      return problem('not-a-directory', path, path);
    case 'EACCES':
    case 'EPERM':
      return problem('not-permitted', path, path);
    case 'ELOOP':
      return problem('link-loop', path, path);
    default:
      return problem('io', path, code);
  }
}

/**
 * Follows `path` inside `root` the way a process chrooted there would: absolute
 * links start again at the root and `..` never leaves it. A relative `path` is
 * taken from the root. Missing files, denied directories, loops and links
 * without a target are values, told apart by `code`; a path that leads where `avoid`
 * forbids is `io` with ETIMEDOUT.
 */
export function resolveInRoot(root: string, path: string, avoid?: Avoid): RootResult<ResolvedPath> {
  return root === '/' && avoid === undefined ? resolveOnHost(path) : walk(root, path, avoid);
}

function resolveOnHost(path: string): RootResult<ResolvedPath> {
  const absolute = nodePath.resolve('/', path);
  try {
    const hostPath = fs.realpathSync.native(absolute);
    return ok({ hostPath, innerPath: hostPath, stat: fs.statSync(hostPath) });
  } catch (error) {
    // The slow walk knows which component is to blame.
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? walk('/', absolute)
      : fromSystemError(path, error);
  }
}

function walk(root: string, path: string, avoid?: Avoid): RootResult<ResolvedPath> {
  if (avoid?.('/') === true) return problem('io', path, 'ETIMEDOUT');
  const rootPath = nodePath.resolve(root);
  const base = rootPath === '/' ? '' : rootPath;
  const pending = path.split('/').reverse();
  let inner: string[] = [];
  let links = 0;
  let lastLink = '';
  let stat: fs.Stats | null = null;
  while (pending.length > 0) {
    const name = pending.pop() ?? '';
    if (name === '' || name === '.') {
      continue;
    }
    if (name === '..') {
      inner.pop();
      stat = null;
      continue;
    }
    const next = `/${[...inner, name].join('/')}`;
    if (avoid?.(next) === true) return problem('io', path, 'ETIMEDOUT');
    const host = `${base}${next}`;
    try {
      stat = fs.lstatSync(host);
      if (stat.isSymbolicLink()) {
        links += 1;
        if (links > LINK_LIMIT) {
          return problem('link-loop', path, next);
        }
        const target = fs.readlinkSync(host);
        lastLink = `${next} -> ${target}`;
        if (target.startsWith('/')) {
          inner = [];
        }
        pending.push(...target.split('/').reverse());
        stat = null;
        continue;
      }
    } catch (error) {
      const failure = fromSystemError(path, error);
      return failure.error.code === 'not-found' && lastLink !== ''
        ? problem('dangling-link', path, lastLink)
        : failure;
    }
    if (pending.some((rest) => rest !== '' && rest !== '.') && !stat.isDirectory()) {
      return problem('not-a-directory', path, next);
    }
    inner.push(name);
  }
  const innerPath = `/${inner.join('/')}`;
  const hostPath = inner.length === 0 ? rootPath : `${base}${innerPath}`;
  try {
    return ok({ hostPath, innerPath, stat: stat ?? fs.statSync(hostPath) });
  } catch (error) {
    return fromSystemError(path, error);
  }
}

/**
 * Opens a regular file inside `root` for reading. Never blocks on a FIFO and
 * never takes a terminal; anything but a regular file is `not-a-file`. For the
 * root `/` the paths are returned as asked for (one `open`, no link walk).
 */
export function openInRoot(root: string, path: string, avoid?: Avoid): RootResult<OpenedFile> {
  let hostPath = path;
  let innerPath = path;
  if (root !== '/' || avoid !== undefined) {
    const resolved = walk(root, path, avoid);
    if (!resolved.ok) {
      return resolved;
    }
    ({ hostPath, innerPath } = resolved.value);
  }
  let fd = -1;
  try {
    fd = fs.openSync(
      hostPath,
      fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY,
    );
    const stat = fs.fstatSync(fd);
    if (stat.isFile()) {
      return ok({ fd, hostPath, innerPath, stat });
    }
    fs.closeSync(fd);
    return problem('not-a-file', path, hostPath);
  } catch (error) {
    if (fd >= 0) {
      fs.closeSync(fd);
    }
    return fromSystemError(path, error);
  }
}

/**
 * The bytes of a regular file inside `root`; files above `maxBytes` (default
 * 16 MiB) are the problem `too-large`, so that a hostile root cannot fill memory.
 */
export function readFileInRoot(
  root: string,
  path: string,
  maxBytes = 16 * 1024 * 1024,
  avoid?: Avoid,
): RootResult<Buffer> {
  const opened = openInRoot(root, path, avoid);
  if (!opened.ok) {
    return opened;
  }
  const { fd } = opened.value;
  try {
    // One byte more than there should be: the end is seen. /proc and /sys files claim size 0.
    const { size } = fs.fstatSync(fd);
    let room = size === 0 ? CHUNK : Math.min(size, maxBytes) + 1;
    const chunks: Buffer[] = [];
    let total = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(room);
      const count = fs.readSync(fd, chunk, 0, room, null);
      if (count === 0) {
        return ok(
          chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks),
        );
      }
      total += count;
      if (total > maxBytes) {
        return problem('too-large', path, `more than ${maxBytes} bytes`);
      }
      chunks.push(chunk.subarray(0, count));
      // Nearly always only to be told that this was the end.
      room = size === 0 ? CHUNK : Math.max(room - count, SMALL_CHUNK);
    }
  } catch (error) {
    return fromSystemError(path, error);
  } finally {
    fs.closeSync(fd);
  }
}

/** The names in a directory inside `root`, sorted by code unit; links are not followed. */
export function listDirectoryInRoot(
  root: string,
  path: string,
  avoid?: Avoid,
): RootResult<readonly DirectoryEntry[]> {
  const resolved = resolveInRoot(root, path, avoid);
  if (!resolved.ok) {
    return resolved;
  }
  try {
    const entries = fs
      .readdirSync(resolved.value.hostPath, { withFileTypes: true })
      .map((entry): DirectoryEntry => ({ name: entry.name, kind: kindOf(entry) }));
    return ok(entries.sort((a, b) => (a.name < b.name ? -1 : 1)));
  } catch (error) {
    return fromSystemError(path, error);
  }
}

function kindOf(entry: fs.Dirent): DirectoryEntry['kind'] {
  if (entry.isFile()) {
    return 'file';
  }
  if (entry.isDirectory()) {
    return 'directory';
  }
  return entry.isSymbolicLink() ? 'link' : 'other';
}
