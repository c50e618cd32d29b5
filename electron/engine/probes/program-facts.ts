import { createHash } from 'node:crypto';
import { createReadStream, existsSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { Program } from '../../../shared/snapshot.ts';
import { machineName } from '../elf/constants.ts';
import type { ElfFile } from '../elf/types.ts';
import type { Machine } from '../machine.ts';
import type { Files } from './files.ts';

type FileFacts = NonNullable<Program['file']>;
type ElfFacts = NonNullable<Program['elf']>;

const SETUID_OR_SETGID = 0o6000;
const STICKY = 0o1000;
/** Hashing more would take longer than everything else in a scan together. */
const DIGEST_LIMIT = 512 * 1024 * 1024;
const GETCAP_PLACES = ['/usr/sbin/getcap', '/sbin/getcap', '/usr/bin/getcap'];
const GETCAP_TIMEOUT_MS = 2_000;

/** What stat(2) says of a program; `sha256` and file capabilities are filled in where they matter. */
export function fileFacts(
  realPath: string,
  stat: Stats,
  files: Files,
  machine: Machine,
): FileFacts {
  return {
    size: stat.size,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    links: stat.nlink,
    privileged: (stat.mode & SETUID_OR_SETGID) !== 0,
    sha256: null,
    replaceable: replaceable(realPath, stat, files, machine),
  };
}

/** A file is replaced by a rename in its directory; in a sticky one only by its owner. */
function replaceable(realPath: string, stat: Stats, files: Files, machine: Machine): boolean {
  const parent = dirname(realPath);
  const directory = files.stat(parent);
  if (!directory.ok || !files.writable(parent)) return false;
  if ((directory.value.mode & STICKY) === 0) return true;
  const { uid } = machine.user;
  return uid === 0 || uid === stat.uid || uid === directory.value.uid;
}

/** The ELF facts repairs need; null for what is no program or library, such as an object file. */
export function elfFacts(elf: ElfFile, goVersion: string | null): ElfFacts | null {
  if (elf.linkage === null) return null;
  return {
    machine: machineName(elf.machine),
    class: elf.class,
    linkage: elf.linkage,
    libc: elf.libc,
    needed: [...elf.needed],
    appendedPayload: elf.appendedPayload?.size ?? 0,
    goVersion,
  };
}

/**
 * SHA-256 in hexadecimal, read as a stream; null when the file is larger than
 * 512 MB or cannot be read. Rejects with the signal's reason when aborted.
 */
export async function sha256Of(
  hostPath: string,
  size: number,
  signal: AbortSignal,
): Promise<string | null> {
  if (size > DIGEST_LIMIT) return null;
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(hostPath, { highWaterMark: 1 << 20, signal })) {
      hash.update(chunk as Buffer);
    }
  } catch {
    signal.throwIfAborted();
    return null;
  }
  return hash.digest('hex');
}

/**
 * Which of these files carry file capabilities (security.capability). Node
 * cannot read extended attributes, so libcap's getcap of the running system is
 * asked, once for all; without it none are known and the mode bits must do.
 */
export async function withCapabilities(
  hostPaths: readonly string[],
  machine: Machine,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  // A tool of the running system, whatever root is examined; nothing inside that root is run.
  const getcap = GETCAP_PLACES.find((path) => existsSync(path));
  const marked = new Set<string>();
  if (getcap === undefined || hostPaths.length === 0) return marked;
  const outcome = await runGetcap(getcap, hostPaths, machine, signal);
  for (const line of outcome.split(/\r?\n/)) {
    const path = hostPaths.find((candidate) => line.startsWith(`${candidate} `));
    if (path !== undefined) marked.add(path);
  }
  return marked;
}

async function runGetcap(
  file: string,
  args: readonly string[],
  machine: Machine,
  signal: AbortSignal,
): Promise<string> {
  const command = { file, args, environment: { LC_ALL: 'C' }, timeoutMs: GETCAP_TIMEOUT_MS };
  try {
    return (await machine.run(command, () => undefined, signal)).output;
  } catch {
    // It was there a moment ago; what it would have said is a refinement.
    return '';
  }
}
