import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { hostMachine } from '../../../electron/engine/host.ts';
import {
  inspectProcesses,
  type ProcessOptions,
} from '../../../electron/engine/processes/inspect.ts';
import { translate } from '../../../shared/messages/translate.ts';
import {
  processReportSchema,
  type ProcessFacts,
  type ProcessReport,
} from '../../../shared/process.ts';

/** Says a line once it runs, and stays until it is ended. */
export const SLEEPER = `#include <stdio.h>
#include <unistd.h>
int give(void);
int main(void) { printf("%d\\n", getpid()); fflush(stdout); for (;;) pause(); }`;

export interface Bench {
  readonly path: (name: string) => string;
  /** Starts a program and waits for its first line; answers its number as it names it itself. */
  readonly start: (
    file: string,
    args?: readonly string[],
    options?: StartOptions,
  ) => Promise<number>;
}

interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A directory and running programs, all of which end with the test file. */
export function bench(): Bench {
  let directory = '';
  const running: ChildProcess[] = [];
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'devmend-processes-test-'));
    chmodSync(directory, 0o755);
  });
  afterAll(async () => {
    for (const child of running) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      for (const pid of descendants(child.pid ?? 0)) process.kill(pid, 'SIGKILL');
      await ended;
    }
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    path: (name) => join(directory, name),
    start: async (file, args = [], options = {}) => {
      const child = spawn(file, args, {
        cwd: options.cwd ?? directory,
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...options.environment },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      running.push(child);
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      // In another pid namespace it calls itself by another number: ours follows from its parent.
      return Number.parseInt(line.toString(), 10) === child.pid
        ? child.pid
        : innermost(child.pid ?? 0);
    },
  };
}

/** A process and all that it has started, the youngest first. */
function descendants(pid: number): readonly number[] {
  return [...childrenOf(pid).flatMap(descendants), pid];
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** The last of a chain of only children: what a wrapper has started. */
function innermost(pid: number): number {
  const [child] = childrenOf(pid);
  return child === undefined ? pid : innermost(child);
}

/** Compiles C to a file. */
export function compile(code: string, output: string, ...options: readonly string[]): void {
  writeFileSync(`${output}.c`, code);
  execFileSync('gcc', ['-o', output, `${output}.c`, ...options], { stdio: 'pipe' });
  rmSync(`${output}.c`);
}

/** A root with a program and just the libraries that it needs. */
export function smallRoot(here: Bench, name: string): string {
  const root = here.path(name);
  mkdirSync(join(root, 'bin'), { recursive: true });
  mkdirSync(join(root, 'proc'));
  const program = join(root, 'bin/sleeper');
  compile(SLEEPER, program);
  const { objects, interpreter } = new LoaderSession('/').simulate(program);
  for (const path of [interpreter ?? '', ...objects.map((one) => one.path)]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
  return root;
}

/** The report about all that runs; its texts are all in the catalogs. */
export async function inspected(options: ProcessOptions = {}): Promise<ProcessReport> {
  const job = { emit: () => {}, signal: new AbortController().signal };
  const answer = await inspectProcesses(hostMachine(), job, { all: true, ...options });
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  const report = processReportSchema.parse(answer.value);
  for (const text of report.processes.flatMap(({ problems }) => problems)) {
    expect(translate('en', text)).not.toContain(text.key);
  }
  return report;
}

/** What the report says of one process. */
export async function factsOf(pid: number, options: ProcessOptions = {}): Promise<ProcessFacts> {
  const { processes } = await inspected(options);
  const found = processes.find((one) => one.pid === pid);
  expect(found, `process ${pid}`).toBeDefined();
  return found!;
}

/** The surroundings of the tests themselves: they may well run in a container. */
export async function ownContext(): Promise<ProcessFacts['context']> {
  return (await factsOf(process.pid)).context;
}
