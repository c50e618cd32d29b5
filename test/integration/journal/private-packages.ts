import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';

/** A dpkg with a database of its own, whose packages lie where they say. */
export interface PrivatePackages {
  /** What stands for /var/lib/dpkg. */
  readonly database: string;
  /** Really builds a package with this file in it and really installs it. */
  readonly install: (version: string, from: string, to: string) => void;
}

/** Makes an empty database below the directory. */
export function privatePackages(directory: string): PrivatePackages {
  const database = join(directory, 'dpkg');
  for (const name of ['info', 'updates', 'triggers'])
    mkdirSync(join(database, name), { recursive: true });
  for (const name of ['status', 'available', 'lock', 'lock-frontend'])
    writeFileSync(join(database, name), '');
  return {
    database,
    install: (version, from, to) => {
      const tree = join(directory, `package-${version}`);
      mkdirSync(join(tree, 'DEBIAN'), { recursive: true, mode: 0o755 });
      writeFileSync(
        join(tree, 'DEBIAN/control'),
        `Package: devmend-test-tool\nVersion: ${version}\nArchitecture: all\nMaintainer: Test <test@localhost>\nDescription: a tool\n`,
      );
      mkdirSync(dirname(join(tree, to)), { recursive: true, mode: 0o755 });
      cpSync(from, join(tree, to));
      const deb = `${tree}.deb`;
      execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree, deb]);
      execFileSync('dpkg', ['--admindir', database, '--log', '/dev/null', '--install', deb], {
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
        stdio: 'pipe',
      });
      rmSync(tree, { recursive: true });
    },
  };
}

const HOLD = `
import fcntl, sys
file = open(sys.argv[1], 'r+')
fcntl.lockf(file, fcntl.LOCK_SH if sys.argv[2] == 'shared' else fcntl.LOCK_EX)
print('held', flush=True)
sys.stdin.read()
`;

/** Holds an fcntl lock as package managers do, in a process of its own. */
export async function holdLock(
  path: string,
  how: 'shared' | 'exclusive' = 'exclusive',
): Promise<{ readonly pid: number; readonly release: () => Promise<void> }> {
  const child: ChildProcess = spawn('python3', ['-c', HOLD, path, how], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return {
    pid: child.pid ?? 0,
    release: async () => {
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
    },
  };
}
