import { randomUUID } from 'node:crypto';
import {
  link,
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  symlink,
  unlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { fail, ok, type Result } from '../../../shared/error.ts';
import type { RecoveryStatus } from '../../../shared/history.ts';
import type { Machine } from '../machine.ts';
import { createDurably, unlinkIfThere } from './durable.ts';
import { asDevmendError, guarded, isAbsent } from '../faults.ts';
import { requireOwnStore } from './own-store.ts';

/**
 * Who holds the lock. A process id alone is not an identity: it is used again
 * after a restart or a wrap-around, so start time, boot and pid namespace go with it.
 */
const ownerSchema = z.object({
  pid: z.number().int().positive(),
  startTime: z.string(),
  boot: z.string(),
  namespace: z.string(),
  program: z.string(),
  since: z.string(),
  /** Which engine of the process it is; locks of before this field have none. */
  engine: z.string().optional(),
});
type Owner = z.infer<typeof ownerSchema>;

/** This engine among those of one process, and the locks that it holds. */
const engine = randomUUID();
const held = new Set<string>();

/** Attempts of this process, so that each has a file name of its own. */
let attempts = 0;

/** The right to write to the journal; give it back with `release`. */
export interface Lock {
  readonly release: () => Promise<void>;
}

/**
 * Takes the one lock that window and terminal share (`<state>/lock`). Answers
 * `locked` with the owner's name and pid while a living process holds it; a lock
 * whose owner is gone is taken over.
 */
export async function takeLock(machine: Machine): Promise<Result<Lock>> {
  const { state } = machine.directories;
  const path = join(state, 'lock');
  return guarded(path, async () => {
    await requireOwnStore(machine);
    await mkdir(state, { recursive: true, mode: 0o700 });
    const own = await describeSelf(machine);
    attempts += 1;
    const candidate = join(state, `lock.${own.pid}.${attempts}`);
    await unlinkIfThere(candidate);
    try {
      await writeCandidate(candidate, own);
      const lock = await claim(path, candidate);
      // Litter that cannot be removed now is no reason to refuse, nor to keep the lock.
      if (lock.ok) await removeAbandoned(state).catch(() => undefined);
      return lock;
    } finally {
      await unlinkIfThere(candidate).catch(() => undefined);
    }
  });
}

/**
 * Deleting old entries has to work on a disk without a free block: there the owner is
 * written as the target of a symbolic link, which lies in the inode (ext4: up to 59 bytes).
 */
async function writeCandidate(candidate: string, own: Owner): Promise<void> {
  try {
    await createDurably(candidate, Buffer.from(`${JSON.stringify(own)}\n`));
  } catch (error) {
    if (asDevmendError(error, candidate).data.code !== 'disk-full') throw error;
    await unlinkIfThere(candidate);
    await symlink(inOneLine(own), candidate);
  }
}

/** `PID START BOOT NAMESPACE`, the last two shortened to what tells them apart. */
function inOneLine({ pid, startTime, boot, namespace }: Owner): string {
  return [pid, startTime, boot.slice(0, 13), namespace.replace(/\D/g, '')].join(' ');
}

/** link() is atomic and refuses an existing name: the lock is never seen half-written. */
async function claim(path: string, candidate: string): Promise<Result<Lock>> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      await link(candidate, path);
      held.add(path);
      return ok({ release: async () => release(path) });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const text = await readLock(path);
    if (text === null) continue;
    const owner = parseOwner(text);
    if (owner !== null && !isLeftByUs(owner, path) && (await alive(owner)))
      return fail('locked', { program: owner.program, pid: owner.pid });
    await removeStale(path, text, `${candidate}.stale`);
  }
  return fail('locked', { program: 'devmend', pid: 0 });
}

/**
 * What was done under the lock has been decided and told by then: a disk that has
 * broken since must not turn it into a failure. A lock that stays is known as left.
 */
async function release(path: string): Promise<void> {
  held.delete(path);
  await unlinkIfThere(path).catch(() => undefined);
}

/** This engine has given it back, but its file could not be removed. */
function isLeftByUs(owner: Owner, path: string): boolean {
  return owner.engine === engine && !held.has(path);
}

/** Attempts of processes that were killed before they could tidy up. */
async function removeAbandoned(state: string): Promise<void> {
  for (const name of await readdir(state)) {
    const pid = /^lock\.(\d+)\./.exec(name)?.[1];
    if (pid === undefined || (await startTimeOf(Number(pid))) !== null) continue;
    await unlinkIfThere(join(state, name));
  }
}

/** Two processes may find the same stale lock: what was moved away is checked, and put back. */
async function removeStale(path: string, seen: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if (isAbsent(error)) return;
    throw error;
  }
  if ((await readLock(aside)) !== seen)
    await link(aside, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  await unlink(aside);
}

/** Who holds the lock now, if a living process does. Writes nothing. */
export async function lockOwner(machine: Machine): Promise<RecoveryStatus['lockedBy']> {
  const path = join(machine.directories.state, 'lock');
  const text = await readText(path);
  const owner = text === null ? null : parseOwner(text);
  if (owner === null || isLeftByUs(owner, path) || !(await alive(owner))) return null;
  return { pid: owner.pid, program: owner.program, since: owner.since };
}

function parseOwner(text: string): Owner | null {
  const [, pid, startTime, boot, namespace] = /^(\d+) (\d+) ([\w-]+) (\d*)$/.exec(text) ?? [];
  if (pid !== undefined && startTime !== undefined && boot !== undefined)
    return {
      pid: Number(pid),
      startTime,
      boot,
      namespace: `pid:[${namespace ?? ''}]`,
      program: 'devmend',
      since: '',
    };
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function describeSelf(machine: Machine): Promise<Owner> {
  return {
    pid: process.pid,
    startTime: (await startTimeOf(process.pid)) ?? '',
    boot: await bootId(),
    namespace: await pidNamespace(),
    program: `devmend ${machine.version}`,
    since: machine.clock().toISOString(),
    engine,
  };
}

async function alive(owner: Owner): Promise<boolean> {
  // In a link there is room for its beginning only.
  if (!(await bootId()).startsWith(owner.boot)) return false;
  // Another container's processes cannot be looked at from here: believe the lock.
  if (owner.namespace !== (await pidNamespace())) return true;
  return (await startTimeOf(owner.pid)) === owner.startTime;
}

/** Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold anything but ends with `)`. */
async function startTimeOf(pid: number): Promise<string | null> {
  const text = await readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

async function bootId(): Promise<string> {
  return ((await readText('/proc/sys/kernel/random/boot_id')) ?? '').trim();
}

async function pidNamespace(): Promise<string> {
  return readlink('/proc/self/ns/pid').catch(() => '');
}

/** What a lock says, be it a file or a link. */
async function readLock(path: string): Promise<string | null> {
  return readlink(path).catch(async () => readText(path));
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isAbsent(error) || code === 'ESRCH') return null;
    throw error;
  }
}
