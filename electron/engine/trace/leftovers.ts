import { setTimeout as sleep } from 'node:timers/promises';
import { valueOf } from '../processes/proc-files.ts';
import { processNumbers, readEntry } from '../processes/status.ts';
import { readFileInRoot } from '../rootfs.ts';

/** How a process that the trace has brought about is known. */
export interface Marks {
  /** Only in the environment of what was started here: the private directory's name. */
  readonly directory: string;
  /** Numbers that strace saw. */
  readonly pids: ReadonlySet<number>;
  /** Start of the trace in clock ticks since boot; older processes are never touched. */
  readonly since: number;
}

const ENVIRONMENT_LIMIT = 4 * 1024 * 1024;
const ROUNDS = 40;
const PAUSE_MS = 25;

/**
 * Ends what the traced program left behind, also what put itself into a session
 * of its own. A process is known by its environment, or by a number that
 * strace saw and a start after the trace's; nothing else is ended.
 * Answers how many could not be ended.
 */
export async function endLeftovers(marks: Marks): Promise<number> {
  for (let round = 0; ; round += 1) {
    const left = leftovers(marks);
    if (left.length === 0 || round === ROUNDS) return left.length;
    for (const pid of left) end(pid);
    await sleep(PAUSE_MS);
  }
}

function leftovers(marks: Marks): readonly number[] {
  return processNumbers('/proc').filter((pid) => {
    if (pid === process.pid) return false;
    const entry = readEntry('/proc', pid);
    if (entry === null || entry.state === 'Z' || entry.state === 'X') return false;
    if (entry.startTicks < marks.since) return false;
    if (marks.pids.has(pid)) return true;
    const environment = valueOf(entry.files.bytes('environ', ENVIRONMENT_LIMIT));
    return environment?.includes(marks.directory) === true;
  });
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself, or changed its user; the next round tells.
  }
}

const TICKS_PER_SECOND = 100;

/** Clock ticks since boot, as of a process that starts now; 0 where the kernel does not tell. */
export function ticksNow(): number {
  const uptime = readFileInRoot('/', '/proc/uptime', 4096);
  const seconds = uptime.ok ? Number.parseFloat(uptime.value.toString('latin1')) : 0;
  return Math.floor(seconds * TICKS_PER_SECOND) || 0;
}
