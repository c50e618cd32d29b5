import * as fs from 'node:fs';
import { basename } from 'node:path';
import { message, type Message } from '../../../shared/message.ts';
import type { MappedLibc } from '../../../shared/process.ts';
import { readElf } from '../elf/read.ts';
import { fileSource } from '../elf/source.ts';
import type { ElfFile } from '../elf/types.ts';
import { highestVersions } from '../probes/libc.ts';
import type { MappedFile } from './mapped-file.ts';

/** What the bytes of a C library say of it; nothing of its name counts. */
export type LibcFacts = Pick<MappedLibc, 'kind' | 'version' | 'release' | 'buildId'>;

/** Reads C libraries, each once however many processes have it mapped. */
export class LibcReader {
  private readonly known = new Map<string, LibcFacts | null>();

  /** Null where the open file is no C library. */
  read(fd: number): LibcFacts | null {
    const { dev, ino, size, mtimeNs } = fs.fstatSync(fd, { bigint: true });
    const key = `${dev}:${ino}:${size}:${mtimeNs}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const facts = libcFacts(fd, Number(size));
    this.known.set(key, facts);
    return facts;
  }
}

/** C libraries are 0.6 to 3 MB. */
const LARGEST = 16 * 1024 * 1024;
/** `libc.so.6 --version`: "GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36." */
const GLIBC_SENTENCE = /GNU C Library \(([^\n\0]{1,200}?)\) [a-z]+ release version/;
/** musl keeps its version as a string of its own (src/internal/version.c). */
const MUSL_VERSION = /\0(\d+\.\d+\.\d+(?:-git-[\w-]+)?)(?=\0)/g;

function libcFacts(fd: number, size: number): LibcFacts | null {
  const elf = readElf(fileSource(fd, size));
  if (!elf.ok) return null;
  const { soname, versionDefines, notes, libc } = elf.value;
  const names = versionDefines.map((one) => one.name);
  const version = highestVersions(names)['GLIBC'] ?? null;
  if (soname === 'libc.so.6' && version !== null) {
    const release = GLIBC_SENTENCE.exec(textOf(fd, size))?.[1] ?? null;
    return { kind: 'glibc', version, release, buildId: notes.buildId };
  }
  if (libc === 'glibc' || elf.value.needed.length > 0) return null;
  const text = textOf(fd, size);
  if (!text.includes('musl libc')) return null;
  const versions = new Set([...text.matchAll(MUSL_VERSION)].map(([, found = '']) => found));
  const [only] = versions;
  return {
    kind: 'musl',
    version: versions.size === 1 ? (only ?? null) : null,
    release: null,
    buildId: notes.buildId,
  };
}

function textOf(fd: number, size: number): string {
  const bytes = Buffer.alloc(Math.min(size, LARGEST));
  const count = fs.readSync(fd, bytes, 0, bytes.length, 0);
  return bytes.toString('latin1', 0, count);
}

/** Names that C libraries usually have; where to look first, and no more. */
const USUAL = /^(?:libc\.so\.6|libc-2\.\d+\.so|libc\.musl-[\w-]+\.so\.1|ld-musl-[\w-]+\.so\.1)$/;
/** How many other mapped files are opened in search of one with another name. */
const MOST_OPENED = 200;

export interface LibcAnswer {
  readonly libc: MappedLibc | null;
  readonly problems: readonly Message[];
}

/**
 * The C library among the mapped files, by what they hold. One that cannot be
 * opened is named with nothing but its path: what it holds is not guessed.
 */
export function mappedLibc(
  mapped: readonly MappedFile[],
  program: ElfFile | null,
  reader: LibcReader,
): LibcAnswer {
  const isStatic = program?.linkage === 'static' || program?.linkage === 'static-pie';
  if (isStatic) {
    const facts = { path: null, version: null, release: null, buildId: null, deleted: false };
    return { libc: { kind: 'static', ...facts }, problems: [] };
  }
  const usual = mapped.filter((file) => USUAL.test(basename(file.path)));
  const rest = mapped.filter((file) => file.executable && !usual.includes(file));
  const found = usual.flatMap((file) => openLibc(file, reader) ?? []);
  const [first, second] = found.length > 0 ? found : firstOf(rest.slice(0, MOST_OPENED), reader);
  if (first === undefined) {
    const isAllSeen = mapped.length > 0 && mapped.every((file) => file.silent === null);
    const none = isAllSeen ? [message('process.problem.no-libc')] : [];
    return { libc: null, problems: none };
  }
  const problems =
    second === undefined || second.libc.path === first.libc.path
      ? []
      : [
          message('process.problem.two-libcs', {
            first: first.libc.path ?? '',
            second: second.libc.path ?? '',
          }),
        ];
  return { libc: first.libc, problems: [...first.problems, ...problems] };
}

interface OpenedLibc {
  readonly libc: MappedLibc;
  readonly problems: readonly Message[];
}

function firstOf(files: readonly MappedFile[], reader: LibcReader): readonly OpenedLibc[] {
  for (const file of files) {
    const found = openLibc(file, reader);
    if (found !== null && found.problems.length === 0) return [found];
  }
  return [];
}

function openLibc(file: MappedFile, reader: LibcReader): OpenedLibc | null {
  const { path, standing } = file;
  const deleted = standing === 'deleted' || standing === 'replaced';
  const opened = file.open();
  if (opened.state !== 'read') {
    const kind = /musl/.test(basename(path)) ? 'musl' : 'glibc';
    const unread = { kind, path, version: null, release: null, buildId: null, deleted } as const;
    // Why is said once of the whole file system.
    if (standing === 'not-asked')
      return USUAL.test(basename(path)) ? { libc: unread, problems: [] } : null;
    const key =
      standing === 'unknown' ? 'process.problem.identity-unknown' : 'process.problem.libc-hidden';
    return { libc: unread, problems: [message(key, { path })] };
  }
  try {
    const facts = reader.read(opened.value);
    return facts === null ? null : { libc: { ...facts, path, deleted }, problems: [] };
  } finally {
    fs.closeSync(opened.value);
  }
}
