import { isAbsolute, join } from 'node:path';
import { pathOfDescriptor, StraceReader, unquote, type Call } from './strace-line.ts';

export interface Execution {
  readonly path: string;
  readonly errno: string | null;
  readonly text: string;
}

/** What the kernel answered to opening a path: `opened`, or the name of an error. */
export interface Opening {
  readonly answer: string;
  readonly text: string;
}

/** What strace saw of one process, its threads included. */
export interface TracedProcess {
  readonly pid: number;
  /**
   * strace wrote lines of it. What `clone` returns inside a pid namespace is a number of
   * that namespace, and out here it is another process's.
   */
  watched: boolean;
  parent: number | null;
  program: string;
  readonly executions: Execution[];
  readonly openings: Map<string, Opening>;
  /** Files mapped as libraries are, in order, links followed. */
  readonly mapped: string[];
  /** The first call by which it asked for a terminal and had none; as strace wrote it. */
  withoutTerminal: string | null;
  exit: {
    readonly code: number | null;
    readonly signal: string | null;
    readonly text: string;
  } | null;
}

/** A log that tells of more processes, or of more files in one, is cut here. */
const MOST_PROCESSES = 5_000;
const MOST_OPENINGS = 50_000;

/** Folds strace's lines into processes; the first one is the program itself. */
export class StraceLog {
  readonly processes = new Map<number, TracedProcess>();
  private readonly reader = new StraceReader();
  /** Threads by number: what they do, their process does. */
  private readonly threads = new Map<number, number>();

  get first(): TracedProcess | null {
    const [first] = this.processes.values();
    return first ?? null;
  }

  add(text: string): void {
    const line = this.reader.line(text);
    if (line === null) return;
    const isThread = this.threads.has(line.pid);
    const process = this.processOf(line.pid);
    if (process === null) return;
    if (!isThread) process.watched = true;
    if (line.kind === 'call') this.call(process, line.call, line.text);
    else if (isThread) this.threads.delete(line.pid);
    else if (line.kind === 'exited') process.exit = { code: line.code, signal: null, text };
    else process.exit = { code: null, signal: line.signal, text };
  }

  private processOf(pid: number): TracedProcess | null {
    const owner = this.threads.get(pid) ?? pid;
    const known = this.processes.get(owner);
    if (known !== undefined) return known;
    if (this.processes.size >= MOST_PROCESSES) return null;
    const made: TracedProcess = {
      pid: owner,
      watched: false,
      parent: null,
      program: '',
      executions: [],
      openings: new Map(),
      mapped: [],
      withoutTerminal: null,
      exit: null,
    };
    this.processes.set(owner, made);
    return made;
  }

  private call(process: TracedProcess, call: Call, text: string): void {
    switch (call.name) {
      case 'execve':
      case 'execveat':
        execution(process, call, text);
        return;
      case 'open':
      case 'openat':
        opening(process, call, text);
        return;
      case 'ioctl':
        if (asksForTerminal(call)) process.withoutTerminal ??= withoutPid(text);
        return;
      case 'mmap':
        mapping(process, call);
        return;
      case 'clone':
      case 'clone3':
      case 'fork':
      case 'vfork':
        this.child(process, call);
        return;
      default:
    }
  }

  private child(process: TracedProcess, call: Call): void {
    const pid = Number.parseInt(call.result, 10);
    if (!(pid > 0)) return;
    if (call.args.join().includes('CLONE_THREAD')) {
      this.threads.set(pid, process.pid);
      this.takeIn(process, pid);
      return;
    }
    const made = this.processOf(pid);
    if (made === null || made === process) return;
    made.parent = process.pid;
    // A child is its parent until it starts a program of its own.
    if (made.program === '') made.program = process.program;
  }

  /** What a thread did before the call that made it came back was taken for a process's own. */
  private takeIn(process: TracedProcess, pid: number): void {
    const early = this.processes.get(pid);
    if (early === undefined || early === process || early.program !== '') return;
    this.processes.delete(pid);
    for (const [path, one] of early.openings)
      if (process.openings.size < MOST_OPENINGS) process.openings.set(path, one);
    process.mapped.push(...early.mapped.filter((path) => !process.mapped.includes(path)));
  }
}

function execution(process: TracedProcess, call: Call, text: string): void {
  const at = call.name === 'execveat' ? 1 : 0;
  const path = unquote(call.args[at]);
  if (path === null) return;
  const base = at === 1 ? pathOfDescriptor(call.args[0]) : null;
  const whole = isAbsolute(path) || base === null ? path : join(base, path);
  process.executions.push({ path: whole, errno: call.errno, text });
  if (call.errno === null) process.program = whole;
}

function opening(process: TracedProcess, call: Call, text: string): void {
  const at = call.name === 'openat' ? 1 : 0;
  const path = unquote(call.args[at]);
  if (path === null || process.openings.size >= MOST_OPENINGS) return;
  const base = at === 1 ? pathOfDescriptor(call.args[0]) : null;
  const whole = isAbsolute(path) || base === null ? path : join(base, path);
  process.openings.set(whole, { answer: call.errno ?? 'opened', text });
  // No such device: the session has no terminal.
  if (whole === '/dev/tty' && call.errno === 'ENXIO') process.withoutTerminal ??= withoutPid(text);
}

/** isatty(3) on an input or output: TCGETS in glibc and Go, TIOCGWINSZ in musl. */
function asksForTerminal({ args: [descriptor = '', request = ''], errno }: Call): boolean {
  const asked = /^[012](?:<|$)/.test(descriptor) && /\b(?:TCGETS2?|TIOCGWINSZ)\b/.test(request);
  return asked && errno === 'ENOTTY';
}

function withoutPid(text: string): string {
  return text.replace(/^\d+\s+/, '');
}

/** The loader maps with MAP_DENYWRITE (glibc), or first as executable (musl); data files are neither. */
function mapping(process: TracedProcess, call: Call): void {
  const path = pathOfDescriptor(call.args[4]);
  const [, , protection = '', flags = ''] = call.args;
  const isLibrary = flags.includes('MAP_DENYWRITE') || protection.includes('PROT_EXEC');
  if (path === null || call.errno !== null || !isLibrary) return;
  if (!process.mapped.includes(path)) process.mapped.push(path);
}
