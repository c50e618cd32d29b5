import { spawn } from 'node:child_process';

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
export function costOf(file: string, args: readonly string[]): Promise<Cost> {
  return new Promise((done, failed) => {
    const started = performance.now();
    const child = spawn('/usr/bin/time', ['-f', '%M', '-o', '/dev/fd/3', file, ...args], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stdio[3]?.on('data', (data: Buffer) => (words += data.toString()));
    child.on('error', failed);
    child.on('close', (code) => {
      const seconds = (performance.now() - started) / 1000;
      // GNU time says “Command exited with non-zero status 1” on a line of its own first.
      const kilobytes = Number(words.trim().split('\n').at(-1));
      if (code === null || code > 1) failed(new Error(`${file} ended with ${code}`));
      else done({ seconds, peakBytes: kilobytes * 1024 });
    });
  });
}
