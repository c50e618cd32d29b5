import { createHash } from 'node:crypto';
import { chmod, link, lutimes, mkdir, open, symlink, utimes } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Extract, Header } from 'tar-stream';
import { DevmendError } from '../../../shared/error.ts';
import { asDevmendError } from '../faults.ts';

/**
 * Where an entry goes: a path below the destination, or null to leave it out.
 * Asked with the normalised path inside the archive.
 */
export type UnpackSelection = (path: string, type: 'file' | 'directory' | 'link') => string | null;

export interface UnpackingOptions {
  readonly select: UnpackSelection;
  /** Whether every file is flushed to disk at once. */
  readonly durable: boolean;
}

/** What was written. Paths are relative to the destination. */
export type UnpackedEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly size: number;
      readonly mode: 0o755 | 0o644;
      readonly sha256: string;
      readonly mtime: Date;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** One entry as tar-stream hands it out: a header and the content as a stream. */
export type TarEntry = Extract extends AsyncIterable<infer Item> ? Item : never;

type Written = UnpackedEntry | { readonly kind: 'directory'; readonly mtime: Date };

/**
 * Writes the entries of one or more archives below one directory and knows
 * everything it has written. The directory must be empty and ours alone: then this
 * knowledge is exact, and "is this parent a link?" needs no look at the disk.
 */
export class Unpacking {
  private readonly written = new Map<string, Written>();
  private readonly destination: string;
  private readonly options: UnpackingOptions;

  constructor(destination: string, options: UnpackingOptions) {
    this.destination = destination;
    this.options = options;
  }

  /** Writes one entry, or leaves it out; throws `source-unsafe-archive` for a hostile one. */
  async take(entry: TarEntry): Promise<void> {
    const { header } = entry;
    const path = safePath(header.name);
    switch (header.type) {
      case 'file':
      case 'contiguous-file':
        return await this.takeFile(path, entry);
      case 'directory':
        return await this.takeDirectory(path, header);
      case 'symlink':
        return await this.takeLink(path, header);
      case 'link':
        return await this.takeHardLink(path, header);
      default:
        throw unsafe(path, `a ${header.type} entry`);
    }
  }

  /** Sets the times of the directories, which writing into them has changed, and lists the rest. */
  async finish(): Promise<UnpackedEntry[]> {
    const entries: UnpackedEntry[] = [];
    for (const [path, entry] of this.written) {
      if (entry.kind !== 'directory') entries.push(entry);
      else await utimes(join(this.destination, path), entry.mtime, entry.mtime);
    }
    return entries;
  }

  private async takeFile(path: string, entry: TarEntry): Promise<void> {
    const target = this.options.select(path, 'file');
    if (target === null) return;
    await this.claim(target);
    const mode = (entry.header.mode & 0o111) === 0 ? 0o644 : 0o755;
    const mtime = timeOf(entry.header);
    const handle = await open(join(this.destination, target), 'wx', mode).catch(rethrow(target));
    try {
      const { size, sha256 } = await copyInto(handle, entry, target);
      // The umask must not decide.
      await handle.chmod(mode);
      await handle.utimes(mtime, mtime);
      if (this.options.durable) await handle.sync().catch(rethrow(target));
      this.written.set(target, { kind: 'file', path: target, size, mode, sha256, mtime });
    } finally {
      await handle.close();
    }
  }

  private async takeDirectory(path: string, header: Header): Promise<void> {
    const target = path === '' ? null : this.options.select(path, 'directory');
    if (target === null) return;
    const before = this.written.get(target);
    if (before !== undefined && before.kind !== 'directory') throw unsafe(target, 'named twice');
    if (before === undefined) await this.makeDirectory(target);
    this.written.set(target, { kind: 'directory', mtime: timeOf(header) });
  }

  private async takeLink(path: string, header: Header): Promise<void> {
    const target = this.options.select(path, 'link');
    if (target === null) return;
    const named = header.linkname;
    if (named === '' || named.startsWith('/') || named.includes('\0')) {
      throw unsafe(path, 'an absolute link');
    }
    const inside = posix.normalize(posix.join(posix.dirname(path), named));
    if (inside === '..' || inside.startsWith('../'))
      throw unsafe(path, 'a link out of the archive');
    const leads = inside === '.' ? '.' : this.options.select(inside, 'file');
    // Laid out flat, a link may lead to itself or to something that is left out.
    if (leads === null || leads === target) return;
    await this.claim(target);
    // Written from the normalised path, so that no hop of it passes through another link.
    const text = posix.relative(posix.dirname(target), leads) || '.';
    const full = join(this.destination, target);
    await symlink(text, full).catch(rethrow(target));
    const mtime = timeOf(header);
    await lutimes(full, mtime, mtime);
    this.written.set(target, { kind: 'link', path: target, target: text });
  }

  private async takeHardLink(path: string, header: Header): Promise<void> {
    const target = this.options.select(path, 'file');
    if (target === null) return;
    const original = this.options.select(safePath(header.linkname), 'file');
    const known = original === null ? undefined : this.written.get(original);
    if (known?.kind !== 'file') throw unsafe(path, 'a hard link to no file of the archive');
    await this.claim(target);
    await link(join(this.destination, known.path), join(this.destination, target)).catch(
      rethrow(target),
    );
    this.written.set(target, { ...known, path: target });
  }

  /** Makes sure that nothing has this name yet and that its parents are real directories. */
  private async claim(target: string): Promise<void> {
    if (this.written.has(target)) throw unsafe(target, 'named twice');
    const parent = posix.dirname(target);
    if (parent !== '.') await this.makeDirectory(parent);
  }

  private async makeDirectory(path: string): Promise<void> {
    const known = this.written.get(path);
    if (known?.kind === 'directory') return;
    if (known !== undefined) throw unsafe(path, 'not a directory, but something lies below it');
    const parent = posix.dirname(path);
    if (parent !== '.') await this.makeDirectory(parent);
    const full = join(this.destination, path);
    await mkdir(full, { mode: 0o755 }).catch(rethrow(path));
    // The umask must not decide.
    await chmod(full, 0o755);
    this.written.set(path, { kind: 'directory', mtime: new Date(0) });
  }
}

/** Normalises an entry's name; throws when it is absolute or has `..` in it. */
function safePath(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/')) throw unsafe(name, 'an absolute path');
  if (parts.includes('..')) throw unsafe(name, 'a path with ..');
  if (name.includes('\0')) throw unsafe(name, 'a path with NUL');
  return parts.join('/');
}

async function copyInto(
  handle: FileHandle,
  entry: TarEntry,
  path: string,
): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of entry as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
    await handle.writeFile(chunk).catch(rethrow(path));
  }
  return { size, sha256: hash.digest('hex') };
}

function timeOf(header: Header): Date {
  const time = header.mtime.getTime();
  return new Date(Number.isFinite(time) && time > 0 ? time : 0);
}

function rethrow(path: string): (error: unknown) => never {
  return (error) => {
    throw asDevmendError(error, path);
  };
}

function unsafe(path: string, reason: string): DevmendError {
  return new DevmendError('source-unsafe-archive', { file: path, reason });
}
