import * as fs from 'node:fs';
import { join } from 'node:path';
import { openLog } from './follow.ts';
import { readLoaderLog, type LoadedImage } from './loader-log.ts';

/** A log longer than this is of a program that opens plugins all the time. */
const LARGEST = 16 * 1024 * 1024;
/** Together they are read as far, in bytes: a build starts thousands of programs. */
const MOST_READ = 64 * 1024 * 1024;
const MOST_LOGS = 2_000;
/** What a launch may write before it is ended. */
const MOST_WRITTEN = 512 * 1024 * 1024;
const EVERY_MS = 500;

export interface LoaderLogs {
  /** By process. */
  readonly logs: ReadonlyMap<number, readonly LoadedImage[]>;
  /** There was more than was read. */
  readonly cut: boolean;
}

/** What ld.so has written below a directory (LD_DEBUG_OUTPUT), one file a process. */
export function loaderLogs(directory: string): LoaderLogs {
  const logs = new Map<number, readonly LoadedImage[]>();
  const names = namesIn(directory);
  let left = MOST_READ;
  let cut = names.length > MOST_LOGS;
  for (const name of names.slice(0, MOST_LOGS)) {
    const { text, read, size } = head(join(directory, name), Math.min(left, LARGEST));
    left -= read;
    cut ||= size > read;
    logs.set(Number(name.slice(3)), readLoaderLog(text));
  }
  return { logs, cut };
}

/** Processes are numbered upwards: what was started first is read first. */
function namesIn(directory: string): readonly string[] {
  return fs
    .readdirSync(directory)
    .filter((name) => /^ld\.\d+$/.test(name))
    .sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)));
}

interface Beginning {
  readonly text: string;
  /** Bytes of `text`, and of the whole. */
  readonly read: number;
  readonly size: number;
}

/** The beginning, with the length of the whole; empty for what is no file that can be read. */
function head(path: string, limit: number): Beginning {
  let file: number;
  try {
    file = openLog(path);
  } catch {
    // The program may have put anything there.
    return { text: '', read: 0, size: 0 };
  }
  try {
    const { size } = fs.fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, limit));
    const read = fs.readSync(file, bytes, 0, bytes.length, 0);
    return { text: bytes.toString('utf8', 0, read), read, size };
  } finally {
    fs.closeSync(file);
  }
}

/** Looks while the program runs how much ld.so writes; `overflow` is aborted when it is too much. */
export function watchLoaderLogs(directory: string): {
  readonly overflow: AbortSignal;
  readonly stop: () => void;
} {
  const controller = new AbortController();
  const timer = setInterval(() => {
    const sizes = namesIn(directory).map(
      (name) => fs.lstatSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0,
    );
    if (sizes.reduce((sum, size) => sum + size, 0) > MOST_WRITTEN) controller.abort();
  }, EVERY_MS);
  return { overflow: controller.signal, stop: () => clearInterval(timer) };
}
