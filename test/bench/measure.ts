import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a process took: wall-clock seconds, and the most memory it held, in bytes. */
export interface Cost {
  readonly seconds: number;
  readonly peakBytes: number;
}

/** The middle of several measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}

/**
 * Runs a program to its end and answers what it took; peak memory as GNU time tells it.
 * An exit code above 1 rejects.
 */
export async function costOf(file: string, args: readonly string[]): Promise<Cost> {
  const directory = await mkdtemp(join(tmpdir(), 'devmend-cost-'));
  try {
    const words = join(directory, 'kilobytes');
    const started = performance.now();
    await ended('/usr/bin/time', ['-q', '-f', '%M', '-o', words, file, ...args]);
    const seconds = (performance.now() - started) / 1000;
    return { seconds, peakBytes: Number(await readFile(words, 'utf8')) * 1024 };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function ended(file: string, args: readonly string[]): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(file, args, { stdio: 'ignore' });
    child.on('error', failed);
    child.on('close', (code) => {
      if (code === null || code > 1) failed(new Error(`${args.join(' ')} ended with ${code}`));
      else done();
    });
  });
}
