import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, CommandOutcome, CommandRunner } from '../engine/command.ts';
import { endOnDemand, OUTPUT_LIMIT } from '../engine/pipes-runner.ts';
import type { FlowControl } from './flow-control.ts';
import type { PtyModule, Terminal } from './pty-module.ts';

const SIZE = { cols: 100, rows: 30 };
/** How often writing the end mark is tried again while the terminal is full. */
const RETRY_MS = 20;

/**
 * A runner that gives each command a terminal of its own, held back by `flow`.
 * Rejects when the program cannot be started; a program past its time limit or
 * cancelled is ended with its process group.
 *
 * node-pty opens the terminal, but the program is started here. Its own `spawn`
 * loses up to 64 KB of output: libuv takes a short read of a terminal whose
 * program has ended for the end of everything, and node-pty closes a paused
 * terminal 200 ms after the program's end. Here the terminal stays open until a
 * mark, written into it after the program's end, has come out again.
 */
export function createPtyRunner(pty: PtyModule, flow: Pick<FlowControl, 'attach'>): CommandRunner {
  return async (command, onOutput, signal) => {
    const terminal = pty.open(SIZE);
    const ours = openSync(terminal.ptsName, openFlags | constants.O_NONBLOCK);
    const detach = flow.attach({
      pause: () => terminal.master.pause(),
      resume: () => terminal.master.resume(),
    });
    try {
      const mark = `\x1b_${randomBytes(16).toString('hex')}\x1b\\`;
      const state = { output: '', timedOut: false, cancelled: false };
      const drained = read(terminal, mark, (text) => {
        state.output = (state.output + text).slice(-OUTPUT_LIMIT);
        onOutput(text);
      });
      const child = start(command, terminal);
      await once(child, 'spawn');
      const limits = endOnDemand(child.pid, command, signal, state);
      const [exitCode, exitSignal] = (await once(child, 'exit')) as [number | null, string | null];
      limits.clear();
      // What is left is at most what the terminal holds, and nobody may be taking it in any more.
      detach();
      terminal.master.resume();
      await writeMark(ours, mark);
      await drained;
      return { exitCode, signal: exitSignal, ...state } satisfies CommandOutcome;
    } finally {
      detach();
      terminal.master.destroy();
      closeSync(ours);
    }
  };
}

/** The terminal must not become the controlling one of Devmend itself. */
const openFlags = constants.O_RDWR | constants.O_NOCTTY;

function start(command: Command, terminal: Terminal): ChildProcess {
  const theirs = openSync(terminal.ptsName, openFlags);
  const nothing = openSync('/dev/null', constants.O_RDONLY);
  try {
    return spawn(command.file, [...command.args], {
      cwd: command.cwd ?? '/',
      env: { TERM: 'xterm-256color', ...command.environment },
      stdio: descriptors(theirs, terminal.fd, nothing),
      detached: true,
    });
  } finally {
    closeSync(nothing);
    closeSync(theirs);
    // node-pty reads the program's side as well, which would take its input away.
    terminal.slave.destroy();
  }
}

/** node-pty's side is not close-on-exec: in the program its number leads to nothing. */
function descriptors(theirs: number, ours: number, nothing: number): StdioOptions {
  const list: (number | 'ignore')[] = [theirs, theirs, theirs];
  while (list.length < ours) list.push('ignore');
  list.push(nothing);
  return list;
}

/** Passes output on until the mark; resolves there. */
function read(terminal: Terminal, mark: string, onText: (text: string) => void): Promise<void> {
  let held = '';
  return new Promise((resolve) => {
    terminal.master.on('data', (chunk: string) => {
      const text = held + chunk;
      const end = text.indexOf(mark);
      // The mark may come in pieces: its beginning is kept back until more is known.
      const certain = end >= 0 ? end : text.length - overlap(text, mark);
      held = text.slice(certain);
      if (certain > 0) onText(text.slice(0, certain));
      if (end >= 0) resolve();
    });
    // A terminal that breaks has nothing more to say.
    terminal.master.on('error', () => resolve());
    terminal.master.on('close', () => resolve());
  });
}

/** Length of the longest end of `text` that is a beginning of `mark`. */
function overlap(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length -= 1) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}

/** Never blocks: the terminal may be full of output that nobody takes in at the moment. */
async function writeMark(terminal: number, mark: string): Promise<void> {
  let rest = Buffer.from(mark);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(terminal, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      await sleep(RETRY_MS);
    }
  }
}
