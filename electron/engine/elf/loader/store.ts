import * as fs from 'node:fs';
import { openInRoot, resolveInRoot } from '../../rootfs.ts';
import { parseElf } from '../read.ts';
import { fileSource, withReader } from '../source.ts';
import type { ElfError, ElfFile, NeededVersion, VersionNeed } from '../types.ts';

/** One file on disk, parsed once however many paths lead to it. */
export interface LoadedObject {
  readonly elf: ElfFile;
  /** Path for system calls of this process, of the first way it was reached. */
  readonly hostPath: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Versions found missing, by need and provider: most pairs recur in every program. */
  readonly versionChecks: Map<VersionNeed, Map<LoadedObject, readonly NeededVersion[]>>;
  /** Names of the versions it defines. */
  readonly defines: ReadonlySet<string>;
}

/** What opening a candidate came to. */
export type Candidate =
  | { readonly kind: 'object'; readonly path: string; readonly object: LoadedObject }
  /** There is nothing; the loader tries the next place, or behind a link in a circle the next list. */
  | { readonly kind: 'absent'; readonly loops?: true }
  /** There is something this process may not read; the loader tries the next place. */
  | { readonly kind: 'denied'; readonly path: string }
  /** There is a file that makes the loader give up at once. */
  | { readonly kind: 'broken'; readonly path: string; readonly error: ElfError };

/** Shared by the many objects that have none: most of a session's memory is small things. */
const NO_VERSIONS: ReadonlySet<string> = new Set();
const NO_CHECKS: LoadedObject['versionChecks'] = new Map();
const ABSENT: Candidate = { kind: 'absent' };
const LOOPING: Candidate = { kind: 'absent', loops: true };

/** Opens and parses files inside one root, each inode once and each path once. */
export class ObjectStore {
  readonly root: string;
  private readonly byPath = new Map<string, Candidate>();
  private readonly byIdentity = new Map<string, LoadedObject | ElfError>();
  private readonly realDirectories = new Map<string, string>();

  constructor(root: string) {
    this.root = root;
  }

  open(path: string): Candidate {
    let candidate = this.byPath.get(path);
    if (candidate === undefined) {
      candidate = this.read(path);
      this.byPath.set(path, candidate);
    }
    return candidate;
  }

  /** Build id of the file at a path; null where there is none. */
  buildId(path: string): string | null {
    const candidate = this.open(path);
    return candidate.kind === 'object' ? candidate.object.elf.notes.buildId : null;
  }

  private read(path: string): Candidate {
    const opened = openInRoot(this.root, path);
    if (!opened.ok) {
      switch (opened.error.code) {
        case 'not-permitted':
          return { kind: 'denied', path };
        case 'link-loop':
          return LOOPING;
        case 'not-a-file':
        case 'io':
          return {
            kind: 'broken',
            path,
            error: { code: 'unreadable', offset: null, detail: opened.error.detail },
          };
        default:
          return ABSENT;
      }
    }
    const { fd, hostPath, stat } = opened.value;
    try {
      const identity = identityOf(fd, stat);
      let known = this.byIdentity.get(identity);
      if (known === undefined) {
        const parsed = withReader(fileSource(fd, stat.size), parseElf);
        known = parsed.ok ? loadedObject(parsed.value, hostPath, stat) : parsed.error;
        this.byIdentity.set(identity, known);
      }
      return 'elf' in known
        ? { kind: 'object', path, object: known }
        : { kind: 'broken', path, error: known };
    } finally {
      fs.closeSync(fd);
    }
  }

  /** The directory a path really lies in, as seen inside the root; its own where it cannot be told. */
  realDirectory(path: string): string {
    let directory = this.realDirectories.get(path);
    if (directory === undefined) {
      const resolved = resolveInRoot(this.root, path);
      const inner = resolved.ok ? resolved.value.innerPath : path;
      directory = inner.slice(0, Math.max(1, inner.lastIndexOf('/')));
      this.realDirectories.set(path, directory);
    }
    return directory;
  }
}

function loadedObject(elf: ElfFile, hostPath: string, stat: fs.Stats): LoadedObject {
  return {
    elf,
    hostPath,
    mode: stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    versionChecks:
      elf.interpreter === null
        ? new Map<VersionNeed, Map<LoadedObject, readonly NeededVersion[]>>()
        : NO_CHECKS,
    defines:
      elf.versionDefines.length === 0
        ? NO_VERSIONS
        : new Set(elf.versionDefines.map((one) => one.name)),
  };
}

/** Device and inode; asked again in full where a double cannot hold the inode number. */
function identityOf(fd: number, stat: fs.Stats): string {
  if (stat.ino <= Number.MAX_SAFE_INTEGER) {
    return `${stat.dev}:${stat.ino}`;
  }
  const exact = fs.fstatSync(fd, { bigint: true });
  return `${exact.dev}:${exact.ino}`;
}
