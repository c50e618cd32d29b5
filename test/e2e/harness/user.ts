import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The ordinary user that Devmend runs as. */
export interface TestUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** A directory of the user's own outside the home; everything of the run lies in it. */
  readonly directory: string;
  readonly home: string;
  readonly close: () => Promise<void>;
}

/** The one who runs the tests, with a home of its own; when that is root, a user made for the run. */
export function openUser(): TestUser {
  const directory = mkdtempSync(join(tmpdir(), 'devmend-e2e-'));
  const home = join(directory, 'home');
  mkdirSync(home, { mode: 0o755 });
  const self = userInfo();
  if (self.uid !== 0) {
    return {
      name: self.username,
      uid: self.uid,
      gid: self.gid,
      directory,
      home,
      close: removal(directory),
    };
  }
  const name = `devmend-e2e-${process.pid}`;
  execFileSync('useradd', ['--no-create-home', '--home-dir', home, '--shell', '/bin/sh', name], {
    stdio: 'pipe',
  });
  const idOf = (option: string): number =>
    Number(execFileSync('id', [option, name], { encoding: 'utf8' }));
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  chmodSync(directory, 0o755);
  for (const path of [directory, home]) chownSync(path, uid, gid);
  return {
    name,
    uid,
    gid,
    directory,
    home,
    close: async () => {
      await endProcessesOf(uid);
      execFileSync('userdel', [name], { stdio: 'pipe' });
      await removal(directory)();
    },
  };
}

function removal(directory: string): () => Promise<void> {
  return () => rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Does work of this very process as the user, so that what it makes is the user's own and
 * it may do no more than the user. The real user id stays root's, who comes back after it.
 */
export async function actAs<T>({ uid, gid }: TestUser, work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/**
 * Kills everything that runs as a user made for the run, and waits until it is gone: at
 * the end of a test, because the user cannot go before; within one, as a power cut would.
 */
export async function endProcessesOf(uid: number): Promise<void> {
  for (;;) {
    const left = processesOf(uid);
    if (left.length === 0) return;
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended in the meantime.
      }
    }
    await sleep(20);
  }
}

/** Process ids of everything that runs as a user. */
export function processesOf(uid: number): readonly number[] {
  return readdirSync('/proc').flatMap((entry) => {
    try {
      return /^\d+$/.test(entry) && statSync(`/proc/${entry}`).uid === uid ? [Number(entry)] : [];
    } catch {
      // It has ended in the meantime.
      return [];
    }
  });
}
