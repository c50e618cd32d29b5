import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A file that nobody else can open until it is let go of. */
export interface HeldFile {
  /** Whether another program waits to open the file by now. */
  readonly isAskedFor: () => boolean;
  /** Lets the waiting program go on; answers whether the file was held until then. */
  readonly release: () => Promise<boolean>;
}

/**
 * Takes a write lease (fcntl(2), F_SETLEASE): the kernel stops whoever opens the file and
 * tells the holder by SIGIO; after /proc/sys/fs/lease-break-time seconds (45) it takes
 * the lease away, which F_GETLEASE then tells as F_UNLCK.
 */
const holder = `
import fcntl, os, signal, sys
signal.signal(signal.SIGIO, lambda *_: print('asked', flush=True))
file = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print('held', flush=True)
sys.stdin.readline()
print('lost' if fcntl.fcntl(file, fcntl.F_GETLEASE) == fcntl.F_UNLCK else 'kept', flush=True)
`;

/** Holds a regular file that nobody has open; whoever runs the test owns it, or is root. */
export async function holdFile(path: string): Promise<HeldFile> {
  const child = spawn('python3', ['-c', holder, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = new Set<string>();
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => said.add(line));
  await Promise.race([
    once(lines, 'line'),
    ended.then(() => Promise.reject(new Error(`${path} cannot be held`))),
  ]);
  return {
    isAskedFor: () => said.has('asked'),
    release: async () => {
      const closed = once(lines, 'close');
      child.stdin.end('\n');
      await Promise.all([ended, closed]);
      return said.has('kept');
    },
  };
}
