import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Where this campaign's sources are; every command of the project runs at its root. */
const SOURCES = join(process.cwd(), 'test/crash');

/** What ES modules have and CommonJS has not, and the other way round. */
const IMPORT_META_URL = "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;";
const CREATES_REQUIRE =
  "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);";

/** How the program is started (see starter.ts). */
export const STARTER = 'starter.cjs';

/** Compiles the tracer and bundles the program that it interrupts. */
export async function makeTools(directory: string): Promise<void> {
  compileTracer(join(directory, 'cutter'));
  await bundleProgram(join(SOURCES, 'program.ts'), join(directory, 'program.cjs'));
  await bundleProgram(join(SOURCES, 'starter.ts'), join(directory, STARTER));
  execFileSync(process.execPath, [join(directory, STARTER)], { env: oneThread });
}

export function compileTracer(output: string): void {
  execFileSync('gcc', ['-O2', '-o', output, join(SOURCES, 'cutter.c')]);
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

export interface Cut {
  /** Directory with the tools of {@link makeTools}. */
  readonly tools: string;
  /** The lane's own directory, for the log and the answer. */
  readonly lane: string;
  readonly operation: string;
  readonly setting: string;
  /** What counts: calls below these. */
  readonly under: readonly string[];
  readonly at: number;
  readonly action: string;
  readonly dropDirectorySync: boolean;
  /** Called while what outlived the killed program is held. */
  readonly whileHeld: (orphan: string) => Promise<void>;
}

/** Runs an operation under the cutter, to its end or to its point. */
export async function cut(request: Cut): Promise<CutRun> {
  const { tools, lane, operation, setting } = request;
  const log = join(lane, 'log');
  const answer = join(lane, 'answer');
  rmSync(answer, { force: true });
  const args = [
    ...[log, String(request.at), request.action, request.under.join(',')],
    ...[request.dropDirectorySync ? '1' : '0', '--'],
    ...[process.execPath, join(tools, STARTER), operation, setting, answer],
  ];
  const code = await runCutter(join(tools, 'cutter'), args, request.whileHeld);
  const text = readFileSync(log, 'utf8');
  return {
    injected: text.includes('\ninjected\n') || text.startsWith('injected\n'),
    points: pointsOf(text),
    answer: existsSync(answer) ? readFileSync(answer, 'utf8') : null,
    code,
  };
}

async function runCutter(
  file: string,
  args: readonly string[],
  whileHeld: Cut['whileHeld'],
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
