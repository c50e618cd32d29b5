import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { build } from 'esbuild';

/** Where this campaign's sources are; every command of the project runs at its root. */
const SOURCES = join(process.cwd(), 'test/crash');

/** What ES modules have and CommonJS has not, and the other way round. */
const IMPORT_META_URL = "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;";
const CREATES_REQUIRE =
  "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);";

/** How the program is started (see starter.ts). */
export const STARTER = 'starter.cjs';

/** Among the tools: what the judge reads attributes with. */
export const READER = 'attributes';

/** Compiles the tracer and bundles the program that it interrupts. */
export async function makeTools(directory: string): Promise<void> {
  compileTracer(join(directory, 'cutter'));
  compileReader(join(directory, READER));
  await bundleProgram(join(SOURCES, 'program.ts'), join(directory, 'program.cjs'));
  await bundleProgram(join(SOURCES, 'starter.ts'), join(directory, STARTER));
  execFileSync(process.execPath, [join(directory, STARTER)], { env: oneThread });
}

export function compileTracer(output: string): void {
  execFileSync('gcc', ['-O2', '-o', output, join(SOURCES, 'cutter.c')]);
}

/** Compiles what the judge reads attributes with (see attributes.ts). */
export function compileReader(output: string): void {
  execFileSync('gcc', ['-O2', '-o', output, join(SOURCES, 'attributes.c')]);
}

/** Makes one file of a program of the tests, for a process of its own: .mjs or .cjs. */
export async function bundleProgram(source: string, output: string): Promise<void> {
  const commonjs = output.endsWith('.cjs');
  await build({
    entryPoints: [source],
    outfile: output,
    bundle: true,
    minify: true,
    platform: 'node',
    format: commonjs ? 'cjs' : 'esm',
    // jsonc-parser's UMD build hides its requires from bundlers.
    mainFields: ['module', 'main'],
    logLevel: 'error',
    ...(commonjs ? { define: { 'import.meta.url': 'importMetaUrl' } } : {}),
    banner: { js: commonjs ? IMPORT_META_URL : CREATES_REQUIRE },
  });
}

/** One thread for all file system work: the n-th call is the same call each time. */
export const oneThread = {
  PATH: '/usr/bin:/bin',
  UV_THREADPOOL_SIZE: '1',
  UV_USE_IO_URING: '0',
} as const;

/** A system call that changes something, from a clean trace. */
export interface Point {
  /** 1 for the first of the operation, over all its processes; 0: after its end. */
  readonly number: number;
  readonly call: string;
  /** The program, the call and its path, for people. */
  readonly line: string;
}

export interface CutRun {
  readonly injected: boolean;
  readonly points: readonly Point[];
  /** What the operation answered; null when it did not live to. */
  readonly answer: string | null;
  readonly code: number | null;
}

/** Where an operation is interrupted, and how (see cutter.c). */
export interface Cut {
  readonly operation: string;
  readonly setting: string;
  readonly at: number;
  readonly action: string;
}

/** What is the same for one operation after the other. */
export interface Surroundings {
  /** Directory with the tools of {@link makeTools}. */
  readonly tools: string;
  /** The lane's own directory, for the log and the answer. */
  readonly lane: string;
  /** What counts: calls below these. */
  readonly under: readonly string[];
  readonly dropDirectorySync: boolean;
}

function files({ lane }: Surroundings): { readonly log: string; readonly answer: string } {
  return { log: join(lane, 'log'), answer: join(lane, 'answer') };
}

function argumentsFor(
  surroundings: Surroundings,
  at: number,
  action: string,
  program: readonly string[],
): readonly string[] {
  const { tools, under, dropDirectorySync } = surroundings;
  return [
    ...[files(surroundings).log, String(at), action, under.join(',')],
    ...[dropDirectorySync ? '1' : '0', '--', process.execPath, join(tools, STARTER), ...program],
  ];
}

function outcome(surroundings: Surroundings, code: number | null): CutRun {
  const { log, answer } = files(surroundings);
  const text = readFileSync(log, 'utf8');
  return {
    injected: text.includes('\ninjected\n') || text.startsWith('injected\n'),
    points: pointsOf(text),
    answer: existsSync(answer) ? readFileSync(answer, 'utf8') : null,
    code,
  };
}

/**
 * Runs an operation under the cutter, to its end or to its point, in a process of its own.
 * `whileHeld` is called while what outlived the killed program is held.
 */
export async function cut(
  surroundings: Surroundings,
  { operation, setting, at, action }: Cut,
  whileHeld: (orphan: string) => Promise<void>,
): Promise<CutRun> {
  const { answer } = files(surroundings);
  rmSync(answer, { force: true });
  const args = argumentsFor(surroundings, at, action, [operation, setting, answer]);
  const code = await runCutter(join(surroundings.tools, 'cutter'), args, whileHeld);
  return outcome(surroundings, code);
}

/**
 * A program that stays under the cutter for one operation after the other, as Devmend's window
 * does; for faults that it survives.
 */
export class SteadyProgram {
  readonly surroundings: Surroundings;
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: AsyncIterator<string>;
  private readonly closed: Promise<number | null>;
  private readonly next: string;
  /** True once it waits for an operation; false when it has ended instead. */
  private atGate: Promise<boolean>;

  constructor(surroundings: Surroundings) {
    const { lane, tools } = surroundings;
    this.surroundings = surroundings;
    this.next = join(lane, 'next');
    const gate = join(lane, 'gate');
    const args = argumentsFor(surroundings, 0, `steady:${gate}`, ['steady', gate, this.next]);
    this.child = spawn(join(tools, 'cutter'), args, {
      env: oneThread,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.child.stdin.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.child.once('close', resolve));
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.atGate = this.arrives();
  }

  /** Runs an operation to its end. A program that does not live to its end has no answer. */
  async run({ operation, setting, at, action }: Cut): Promise<CutRun> {
    const { answer } = files(this.surroundings);
    rmSync(answer, { force: true });
    if (!(await this.atGate)) throw new Error('The program under the cutter is gone.');
    writeFileSync(this.next, JSON.stringify([operation, setting, answer]));
    this.child.stdin.write(`${at} ${action}\n`);
    this.atGate = this.arrives();
    const code = (await this.atGate) ? 0 : await this.closed;
    return outcome(this.surroundings, code);
  }

  /** Whether it is there for another operation. */
  async lives(): Promise<boolean> {
    return this.atGate;
  }

  async end(): Promise<void> {
    this.child.stdin.end();
    await this.closed;
  }

  private async arrives(): Promise<boolean> {
    return (await this.lines.next()).done !== true;
  }
}

async function runCutter(
  file: string,
  args: readonly string[],
  whileHeld: (orphan: string) => Promise<void>,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], {
      env: oneThread,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let held: Promise<void> = Promise.resolve();
    child.stdout.on('data', (data: Buffer) => {
      const orphan = /^orphan (.*)$/m.exec(data.toString('utf8'))?.[1];
      if (orphan === undefined) return;
      held = whileHeld(orphan).finally(() => child.stdin.end('\n'));
    });
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('close', (code) => {
      held.then(() => resolve(code), reject);
    });
  });
}

function pointsOf(log: string): readonly Point[] {
  return log.split('\n').flatMap((line) => {
    const [, number, name, call, path] = /^(\d+) \d+ (.+) (\w+) (\/.*)$/.exec(line) ?? [];
    if (number === undefined || call === undefined) return [];
    return [{ number: Number(number), call, line: `${name}: ${call} ${path}` }];
  });
}
