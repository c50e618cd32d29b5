import * as fs from 'node:fs';
import { readFileInRoot } from '../rootfs.ts';

/** What reading something of a process came to. It may end at any moment, and be another user's. */
export type Read<T> =
  | { readonly state: 'read'; readonly value: T }
  | { readonly state: 'not-permitted' }
  | { readonly state: 'gone' }
  | { readonly state: 'failed'; readonly detail: string };

/** The files of one process below `/proc`. Nothing is kept open; nothing throws. */
export interface ProcessFiles {
  readonly directory: string;
  /** The bytes of a file, `failed` above `limit`. */
  readonly bytes: (name: string, limit: number) => Read<Buffer>;
  readonly link: (name: string) => Read<string>;
  /** What a file or a link of the kernel (`root`, `exe`, `map_files/…`) leads to. */
  readonly stat: (name: string) => Read<fs.BigIntStats>;
}

/** The files of a process; `proc` is where procfs is mounted. */
export function processFiles(proc: string, pid: number): ProcessFiles {
  const directory = `${proc}/${pid}`;
  return {
    directory,
    bytes: (name, limit) => {
      const answer = readFileInRoot('/', `${directory}/${name}`, limit);
      if (answer.ok) return { state: 'read', value: answer.value };
      const { code, detail } = answer.error;
      if (code === 'not-permitted') return { state: 'not-permitted' };
      if (code === 'not-found' || code === 'dangling-link' || detail === 'ESRCH')
        return { state: 'gone' };
      return { state: 'failed', detail: code === 'io' ? detail : code };
    },
    link: (name) => attempt(() => fs.readlinkSync(`${directory}/${name}`)),
    stat: (name) => attempt(() => fs.statSync(`${directory}/${name}`, { bigint: true })),
  };
}

/** A system call as a value: who may not, and what is no longer there, are answers. */
export function attempt<T>(call: () => T): Read<T> {
  try {
    return { state: 'read', value: call() };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === 'EACCES' || code === 'EPERM') return { state: 'not-permitted' };
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'ENOTDIR') return { state: 'gone' };
    return { state: 'failed', detail: code };
  }
}

/** The value, or null for every reason why there is none. */
export function valueOf<T>(read: Read<T>): T | null {
  return read.state === 'read' ? read.value : null;
}
