import { spawn } from 'node:child_process';
import type { Command, CommandOutcome, CommandRunner } from './command.ts';

/** Longest output kept, in characters; the tail is what explains a failure. */
export const OUTPUT_LIMIT = 1_000_000;
/** How long a process group has to end after SIGTERM before it gets SIGKILL. */
const GRACE_MS = 2_000;
/** How long output may still arrive after the program itself has ended. */
const DRAIN_MS = 500;

/**
 * Runs a command with plain pipes in a process group of its own, so that a
 * program which starts children is ended with all of them.
 */
export const runWithPipes: CommandRunner = (command, onOutput, signal) =>
  new Promise<CommandOutcome>((resolve, reject) => {
    const child = spawn(command.file, [...command.args], {
      cwd: command.cwd ?? '/',
      env: { ...command.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const state = { output: '', timedOut: false, cancelled: false };
    const take = (chunk: Buffer): void => {
      const text = chunk.toString('utf8');
      state.output = (state.output + text).slice(-OUTPUT_LIMIT);
      onOutput(text);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);

    const timers = endOnDemand(child.pid, command, signal, state);
    child.once('error', (error) => {
      timers.clear();
      reject(error);
    });
    const finish = (exitCode: number | null, exitSignal: string | null): void => {
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ exitCode, signal: exitSignal, ...state });
    };
    // A child that left a daemon behind keeps the pipes open for good: after the
    // exit only as much time is given as the pipes need to be read empty.
    child.once('exit', (exitCode, exitSignal) => {
      timers.clear();
      const drained = setTimeout(() => finish(exitCode, exitSignal), DRAIN_MS);
      child.once('close', () => {
        clearTimeout(drained);
        finish(exitCode, exitSignal);
      });
    });
  });

/**
 * Ends a process group when its time is up or it is cancelled; `state` tells which.
 * `clear` once the program has ended: what it left behind goes with it.
 */
export function endOnDemand(
  pid: number | undefined,
  command: Command,
  signal: AbortSignal,
  state: { timedOut: boolean; cancelled: boolean },
): { clear: () => void } {
  let grace: NodeJS.Timeout | undefined;
  const end = (): void => {
    endGroup(pid, 'SIGTERM');
    grace = setTimeout(() => endGroup(pid, 'SIGKILL'), GRACE_MS);
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
      if (state.timedOut || state.cancelled) endGroup(pid, 'SIGKILL');
    },
  };
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended by itself between the decision and the signal.
  }
}
