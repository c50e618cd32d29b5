import { constants, readdirSync, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, valueOf, type ProcessFiles } from '../processes/proc-files.ts';
import { processNumbers, readEntry } from '../processes/status.ts';
import { readFileInRoot } from '../rootfs.ts';

/** How a process that the trace has brought about is known. */
export interface Marks {
  /**
   * The private directory's name: in the environment of what was started here, and
   * in the name of the log that ld.so opens for it, which what it starts inherits.
   */
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
 * of its own. A process is known by its environment, by ld.so's log that it
 * still holds, or by a number that strace saw, and by a start after the
 * trace's; nothing else is ended.
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
  // The kernel names open files without links, and TMPDIR may be one.
  const directory = valueOf(attempt(() => realpathSync(marks.directory))) ?? marks.directory;
  return processNumbers('/proc').filter((pid) => {
    if (pid === process.pid) return false;
    const entry = readEntry('/proc', pid);
    if (entry === null || entry.state === 'Z' || entry.state === 'X') return false;
    if (entry.startTicks < marks.since) return false;
    if (marks.pids.has(pid)) return true;
    const environment = valueOf(entry.files.bytes('environ', ENVIRONMENT_LIMIT));
    if (environment?.includes(marks.directory) === true) return true;
    return holdsLog(entry.files, `${directory}/ld.`);
  });
}

const FDINFO_LIMIT = 4096;

/** Whether it may write to a log of ld.so; whoever merely reads one was not started here. */
function holdsLog(files: ProcessFiles, prefix: string): boolean {
  const numbers = valueOf(attempt(() => readdirSync(`${files.directory}/fd`))) ?? [];
  return numbers.some((number) => {
    if (valueOf(files.link(`fd/${number}`))?.startsWith(prefix) !== true) return false;
    const info = valueOf(files.bytes(`fdinfo/${number}`, FDINFO_LIMIT))?.toString('latin1') ?? '';
    const flags = Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? '0', 8);
    return (flags & constants.O_WRONLY) !== 0;
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
