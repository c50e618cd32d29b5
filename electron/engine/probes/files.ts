import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ProbeProblem } from '../../../shared/snapshot.ts';
import {
  listDirectoryInRoot,
  openInRoot,
  readFileInRoot,
  resolveInRoot,
  type Avoid,
  type DirectoryEntry,
  type RootPathProblem,
} from '../rootfs.ts';
import { found, missed, problem, problemOfError, type Looked } from './problems.ts';

/**
 * Reading below the examined root. Every path given and answered is absolute
 * and as seen inside the root; links are followed inside it. Only regular files
 * are opened: a pipe or a device under examination would hang the scan.
 */
export interface Files {
  /** The path after following every link; `dangling-link` and `link-loop` are told apart. */
  readonly realPath: (path: string) => Looked<string>;
  /** Where a path without links lies on the machine Devmend runs on. */
  readonly hostPath: (realPath: string) => string;
  /** What a path leads to, links followed. */
  readonly stat: (path: string) => Looked<fs.Stats>;
  /** Whether a path leads to something that this process may look at. */
  readonly exists: (path: string) => boolean;
  /** Whether the name is there, be it a dangling link. */
  readonly isPresent: (path: string) => boolean;
  /** UTF-8 text as it is; `too-large` above `limit` bytes. */
  readonly readText: (path: string, limit: number) => Looked<string>;
  /** Whether a regular file begins with these bytes; false when it cannot be read. */
  readonly startsWith: (path: string, magic: Uint8Array) => boolean;
  /** Names in a directory, sorted; links are not followed. */
  readonly list: (path: string) => Looked<readonly DirectoryEntry[]>;
  /** Whether this process may write here (access(2): ACLs and read-only mounts count). */
  readonly writable: (path: string) => boolean;
}

/** The {@link Files} of a root directory; `/` is the running system. `avoid`: see {@link Avoid}. */
export function openFiles(root: string, avoid?: Avoid): Files {
  const realPath = (path: string): Looked<string> => {
    const resolved = resolveInRoot(root, path, avoid);
    return resolved.ok ? found(resolved.value.innerPath) : failed(resolved.error);
  };
  const stat = (path: string): Looked<fs.Stats> => {
    if (root === '/' && avoid === undefined) return statOnHost(path);
    const resolved = resolveInRoot(root, path, avoid);
    return resolved.ok ? found(resolved.value.stat) : failed(resolved.error);
  };
  return {
    realPath,
    hostPath: (path) => join(root, path),
    stat,
    exists: (path) => stat(path).ok,
    isPresent: (path) => isPresent(root, path, avoid),
    readText: (path, limit) => {
      const bytes = readFileInRoot(root, path, limit, avoid);
      return bytes.ok ? found(bytes.value.toString('utf8')) : failed(bytes.error);
    },
    startsWith: (path, magic) => startsWith(root, path, magic, avoid),
    list: (path) => {
      const entries = listDirectoryInRoot(root, path, avoid);
      return entries.ok ? found(entries.value) : failed(entries.error);
    },
    writable: (path) => isWritable(root, path, avoid),
  };
}

/** Most names that probes ask for do not exist: no exception, no walk for those. */
function statOnHost(path: string): Looked<fs.Stats> {
  try {
    const stat = fs.statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? missed('not-found', path) : found(stat);
  } catch (error) {
    return { ok: false, problem: problemOfError(error, path) };
  }
}

function isPresent(root: string, path: string, avoid?: Avoid): boolean {
  const parent = resolveInRoot(root, dirname(path), avoid);
  if (!parent.ok) return false;
  if (avoid?.(join(parent.value.innerPath, basename(path))) === true) return false;
  const host = join(parent.value.hostPath, basename(path));
  try {
    return fs.lstatSync(host, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function startsWith(root: string, path: string, magic: Uint8Array, avoid?: Avoid): boolean {
  const opened = openInRoot(root, path, avoid);
  if (!opened.ok) return false;
  const start = Buffer.alloc(magic.length);
  try {
    const count = fs.readSync(opened.value.fd, start, 0, start.length, 0);
    return count === magic.length && start.equals(magic);
  } catch {
    return false;
  } finally {
    fs.closeSync(opened.value.fd);
  }
}

function isWritable(root: string, path: string, avoid?: Avoid): boolean {
  const resolved = resolveInRoot(root, path, avoid);
  if (!resolved.ok) return false;
  try {
    fs.accessSync(resolved.value.hostPath, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function failed(error: RootPathProblem): { readonly ok: false; readonly problem: ProbeProblem } {
  const detail = error.detail === error.path ? '' : error.detail;
  switch (error.code) {
    case 'not-a-directory':
      return { ok: false, problem: problem('not-found', error.path, detail) };
    case 'not-a-file':
      return { ok: false, problem: problem('unsupported', error.path, 'not a regular file') };
    case 'io':
      return { ok: false, problem: problem('failed', error.path, detail) };
    default:
      return { ok: false, problem: problem(error.code, error.path, detail) };
  }
}
