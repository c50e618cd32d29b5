import { accessSync, constants, statSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import type { IPty } from 'node-pty';
import type { Command, CommandOutcome, CommandRunner } from '../engine/command.ts';
import type { FlowControl, Pausable } from './flow-control.ts';

/** The part of node-pty that is used. */
export type PtyModule = Pick<typeof import('node-pty'), 'spawn'>;

const OUTPUT_LIMIT = 1_000_000;
const GRACE_MS = 2_000;
const SIZE = { cols: 100, rows: 30 };
/** What node-pty's child prints, and all that it prints, when execvp(3) fails. */
const EXEC_FAILED = /^execvp\(3\) failed\.: (.*)\r?\n$/;

/**
 * A runner that gives each command a terminal of its own, held back by `flow`.
 * Rejects when the program cannot be started; a program past its time limit or
 * cancelled is ended with its process group (the terminal's session).
 */
export function createPtyRunner(pty: PtyModule, flow: Pick<FlowControl, 'attach'>): CommandRunner {
  return async (command, onOutput, signal) => {
    assertExecutable(command.file);
    const terminal = pty.spawn(command.file, [...command.args], {
      name: 'xterm-256color',
      ...SIZE,
      cwd: command.cwd ?? '/',
      env: { ...command.environment },
    });
    const detach = flow.attach(stopper(terminal.pid));
    const state = { output: '', timedOut: false, cancelled: false };
    terminal.onData((text) => {
      state.output = (state.output + text).slice(-OUTPUT_LIMIT);
      onOutput(text);
    });
    const limits = endOnDemand(terminal, command, signal, state);
    const { exitCode, signal: number } = await exitOf(terminal);
    limits.clear();
    detach();
    return outcome(exitCode, number, state, command.file);
  };
}

function exitOf(terminal: IPty): Promise<{ exitCode: number; signal?: number }> {
  return new Promise((resolve) => {
    terminal.onExit(resolve);
  });
}

function outcome(
  exitCode: number,
  signal: number | undefined,
  state: { readonly output: string; readonly timedOut: boolean; readonly cancelled: boolean },
  file: string,
): CommandOutcome {
  const failed = EXEC_FAILED.exec(state.output);
  if (failed && exitCode === 1) {
    // A missing interpreter shows only here: the file itself is there.
    throw Object.assign(new Error(`${file}: ${failed[1] ?? ''}`), { code: 'ENOENT', path: file });
  }
  return signal
    ? { exitCode: null, signal: signalName(signal), ...state }
    : { exitCode, signal: null, ...state };
}

function assertExecutable(file: string): void {
  accessSync(file, constants.X_OK);
  if (!statSync(file).isFile()) {
    throw Object.assign(new Error(`${file} is not a file`), { code: 'EACCES', path: file });
  }
}

/**
 * Holds the program itself back instead of leaving its output unread: node-pty
 * closes the terminal 200 ms after the program's end, and what had not been
 * read by then would be lost. A stopped program cannot end.
 */
function stopper(pid: number): Pausable {
  return {
    pause: () => signalGroup(pid, 'SIGSTOP'),
    resume: () => signalGroup(pid, 'SIGCONT'),
  };
}

function endOnDemand(
  terminal: IPty,
  command: Command,
  signal: AbortSignal,
  state: { timedOut: boolean; cancelled: boolean },
): { clear: () => void } {
  let grace: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(terminal.pid, 'SIGTERM');
    // A stopped program sees the signal only when it goes on.
    signalGroup(terminal.pid, 'SIGCONT');
    grace = setTimeout(() => signalGroup(terminal.pid, 'SIGKILL'), GRACE_MS);
  };
  const limit = setTimeout(() => {
    state.timedOut = true;
    end();
  }, command.timeoutMs);
  const cancel = (): void => {
    state.cancelled = true;
    end();
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  return {
    clear: () => {
      clearTimeout(limit);
      clearTimeout(grace);
      signal.removeEventListener('abort', cancel);
      if (state.timedOut || state.cancelled) signalGroup(terminal.pid, 'SIGKILL');
    },
  };
}

/** The program is the leader of its terminal's session, so its group has its number. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended by itself between the decision and the signal.
  }
}

function signalName(number: number): string {
  const entry = Object.entries(osConstants.signals).find(([, value]) => value === number);
  return entry?.[0] ?? String(number);
}
