import { spawn } from 'node:child_process';
import { findTool, TOOL_ENVIRONMENT } from '../journal/tools.ts';
import { isBelow, mountOf, type Mount } from './mounts.ts';

/**
 * File systems whose answers come from another machine, or from another program, and may
 * never come: a question about a file there keeps the asking thread in the kernel, where
 * neither a time limit nor a cancel reaches it, and the program cannot even end.
 */
const FAR =
  /^(?:nfs4?|cifs|smb3|smbfs|ncpfs|afs|coda|ceph|glusterfs|lustre|gpfs|beegfs|9p|virtiofs|fuse(?:blk|\..*)?)$/;
/** Looking at a name below it is what mounts it: that is not ours to bring about. */
const ON_DEMAND = 'autofs';

/** How long a file system has to answer, in milliseconds. */
const PATIENCE = 2_000;
/** How many are asked at once, and at all. */
const AT_ONCE = 16;
const MOST_ASKED = 64;

/** A mount that is to be asked, and the path that leads to it from here. */
interface Asked {
  readonly device: string;
  readonly path: string;
}

/**
 * Asks far file systems whether they answer, each once; the devices of those that do. Who
 * asks is a program of its own (statfs(2) through `stat -f`): it can be left behind in
 * the kernel, a thread of ours could not.
 */
export async function answeringDevices(
  worlds: readonly { readonly mounts: readonly Mount[]; readonly directory: string }[],
  { patience = PATIENCE, signal }: { readonly patience?: number; readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const asked = new Map<string, Asked>();
  for (const { mounts, directory } of worlds) {
    for (const { device, type, point } of mounts) {
      if (FAR.test(type) && !asked.has(device))
        asked.set(device, { device, path: `${directory}${point}` });
    }
  }
  const answering = new Set<string>();
  const tool = asked.size === 0 ? null : await findTool('stat');
  const all = tool === null ? [] : [...asked.values()].slice(0, MOST_ASKED);
  for (let at = 0; tool !== null && at < all.length; at += AT_ONCE) {
    signal.throwIfAborted();
    const together = all.slice(at, at + AT_ONCE).map(async ({ device, path }) => {
      if (await answersInTime(tool, path, patience)) answering.add(device);
    });
    await Promise.all(together);
  }
  return answering;
}

/** Whether the question ends in time; an error is an answer too. */
function answersInTime(tool: string, path: string, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { cwd: '/', env: TOOL_ENVIRONMENT, stdio: 'ignore' } as const;
    const child = spawn(tool, ['-f', '-c', '%T', '--', path], options);
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      // It ends when the kernel lets it; nobody waits for that.
      child.unref();
      resolve(false);
    }, patience);
    const end = (isAnswered: boolean): void => {
      clearTimeout(limit);
      resolve(isAnswered);
    };
    child.once('exit', () => end(true));
    child.once('error', () => end(false));
  });
}

/** Whether looking at a file of this mount may take for ever. */
export function isSilent({ type, device }: Mount, answering: ReadonlySet<string>): boolean {
  return type === ON_DEMAND || (FAR.test(type) && !answering.has(device));
}

/**
 * The silent mount that looking at a path would have to ask; null when there is none. One
 * that mounts on demand is not asked for what lies mounted inside it.
 */
export function silentMountAt(
  path: string,
  mounts: readonly Mount[],
  answering: ReadonlySet<string>,
): Mount | null {
  const own = mountOf(path, mounts);
  if (own !== null && isSilent(own, answering)) return own;
  const isCrossed = (mount: Mount): boolean =>
    mount.type !== ON_DEMAND && isSilent(mount, answering) && isBelow(path, mount.point);
  return mounts.find(isCrossed) ?? null;
}
