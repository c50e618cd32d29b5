import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { LoaderSession } from '../../electron/engine/elf/loader.ts';
import { readElf } from '../../electron/engine/elf/read.ts';
import type { BenchRow } from './row.ts';

const LIBRARIES = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
const LOADER =
  process.arch === 'arm64' ? '/lib/ld-linux-aarch64.so.1' : '/lib64/ld-linux-x86-64.so.2';
const RUNS = 15;

/** The ELF reader against scanelf, the loader simulation against libtree and ldd. */
export async function elfBenches(): Promise<BenchRow[]> {
  const programs = dynamicPrograms('/usr/bin');
  return [...(await readEverything()), ...simulateEverything(programs), ...readingGrows()];
}

/**
 * Two threads read every fact of every ELF file; the answer is what scanelf
 * prints, so that both carry their result out.
 */
async function readEverything(): Promise<BenchRow[]> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'devmend-bench-'));
  const outfile = path.join(directory, 'worker.mjs');
  await build({
    stdin: { contents: WORKER, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  });
  const workers = [new Worker(outfile), new Worker(outfile)];
  try {
    const ours: number[] = [];
    const reference: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const begun = performance.now();
      // The second directory is listed while the workers read the first.
      await Promise.all(
        ['/usr/bin', LIBRARIES].flatMap((one) => {
          const files = [...filesBelow(one)];
          return workers.map((worker, index) => ask(worker, share(files, index)));
        }),
      );
      ours.push(performance.now() - begun);
      reference.push(timed('scanelf', ['-qR', '-F%n %F', '/usr/bin', LIBRARIES]));
    }
    const name = 'read all ELF facts of /usr/bin and the library directory, two threads';
    const elfFiles = ['/usr/bin', LIBRARIES].flatMap((one) => [...filesBelow(one)]).filter(isElf);
    // The one that prints as much: dynamic section and versions, all files in one process.
    const readelf = timed('readelf', ['-W', '-d', '-V', ...elfFiles]);
    return [
      row(name, best(ours), best(reference), 'scanelf -qR -F"%n %F"', 1),
      row(name, best(ours), readelf, 'readelf -W -d -V, one process', 1),
    ];
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
    fs.rmSync(directory, { recursive: true });
  }
}

const WORKER = `
import { parentPort } from 'node:worker_threads';
import { readElf } from './electron/engine/elf/read.ts';
parentPort.on('message', ({ id, files }: { id: number; files: string[] }) => {
  const lines: string[] = [];
  for (const file of files) {
    const elf = readElf(file);
    if (elf.ok && elf.value.dynamic !== null) {
      lines.push(elf.value.needed.join(',') + ' ' + file);
    }
  }
  parentPort.postMessage({ id, lines: lines.join('\\n') });
});
`;

function simulateEverything(programs: readonly string[]): BenchRow[] {
  const ours: number[] = [];
  const libtree: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const begun = performance.now();
    const session = new LoaderSession('/');
    for (const program of programs) {
      session.simulate(program, { symbols: false });
    }
    ours.push(performance.now() - begun);
    libtree.push(timed('libtree', programs));
  }
  const each = (file: string, args: readonly string[]): number => {
    const begun = performance.now();
    for (const program of programs) {
      spawnSync(file, [...args, program], { stdio: ['ignore', 'pipe', 'pipe'] });
    }
    return performance.now() - begun;
  };
  const name = 'simulate the loader with symbol versions for every program in /usr/bin';
  return [
    row(name, best(ours), best(libtree), 'libtree, one process', 2),
    row(name, best(ours), each('ldd', []), 'ldd, one process each', 1 / 20),
    row(name, best(ours), each(LOADER, ['--list']), 'ld.so --list, one process each', 1 / 5),
  ];
}

/** 1×, 4× and 16× as many files, each a file of its own, read by one thread. */
function readingGrows(): BenchRow[] {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'devmend-bench-'));
  try {
    const originals = [...filesBelow('/usr/bin')].filter(isElf).slice(0, 128);
    const files = Array.from({ length: originals.length * 16 }, (_, index) => {
      const file = path.join(directory, String(index));
      fs.copyFileSync(originals[index % originals.length] ?? '', file);
      return file;
    });
    const taken = new Map([1, 4, 16].map((times) => [times, [] as number[]]));
    for (let run = 0; run < RUNS; run += 1) {
      for (const [times, rounds] of taken) {
        const begun = performance.now();
        for (const file of files.slice(0, originals.length * times)) readElf(file);
        rounds.push(performance.now() - begun);
      }
    }
    const once = best(taken.get(1) ?? []);
    return [4, 16].map((times) =>
      row(
        `read the ELF facts of ${originals.length * times} files`,
        best(taken.get(times) ?? []),
        once * times,
        `${times} × ${originals.length} files`,
        1.25,
      ),
    );
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

function isElf(file: string): boolean {
  return readElf(file).ok;
}

function dynamicPrograms(directory: string): string[] {
  return [...filesBelow(directory)].filter((file) => {
    const elf = readElf(file);
    return elf.ok && elf.value.interpreter !== null && elf.value.libc === 'glibc';
  });
}

function* filesBelow(directory: string): Generator<string> {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const file = `${directory}/${entry.name}`;
    if (entry.isDirectory()) {
      yield* filesBelow(file);
    } else if (entry.isFile()) {
      yield file;
    }
  }
}

function share(files: readonly string[], index: number): string[] {
  return files.filter((_, place) => place % 2 === index);
}

let questions = 0;

async function ask(worker: Worker, files: readonly string[]): Promise<string> {
  const id = (questions += 1);
  return new Promise((resolve) => {
    const answer = (message: { id: number; lines: string }): void => {
      if (message.id === id) {
        worker.off('message', answer);
        resolve(message.lines);
      }
    };
    worker.on('message', answer);
    worker.postMessage({ id, files });
  });
}

/** Milliseconds a command takes, its output read. */
function timed(command: string, args: readonly string[]): number {
  const begun = performance.now();
  const done = spawnSync(command, args, { maxBuffer: 1 << 28 });
  if (done.error !== undefined) {
    throw done.error;
  }
  return performance.now() - begun;
}

/** The least disturbed run: other work on the machine only ever adds time. */
function best(values: readonly number[]): number {
  return Math.min(...values);
}

function row(
  name: string,
  ours: number,
  reference: number,
  referenceName: string,
  budget: number,
): BenchRow {
  return {
    name,
    ours: ours / 1000,
    reference: reference / 1000,
    referenceName,
    budget,
    ratio: ours / reference,
  };
}
