import { createHash } from 'node:crypto';
import { link, lutimes, mkdir, readdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DevmendError, fail, ok, type Result } from '../../../shared/error.ts';
import type { RecoveryStatus } from '../../../shared/history.ts';
import type { Machine } from '../machine.ts';
import { createDurably, unlinkIfThere } from './durable.ts';
import { asDevmendError, guarded } from '../faults.ts';
import {
  describeSelf,
  inOneLine,
  isAbandoned,
  modifiedAt,
  ownName,
  readLock,
  standingOf,
  timeThere,
  working,
  type Owner,
} from './lock-owner.ts';
import { requireOwnStore } from './own-store.ts';

/** How often a holder shows that it lives: several times before it counts as gone. */
const BEAT_MS = 15_000;
/** A holder that has shown nothing for this long looks whether the lock is still its own. */
const LONG_SILENCE_MS = 30_000;

/** The right to write to the journal; give it back with `release`. */
export interface Lock {
  readonly release: () => Promise<void>;
}

/** An attempt to take the lock: a complete file under a name of its own, to be linked. */
interface Candidate {
  readonly state: string;
  readonly path: string;
  readonly text: string;
  readonly attempt: number;
  readonly now: () => Promise<number>;
}

interface Holding {
  readonly path: string;
  readonly text: string;
  readonly attempt: number;
  readonly timer: NodeJS.Timeout;
  /** When the lock was last touched, by this machine's clock. */
  beatAt: number;
  lost: boolean;
}

/** The locks that this engine holds, by their path. */
const holdings = new Map<string, Holding>();

/** Why a name cannot be had now. */
interface Blocker {
  readonly owner: Pick<Owner, 'program' | 'pid'>;
  /** Where the owner cannot be seen: how long it still counts as there. */
  readonly seconds: number | null;
}

/**
 * Takes the one lock that window and terminal share (`<state>/lock`). Answers
 * `locked` with the owner's name and pid while a living process holds it; a lock
 * whose owner is gone is taken over. With `seconds`: the owner cannot be seen from
 * here, and counts as gone after that time without a sign of life.
 */
export async function takeLock(machine: Machine): Promise<Result<Lock>> {
  const { state } = machine.directories;
  const path = join(state, 'lock');
  return guarded(path, async () => {
    await requireOwnStore(machine);
    await mkdir(state, { recursive: true, mode: 0o700 });
    const own = await describeSelf(machine);
    const candidatePath = ownName(state, own.namespace, own.attempt);
    await unlinkIfThere(candidatePath);
    // Before its first name is there: another attempt of this engine may look at it at once.
    working.add(own.attempt);
    let taken = false;
    try {
      const text = await writeCandidate(candidatePath, own);
      const now = async (): Promise<number> => (await modifiedAt(candidatePath)) ?? Date.now();
      const { attempt } = own;
      const candidate: Candidate = { state, path: candidatePath, text, attempt, now };
      const blocker = await claim(candidate, path);
      if (blocker !== null) return refused(blocker);
      taken = true;
      const lock = hold(candidate, path);
      // Litter that cannot be removed now is no reason to refuse, nor to keep the lock.
      await removeAbandoned(candidate).catch(() => undefined);
      return ok(lock);
    } finally {
      if (!taken) working.delete(own.attempt);
      await unlinkIfThere(candidatePath).catch(() => undefined);
    }
  });
}

function refused({ owner: { program, pid }, seconds }: Blocker): Result<never> {
  return fail('locked', { program, pid, ...(seconds !== null && { seconds }) });
}

/**
 * Deleting old entries has to work on a disk without a free block: there the owner is
 * written as the target of a symbolic link, which lies in the inode (ext4: up to 59 bytes).
 * Answers what the lock says then.
 */
async function writeCandidate(candidate: string, own: Owner): Promise<string> {
  const text = `${JSON.stringify(own)}\n`;
  try {
    await createDurably(candidate, Buffer.from(text));
    return text;
  } catch (error) {
    if (asDevmendError(error, candidate).data.code !== 'disk-full') throw error;
    await unlinkIfThere(candidate);
    await symlink(inOneLine(own), candidate);
    return inOneLine(own);
  }
}

const MOST_TRIES = 5;

/**
 * link() is atomic and refuses an existing name: the lock is never seen half-written.
 * Null when the name is the candidate's now; else who has it.
 */
async function claim(candidate: Candidate, path: string): Promise<Blocker | null> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    try {
      await link(candidate.path, path);
      return null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const text = await readLock(path);
    if (text === null) continue;
    const standing = await standingOf(path, text, candidate.now);
    if (!standing.left) return standing;
    const remover = await removeLeft(candidate, path, text);
    if (remover !== null) return remover;
  }
  return { owner: { program: 'devmend', pid: 0 }, seconds: null };
}

