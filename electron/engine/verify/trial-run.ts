import { stripVTControlCharacters } from 'node:util';
import { fail, ok, type Result } from '../../../shared/error.ts';
import type { CommandOutcome } from '../command.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';

export interface TrialRequest {
  /** The program itself, absolute. */
  readonly path: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** What a program that started did. */
export interface TrialAnswer {
  readonly firstLine: string;
  /** Everything it printed, both streams as they came. */
  readonly output: string;
  readonly exitCode: number;
}

/**
 * Starts a program once and answers with the first line it printed. It counts
 * as started whatever its exit status, unless a signal ended it or the status is
 * 126 or 127: 127 is what ld.so exits with when it refuses (glibc,
 * elf/dl-minimal.c and dl-error.c: `_exit (127)`).
 * Fails with trial-run-failed, trial-run-timed-out or cancelled. The program gets
 * a minimal environment: nothing of Devmend's, no LD_ variable, ever.
 */
export async function trialRun(
  request: TrialRequest,
  machine: Machine,
  job: JobContext,
): Promise<Result<TrialAnswer>> {
  job.emit({ type: 'output', stream: 'command', text: commandLine(request.path, request.args) });
  let outcome: CommandOutcome;
  try {
    outcome = await machine.run(
      {
        file: request.path,
        args: request.args,
        cwd: '/',
        environment: { ...minimalEnvironment(machine), ...request.environment },
        timeoutMs: request.timeoutMs,
      },
      (text) => job.emit({ type: 'output', stream: 'data', text }),
      job.signal,
    );
  } catch (error) {
    return fail('trial-run-failed', {
      path: request.path,
      answer: String((error as Error).message),
    });
  }
  return judge(request, outcome);
}

function judge(request: TrialRequest, outcome: CommandOutcome): Result<TrialAnswer> {
  const { path } = request;
  if (outcome.cancelled) return fail('cancelled');
  if (outcome.timedOut) {
    return fail('trial-run-timed-out', { path, seconds: Math.round(request.timeoutMs / 1000) });
  }
  const firstLine = firstPrintedLine(outcome.output);
  if (outcome.signal !== null) {
    return fail('trial-run-failed', { path, answer: firstLine || outcome.signal });
  }
  if (outcome.exitCode === 126 || outcome.exitCode === 127) {
    return fail('trial-run-failed', { path, answer: firstLine || `status ${outcome.exitCode}` });
  }
  return ok({ firstLine, output: outcome.output, exitCode: outcome.exitCode ?? 0 });
}

/** The first line with something on it, without terminal control sequences, at most 400 characters. */
function firstPrintedLine(output: string): string {
  const lines = stripVTControlCharacters(output).split(/\r?\n/);
  return (lines.find((line) => line.trim() !== '') ?? '').trim().slice(0, 400);
}

/** What a program needs to find its home and its words, and nothing that steers the loader. */
export function minimalEnvironment(machine: Machine): Record<string, string> {
  const { environment } = machine;
  const kept = ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_RUNTIME_DIR'];
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: machine.home,
    LANG: 'C.UTF-8',
    ...Object.fromEntries(
      kept.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
    ),
  };
}

/** A command as a person would type it: for reading, never handed to a shell. */
export function commandLine(file: string, args: readonly string[]): string {
  return [file, ...args].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
