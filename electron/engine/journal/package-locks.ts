import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent } from '../faults.ts';

export type PackageManager = 'dpkg' | 'rpm';

/** A package manager that is changing files right now. */
export interface PackageManagerAtWork {
  readonly manager: PackageManager;
  /** Name and process, such as `apt-get (4711)`; the manager's own where that cannot be told. */
  readonly program: string;
}

/**
 * What package managers lock for as long as they change files (apt-get(8) and dpkg(1)
 * the first two; rpm's `_rpmlock_path`, below its database wherever that lies).
 */
const LOCKS: readonly { readonly manager: PackageManager; readonly path: string }[] = [
  { manager: 'dpkg', path: '/var/lib/dpkg/lock-frontend' },
  { manager: 'dpkg', path: '/var/lib/dpkg/lock' },
  { manager: 'rpm', path: '/var/lib/rpm/.rpm.lock' },
  { manager: 'rpm', path: '/usr/lib/sysimage/rpm/.rpm.lock' },
];

/** `1: POSIX  ADVISORY  WRITE 4711 fe:00:2146445 0 EOF` (proc_locks(5)); one that waits has `->`. */
const LOCK_LINE =
  /^\d+:\s+(?:POSIX|OFDLCK)\s+\S+\s+WRITE\s+(-?\d+)\s+([0-9a-f]+):([0-9a-f]+):(\d+)\s/;

/**
 * Which package manager of this root is at work; null where none is, or where nobody
 * can tell. Its locks are fcntl locks, which Node cannot ask for: the kernel's own list
 * of them is read. That list does not name locks of another pid namespace (the host's,
 * seen from a container) nor of another machine on a shared disk. Writes nothing.
 */
export async function packageManagerAtWork(root: string): Promise<PackageManagerAtWork | null> {
  for (const { manager, path } of LOCKS) {
    const file = await identityOf(join(root, path));
    const holder = file === null ? null : await holderOf(file);
    if (holder === null) continue;
    const name = await nameOf(holder);
    return { manager, program: name === null ? manager : `${name} (${holder})` };
  }
  return null;
}

interface Identity {
  readonly device: bigint;
  readonly inode: bigint;
}

/** Process that holds a file's write lock, -1 for one that belongs to no process; null: nobody. */
async function holderOf(file: Identity): Promise<number | null> {
  const others = new Set<number>();
  for (const line of ((await readText('/proc/locks')) ?? '').split('\n')) {
    const [, pid, major, minor, inode] = LOCK_LINE.exec(line) ?? [];
    if (pid === undefined || major === undefined || minor === undefined) continue;
    const device = deviceNumber(BigInt(`0x${major}`), BigInt(`0x${minor}`));
    if (inode === String(file.inode) && device === file.device) return Number(pid);
    if (Number(pid) > 0) others.add(Number(pid));
  }
  // On btrfs and overlayfs the kernel's list has other numbers than stat(2) answers.
  for (const pid of others) if (await hasLocked(pid, file)) return pid;
  return null;
}

/** Whether one of a process's open files is this one, locked; false where it may not be asked. */
async function hasLocked(pid: number, file: Identity): Promise<boolean> {
  for (const name of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const open = await identityOf(`/proc/${pid}/fd/${name}`);
    if (open?.inode !== file.inode || open.device !== file.device) continue;
    const facts = (await readText(`/proc/${pid}/fdinfo/${name}`)) ?? '';
    if (/^lock:.*\bWRITE\b/m.test(facts)) return true;
  }
  return false;
}

/** As stat(2) gives it (gnu_dev_makedev); the kernel's list has its two parts. */
function deviceNumber(major: bigint, minor: bigint): bigint {
  const [lowMajor, lowMinor] = [0xfffn, 0xffn];
  return (
    (minor & lowMinor) |
    ((major & lowMajor) << 8n) |
    ((minor & ~lowMinor) << 12n) |
    ((major & ~lowMajor) << 32n)
  );
}

async function identityOf(path: string): Promise<Identity | null> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return { device: dev, inode: ino };
  } catch {
    // Not there, or not to be seen by this user, who then could not change a package's file either.
    return null;
  }
}

async function nameOf(pid: number): Promise<string | null> {
  return pid > 0 ? ((await readText(`/proc/${pid}/comm`))?.trim() ?? null) : null;
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A process may end, or be somebody else's.
    if (isAbsent(error) || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null;
    throw error;
  }
}
