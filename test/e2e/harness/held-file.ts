import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A file that nobody else can open until it is let go of. */
export interface HeldFile {
  /** Whether another program waits to open the file by now. */
  readonly isAskedFor: () => boolean;
  /** Lets whoever waits go on. */
  readonly release: () => Promise<void>;
}

/**
 * Asks the kernel to be asked before anybody opens the file (fanotify(7), FAN_OPEN_PERM) and
 * gives no answer: unlike a lease this holds an opening with O_NONBLOCK too. When the
 * program ends, however it ends, the kernel lets everybody through.
 */
const holder = `
import ctypes, os, sys, threading
FAN_CLASS_CONTENT, FAN_CLOEXEC, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD = 4, 1, 1, 0x10000, -100
libc = ctypes.CDLL(None, use_errno=True)
def checked(answer):
    if answer < 0: sys.exit(os.strerror(ctypes.get_errno()))
    return answer
group = checked(libc.fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, os.O_RDONLY | os.O_CLOEXEC))
mask = ctypes.c_uint64(FAN_OPEN_PERM)
checked(libc.fanotify_mark(group, FAN_MARK_ADD, mask, AT_FDCWD, os.fsencode(sys.argv[1])))
print('held', flush=True)
def listen():
    os.read(group, 4096)
    print('asked', flush=True)
threading.Thread(target=listen, daemon=True).start()
sys.stdin.readline()
`;

/** Holds a regular file. Only root can. */
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
      child.stdin.end('\n');
      await ended;
    },
  };
}
