import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** The ordinary user that Devmend runs as. */
export interface TestUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** A directory of the user's own outside the home; everything of the run lies in it. */
  readonly directory: string;
  readonly home: string;
  readonly close: () => void;
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
    close: () => {
      endProcessesOf(uid);
      execFileSync('userdel', [name], { stdio: 'pipe' });
      removal(directory)();
    },
  };
}

function removal(directory: string): () => void {
  return () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** What a failed test left running; the user exists for this run alone. */
function endProcessesOf(uid: number): void {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      if (statSync(`/proc/${entry}`).uid === uid) process.kill(Number(entry), 'SIGKILL');
    } catch {
      // It has ended in the meantime.
    }
  }
}
