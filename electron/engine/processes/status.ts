import { readdirSync } from 'node:fs';
import { readFileInRoot } from '../rootfs.ts';
import { attempt, processFiles, valueOf, type ProcessFiles } from './proc-files.ts';

/** What everybody may know of a process (proc_pid_stat(5), proc_pid_status(5)). */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** comm: at most 15 bytes, set by the program itself. */
  readonly name: string;
  /** One letter: `R`, `S`, `Z` (ended, not waited for) … */
  readonly state: string;
  readonly uid: number;
  /** Clock ticks since boot; with the pid it names one process for good. */
  readonly startTicks: number;
  /** Argument vector; empty for one that has ended or cleared it. */
  readonly args: readonly string[];
  readonly files: ProcessFiles;
}

const STAT_LIMIT = 4096;
const STATUS_LIMIT = 65536;
const ARGUMENTS_LIMIT = 4 * 1024 * 1024;
/** PF_KTHREAD of include/linux/sched.h. */
const KERNEL_THREAD = 0x00200000;

/** A process as it is now; null when it is gone, or is a thread of the kernel. */
export function readEntry(proc: string, pid: number): ProcessEntry | null {
  const files = processFiles(proc, pid);
  const stat = readStat(files);
  if (stat === null || stat.kernel) return null;
  const status = valueOf(files.bytes('status', STATUS_LIMIT));
  const uid = status === null ? null : userOf(status.toString('latin1'));
  if (uid === null) return null;
  const args = valueOf(files.bytes('cmdline', ARGUMENTS_LIMIT));
  const { parent, name, state, startTicks } = stat;
  return {
    pid,
    parent,
    name,
    state,
    uid,
    startTicks,
    args: args === null ? [] : commandWords(args),
    files,
  };
}

/** Whether the number still names the same process: numbers are used again. */
export function isStill(entry: ProcessEntry): boolean {
  return readStat(entry.files)?.startTicks === entry.startTicks;
}

/** Numbers of all processes, ascending. */
export function processNumbers(proc: string): readonly number[] {
  const names = valueOf(attempt(() => readdirSync(proc))) ?? [];
  return names
    .filter((name) => /^[1-9][0-9]*$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

type Stat = Pick<ProcessEntry, 'name' | 'state' | 'parent' | 'startTicks'> & {
  readonly kernel: boolean;
};

function readStat(files: ProcessFiles): Stat | null {
  const bytes = valueOf(files.bytes('stat', STAT_LIMIT));
  return bytes === null ? null : parseStat(bytes.toString('utf8'));
}

/**
 * A line of `stat`. The name stands in parentheses and may hold anything,
 * parentheses, spaces and line ends as well: the last `)` closes it.
 */
export function parseStat(text: string): Stat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const fields = text
    .slice(close + 2)
    .trim()
    .split(' ');
  const number = (index: number): number => Number(fields[index] ?? 'NaN');
  // Counted from field 3 (state): ppid is 4, flags is 9, starttime is 22.
  const [parent, flags, startTicks] = [number(1), number(6), number(19)];
  if (![parent, flags, startTicks].every(Number.isSafeInteger)) return null;
  return {
    name: text.slice(open + 1, close),
    state: fields[0] ?? '',
    parent,
    startTicks,
    kernel: (flags & KERNEL_THREAD) !== 0,
  };
}

/** The effective user; names in `status` have their line ends escaped by the kernel. */
function userOf(status: string): number | null {
  const uid = /^Uid:\t\d+\t(\d+)/m.exec(status)?.[1];
  return uid === undefined ? null : Number(uid);
}

/** NUL-terminated words; a program that rewrites its title leaves one line, or padding. */
export function splitArguments(bytes: Buffer): readonly string[] {
  const text = bytes.toString('utf8').replace(/\0+$/, '');
  return text === '' ? [] : text.split('\0');
}

/** Chromium and Electron write the whole command of a child into one word, over its variables too. */
const TITLE = /^(\/.*?|\S+) (--type=.*)$/s;

/** The words of a command, also of one that was written over. */
export function commandWords(bytes: Buffer): readonly string[] {
  const words = splitArguments(bytes);
  const [, program, options] = words.length === 1 ? (TITLE.exec(words[0] ?? '') ?? []) : [];
  return program === undefined || options === undefined
    ? words
    : [program, ...options.split(' ').filter((word) => word !== '')];
}

/** `NAME=value` words of `environ`; the first of a name counts, as for getenv(3). */
export function parseEnvironment(bytes: Buffer): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const word of splitArguments(bytes)) {
    const equals = word.indexOf('=');
    const name = word.slice(0, equals);
    if (equals > 0 && !variables.has(name)) variables.set(name, word.slice(equals + 1));
  }
  return variables;
}

/**
 * Whether a program wrote over its variables: Chromium's title, which may reach into their place,
 * and zeros behind it. Otherwise it starts with `NAME=`, and one zero ends it.
 */
export function isOverwritten(environ: Buffer): boolean {
  if (environ.length === 0) return false;
  const first = environ.toString('latin1', 0, 4096).split('\0')[0] ?? '';
  return !/^[^=\s]+=/.test(first) || environ.subarray(-2).every((byte) => byte === 0);
}

/** Linux counts `starttime` in hundredths of a second on every architecture (USER_HZ). */
const TICKS_PER_SECOND = 100;

/**
 * When each process started, in milliseconds since the epoch. Counted back from
 * now, because `btime` of /proc/stat is in whole seconds; null without /proc/uptime.
 */
export function startClock(proc: string, now: Date): (entry: ProcessEntry) => number | null {
  const text = readFileInRoot('/', `${proc}/uptime`, STAT_LIMIT);
  const uptime = text.ok ? Number.parseFloat(text.value.toString('latin1')) : Number.NaN;
  if (Number.isNaN(uptime)) return () => null;
  return ({ startTicks }) =>
    Math.round(now.getTime() - (uptime - startTicks / TICKS_PER_SECOND) * 1000);
}
