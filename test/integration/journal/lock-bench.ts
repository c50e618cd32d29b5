import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundleProgram, compileTracer, oneThread } from '../../crash/cutter.ts';

/** A process whose answers are lines. */
export interface Talker {
  /** The next line; null when there is none any more. */
  readonly hear: () => Promise<string | null>;
  /** Says a line, and answers with the next one that is heard. */
  readonly ask: (line: string) => Promise<string | null>;
  /** Says nothing more, and waits for the end. */
  readonly leave: () => Promise<void>;
  readonly child: ChildProcessWithoutNullStreams;
}

export interface LockBench {
  readonly directory: string;
  /** A new directory, for one lock. */
  readonly state: () => string;
  /** A Devmend that takes locks (see lock-taker.ts), perhaps as the program of a command. */
  readonly taker: (state: string, commands?: readonly string[], by?: readonly string[]) => Talker;
  /** The same, under the tracer of test/crash with an action at a call. */
  readonly traced: (
    state: string,
    commands: readonly string[],
    action: string,
    at?: number,
  ) => Talker;
  /** Whether the tracer's action has come about. */
  readonly injected: () => boolean;
  readonly dispose: () => void;
}

/** Compiles what the tests of the lock run, and ends it with them. */
export async function lockBench(): Promise<LockBench> {
  const directory = mkdtempSync(join(tmpdir(), 'devmend-lock-'));
  const [cutter, program] = [join(directory, 'cutter'), join(directory, 'taker.mjs')];
  const log = join(directory, 'log');
  compileTracer(cutter);
  await bundleProgram(join(import.meta.dirname, 'lock-taker.ts'), program);
  const started = new Set<ChildProcessWithoutNullStreams>();
  let states = 0;
  const start = (command: readonly string[]): Talker => {
    const [file = '', ...args] = command;
    const child = spawn(file, args, { env: oneThread });
    started.add(child);
    child.once('close', () => started.delete(child));
    return talkerOf(child);
  };
  const taker: LockBench['taker'] = (state, commands = [], by = []) =>
    start([...by, process.execPath, program, state, ...commands]);
  return {
    directory,
    taker,
    state: () => {
      const state = join(directory, `state-${(states += 1)}`);
      mkdirSync(state, { mode: 0o700 });
      return state;
    },
    traced: (state, commands, action, at = 0) =>
      taker(state, commands, [cutter, log, String(at), action, state, '0', '--']),
    injected: () => /^injected$/m.test(readFileSync(log, 'utf8')),
    dispose: () => {
      for (const child of started) child.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function talkerOf(child: ChildProcessWithoutNullStreams): Talker {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close');
  child.stdin.on('error', () => undefined);
  child.stderr.pipe(process.stderr);
  const hear = async (): Promise<string | null> => {
    const next = await lines.next();
    return next.done === true ? null : next.value;
  };
  return {
    child,
    hear,
    ask: async (line) => {
      child.stdin.write(`${line}\n`);
      return hear();
    },
    leave: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
