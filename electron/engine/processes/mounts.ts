/** A line of `mountinfo` (proc_pid_mountinfo(5)), as far as it matters here. */
export interface Mount {
  readonly point: string;
  readonly type: string;
  /** `major:minor`, in decimal: what st_dev of its files is. */
  readonly device: string;
  /** Programs on it gain nothing from setuid, setgid and capabilities. */
  readonly nosuid: boolean;
}

/** File systems where stat(2) and `maps` name another device, or another inode, for one file. */
const LAYERED = /^(?:overlay|aufs|btrfs|bcachefs|fuse(?:\..*)?|nfs4?|cifs|smb3|9p|virtiofs|zfs)$/;

/**
 * Whether device and inode of a mapping can be compared with those of stat(2)
 * for a path: they cannot on file systems made of layers or subvolumes.
 */
export function comparableAt(mounts: readonly Mount[]): (path: string) => boolean {
  return (path) => {
    const mount = mountOf(path, mounts);
    return mount !== null && !LAYERED.test(mount.type);
  };
}

/** The mount that a path lies on: the innermost; of two at the same place the later covers the other. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | null {
  let best: Mount | null = null;
  for (const mount of mounts) {
    const isInner = best === null || mount.point.length >= best.point.length;
    if (isInner && isBelow(path, mount.point)) best = mount;
  }
  return best;
}

/** Whether a mount at this point is on the way to a path. */
export function isBelow(path: string, point: string): boolean {
  return point === '/' || path === point || path.startsWith(`${point}/`);
}

/** The lines of a `mountinfo`, in the order of mounting. */
export function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [front = '', back = ''] = line.split(' - ');
    const [, , device, , point, options = ''] = front.split(' ');
    const type = back.split(' ')[0];
    if (device === undefined || point === undefined || type === undefined || type === '') return [];
    const nosuid = options.split(',').includes('nosuid');
    return [{ point: unescapeOctal(point), type, device, nosuid }];
  });
}

/** Space, tab, line end and backslash are written as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