/**
 * Removes what an owner who is gone has left at `path`. Several may find it, and by the
 * time one of them acts the name may be somebody's again: so it is removed only by who has
 * linked a second name, made from what the lock says, and has looked once more. No two
 * locks say the same, so who comes late finds another lock and leaves it. A second name
 * whose owner is gone is removed in the same way. Answers who else is at it, if anybody.
 */
async function removeLeft(
  candidate: Candidate,
  path: string,
  text: string,
): Promise<Blocker | null> {
  const guard = join(candidate.state, guardName(path, text));
  const blocker = await claim(candidate, guard);
  if (blocker !== null) return blocker;
  try {
    const found = await readLock(path);
    if (found !== text || !(await standingOf(path, found, candidate.now)).left) return null;
    await unlinkIfThere(path);
    return null;
  } finally {
    await removeIfSays(guard, candidate.text);
  }
}

const GUARD = 'lock.taking-';

function guardName(path: string, text: string): string {
  const digest = createHash('sha256')
    .update(`${basename(path)}\n${text}`)
    .digest('hex');
  return `${GUARD}${digest.slice(0, 32)}`;
}

/**
 * What was done under a lock has been decided and told by then: a disk that has
 * broken since must not turn it into a failure. What stays is known as left.
 */
async function removeIfSays(path: string, text: string): Promise<void> {
  try {
    if ((await readLock(path)) === text) await unlinkIfThere(path);
  } catch {
    // Whoever needs the name finds that its owner is gone.
  }
}

/** What processes have left that were killed before they could tidy up. */
async function removeAbandoned(candidate: Candidate): Promise<void> {
  const { state, now } = candidate;
  for (const name of await readdir(state)) {
    const path = join(state, name);
    if (await isAbandoned(path, name, now)) await unlinkIfThere(path);
    if (!name.startsWith(GUARD)) continue;
    const text = await readLock(path);
    if (text !== null && (await standingOf(path, text, now)).left)
      await removeLeft(candidate, path, text);
  }
}

function hold({ text, attempt }: Candidate, path: string): Lock {
  const timer = setInterval(() => void beat(holding), BEAT_MS).unref();
  const holding: Holding = { path, text, attempt, timer, beatAt: Date.now(), lost: false };
  holdings.set(path, holding);
  return { release: async () => release(holding) };
}

/** Only what is still this holder's: after a standstill it may be somebody else's by now. */
async function release(holding: Holding): Promise<void> {
  clearInterval(holding.timer);
  if (holdings.get(holding.path) === holding) holdings.delete(holding.path);
  await removeIfSays(holding.path, holding.text);
  // Not before: another attempt of this engine would take it for left, and remove it too.
  working.delete(holding.attempt);
}

/** Touches the lock, for those who cannot see this process; or finds that it is gone. */
async function beat(holding: Holding): Promise<void> {
  const { path, text } = holding;
  try {
    const found = await readLock(path);
    if (holdings.get(path) !== holding) return;
    if (found === text) {
      const begun = Date.now();
      const seconds = (await timeThere(dirname(path))) / 1000;
      await lutimes(path, seconds, seconds);
      holding.beatAt = begun;
      return;
    }
    holding.lost = true;
    clearInterval(holding.timer);
  } catch {
    // A disk that cannot be read or written now says nothing about who holds the lock.
  }
}

/**
 * A check for what is done under the lock that this engine holds on `state` now. It throws
 * `lock-lost` about `journal` once that lock has been taken over: whoever has it may have put
 * everything back, and nothing may be written any more, not even to roll back. It asks the
 * disk only after a standstill, such as the sleep of the computer.
 */
export function stillHeld(state: string, journal: string): () => Promise<void> {
  const holding = holdings.get(join(state, 'lock'));
  return async () => {
    if (holding === undefined) return;
    // A clock that was set makes the lock look as old to others as a standstill.
    if (Math.abs(Date.now() - holding.beatAt) > LONG_SILENCE_MS) await beat(holding);
    if (holding.lost) throw new DevmendError('lock-lost', { path: journal });
  };
}

/**
 * Who holds the lock now, if anybody does. Writes nothing, but for a moment's empty file
 * where the owner cannot be seen from here: it tells the file system's own time.
 */
export async function lockOwner(machine: Machine): Promise<RecoveryStatus['lockedBy']> {
  const { state } = machine.directories;
  const path = join(state, 'lock');
  const text = await readLock(path);
  if (text === null) return null;
  const standing = await standingOf(path, text, async () => timeThere(state));
  if (standing.left) return null;
  const { owner, seconds } = standing;
  const { pid, program, since } = owner;
  return { pid, program, since, ...(seconds !== null && { seconds }) };
}
