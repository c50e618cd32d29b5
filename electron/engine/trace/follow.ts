import * as fs from 'node:fs';
import type { JobContext } from '../job.ts';

/** A file that another program is writing lines to. */
export interface Following {
  /** Reads what is still there, and ends. */
  readonly stop: () => void;
  /** Aborted when the file grows beyond what can be read. */
  readonly overflow: AbortSignal;
  /** The first lines, as many as are kept. */
  readonly lines: () => readonly string[];
}

const EVERY_MS = 100;
const BLOCK = 1024 * 1024;
/** Some 2 million calls. */
const LARGEST = 256 * 1024 * 1024;
/** More lines than this nobody reads in a terminal; they are still evaluated. */
const MOST_SHOWN = 5_000;
const MOST_KEPT = 10_000;

/**
 * Takes lines from a file as they are written. Those that tell something go to
 * the job's terminal; the many calls that only map memory do not.
 */
export function follow(path: string, job: JobContext, onLine: (line: string) => void): Following {
  const controller = new AbortController();
  const state = { position: 0, pending: Buffer.alloc(0), shown: 0 };
  const kept: string[] = [];
  const take = (line: string): void => {
    onLine(line);
    if (kept.length < MOST_KEPT) kept.push(line);
    if (state.shown >= MOST_SHOWN || !isTelling(line)) return;
    state.shown += 1;
    job.emit({ type: 'output', stream: 'data', text: `${line}\r\n` });
  };
  const read = (): void => {
    for (const block of newBlocks(path, state)) {
      const bytes = Buffer.concat([state.pending, block]);
      const end = bytes.lastIndexOf(10);
      state.pending = bytes.subarray(end + 1);
      if (end >= 0) for (const line of bytes.toString('utf8', 0, end).split('\n')) take(line);
    }
    if (state.position > LARGEST) controller.abort();
  };
  const timer = setInterval(read, EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      read();
    },
    overflow: controller.signal,
    lines: () => kept,
  };
}

function isTelling(line: string): boolean {
  return !/^\d+\s+(?:mmap|exit_group|<\.\.\. mmap)\b/.test(line);
}

/**
 * Opens what the tracer or ld.so wrote. The program knows the directory, and may have
 * put something else there: a pipe would hold up Devmend for good. Throws for what is no file.
 */
export function openLog(path: string): number {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = fs.constants;
  const file = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fs.fstatSync(file).isFile()) return file;
  fs.closeSync(file);
  throw new TypeError(path);
}

function* newBlocks(path: string, state: { position: number }): Generator<Buffer> {
  let file: number;
  try {
    file = openLog(path);
  } catch {
    // Not made yet, or never: the tracer tells why on its own output.
    return;
  }
  try {
    for (;;) {
      const block = Buffer.alloc(BLOCK);
      const count = fs.readSync(file, block, 0, BLOCK, state.position);
      if (count === 0 || state.position > LARGEST) return;
      // Passed by the caller so that the next call goes on from here.
      Object.assign(state, { position: state.position + count });
      yield block.subarray(0, count);
    }
  } finally {
    fs.closeSync(file);
  }
}
