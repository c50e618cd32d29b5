import { randomUUID } from 'node:crypto';
import { lstat, open, readFile, readlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Machine } from '../machine.ts';
import { isAbsent } from '../faults.ts';

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
  /** Which of the engine's attempts, so that no two locks ever say the same. */
  attempt: z.number().int().optional(),
});
export type Owner = z.infer<typeof ownerSchema>;

/** A lock of another pid namespace without a sign of life for this long is nobody's. */
export const STALE_MS = 60_000;

/** This engine among those of one process. */
const engine = randomUUID();

/** Attempts of this engine that hold a lock, or are about to. */
export const working = new Set<number>();

let attempts = 0;

/** A number for a file name of this process that no other of its files has. */
export function nextAttempt(): number {
  attempts += 1;
  return attempts;
}

/** `left` may be taken; else who holds it, and for how long at most if he shows no sign of life. */
export type Standing =
  | { readonly left: true }
  | {
      readonly left: false;
      readonly owner: Owner;
      /** Null for a process that can be looked at from here: it holds the lock while it lives. */
      readonly seconds: number | null;
    };

const LEFT: Standing = { left: true };

/**
 * Whether what says `text` at `path` still has an owner. `now` answers the time of the
 * file system that it lies on, and is asked only where no process can be looked at.
 */
export async function standingOf(
  path: string,
  text: string,
  now: () => Promise<number>,
): Promise<Standing> {
  const owner = parseOwner(text);
  if (owner === null) return LEFT;
  // In a link there is room for its beginning only.
  if (!(await bootId()).startsWith(owner.boot)) return LEFT;
  if (owner.namespace !== (await pidNamespace())) return standingByBeat(path, owner, now);
  if ((await startTimeOf(owner.pid)) !== owner.startTime) return LEFT;
  return isLeftByUs(owner) ? LEFT : { left: false, owner, seconds: null };
}

/**
 * Another container's processes cannot be looked at from here; but whoever holds a lock
 * touches it. One from the future is no sign of life either: the clock was set back since.
 */
async function standingByBeat(
  path: string,
  owner: Owner,
  now: () => Promise<number>,
): Promise<Standing> {
  const touched = await modifiedAt(path);
  if (touched === null) return LEFT;
  const silent = Math.abs((await now()) - touched);
  if (silent > STALE_MS) return LEFT;
  return { left: false, owner, seconds: Math.max(1, Math.ceil((STALE_MS - silent) / 1000)) };
}

/** This engine has given it back, but its file could not be removed. */
function isLeftByUs(owner: Owner): boolean {
  return owner.engine === engine && !working.has(owner.attempt ?? 0);
}

/** `PID START BOOT NAMESPACE`, the last two shortened to what tells them apart. */
export function inOneLine({ pid, startTime, boot, namespace }: Owner): string {
  return [pid, startTime, boot.slice(0, 13), digitsOf(namespace)].join(' ');
}

function parseOwner(text: string): Owner | null {
  const [, pid, startTime, boot, namespace] = /^(\d+) (\d+) ([\w-]+) (\d*)$/.exec(text) ?? [];
  if (pid !== undefined && startTime !== undefined && boot !== undefined)
    return {
      pid: Number(pid),
      startTime,
      boot,
      namespace: namespace === '' ? '' : `pid:[${namespace ?? ''}]`,
      program: 'devmend',
      since: '',
    };
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** This process, with an attempt of its own. */
export async function describeSelf(
  machine: Machine,
): Promise<Owner & { readonly attempt: number }> {
  return {
    pid: process.pid,
    startTime: (await startTimeOf(process.pid)) ?? '',
    boot: await bootId(),
    namespace: await pidNamespace(),
    program: `devmend ${machine.version}`,
    since: machine.clock().toISOString(),
    engine,
    attempt: nextAttempt(),
  };
}

/** A name beside the lock that says whose it is, should its process be killed. */
export function ownName(state: string, namespace: string, attempt: number): string {
  return join(state, `lock.${process.pid}.${digitsOf(namespace)}.${attempt}`);
}

/**
 * Whether a name of {@link ownName} (those of before have no namespace) belongs to nobody
 * any more. False for every other name.
 */
export async function isAbandoned(
  path: string,
  name: string,
  now: () => Promise<number>,
): Promise<boolean> {
  const [, pid, namespace] = /^lock\.(\d+)(?:\.(\d*))?\.\d+(?:\.stale)?$/.exec(name) ?? [];
  if (pid === undefined) return false;
  if (namespace === undefined || namespace === digitsOf(await pidNamespace()))
    return (await startTimeOf(Number(pid))) === null;
  const touched = await modifiedAt(path);
  return touched !== null && Math.abs((await now()) - touched) > STALE_MS;
}

/**
 * What time it is for the file system of `state` (milliseconds), by a file that is there
 * for a moment: a server's clock may be another one than this machine's. Where none can
 * be made the machine's clock has to do.
 */
export async function timeThere(state: string): Promise<number> {
  const probe = ownName(state, await pidNamespace(), nextAttempt());
  try {
    const handle = await open(probe, 'wx', 0o600);
    try {
      return (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
      await unlink(probe);
    }
  } catch {
    return Date.now();
  }
}

/** When a name was last touched (milliseconds); null when it is not there. */
export async function modifiedAt(path: string): Promise<number | null> {
  try {
    return (await lstat(path)).mtimeMs;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** What a lock says, be it a file or a link; null when it is not there. */
export async function readLock(path: string): Promise<string | null> {
  return readlink(path).catch(async () => readText(path));
}

function digitsOf(namespace: string): string {
  return namespace.replace(/\D/g, '');
}

/**
 * Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold anything but ends with `)`.
 * Null for a process that has ended: a zombie too, which stays in a container whose first
 * process waits for nobody.
 */
async function startTimeOf(pid: number): Promise<string | null> {
  const text = await readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

async function bootId(): Promise<string> {
  return ((await readText('/proc/sys/kernel/random/boot_id')) ?? '').trim();
}

async function pidNamespace(): Promise<string> {
  return readlink('/proc/self/ns/pid').catch(() => '');
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
