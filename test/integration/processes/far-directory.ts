import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A directory on a file system that another program answers for (FUSE). */
export interface FarDirectory {
  readonly path: (name: string) => string;
  /** From now on whoever asks for anything there waits. */
  readonly silence: () => Promise<void>;
  /** Whoever waits gets an error; the mount is gone. */
  readonly remove: () => Promise<void>;
}

const server = join(import.meta.dirname, 'fuse-directory.py');

/** Serves the files of a flat directory, read-only, at another place. Only root can. */
export async function serveFar(source: string, point: string): Promise<FarDirectory> {
  mkdirSync(point);
  const child = spawn('python3', [server, source, point], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const failed = ended.then(() => Promise.reject(new Error(`${point} is not served`)));
  failed.catch(() => {});
  await Promise.race([once(child.stdout, 'data'), failed]);
  return {
    path: (name) => join(point, name),
    silence: async () => {
      const told = once(child.stdout, 'data');
      child.stdin.write('silence\n');
      await Promise.race([told, failed]);
    },
    remove: async () => {
      child.stdin.end();
      await ended;
      execFileSync('umount', ['--lazy', point]);
    },
  };
}
