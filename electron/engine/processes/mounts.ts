/** A line of `mountinfo` (proc_pid_mountinfo(5)), as far as it matters here. */
interface Mount {
  readonly point: string;
  readonly type: string;
}

/** File systems where stat(2) and `maps` name another device, or another inode, for one file. */
const LAYERED = /^(?:overlay|aufs|btrfs|bcachefs|fuse(?:\..*)?|nfs4?|cifs|smb3|9p|virtiofs|zfs)$/;

/**
 * Whether device and inode of a mapping can be compared with those of stat(2)
 * for a path: they cannot on file systems made of layers or subvolumes.
 */
export function comparableAt(mountinfo: string): (path: string) => boolean {
  const mounts = parseMounts(mountinfo);
  return (path) => {
    let best: Mount | null = null;
    for (const mount of mounts) {
      const below = mount.point === '/' ? '/' : `${mount.point}/`;
      // Of two at the same place the later one covers the other.
      const covers = path === mount.point || path.startsWith(below);
      if (covers && (best === null || mount.point.length >= best.point.length)) best = mount;
    }
    return best !== null && !LAYERED.test(best.type);
  };
}

function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [front = '', back = ''] = line.split(' - ');
    const point = front.split(' ')[4];
    const type = back.split(' ')[0];
    if (point === undefined || type === undefined || type === '') return [];
    return [{ point: unescapeOctal(point), type }];
  });
}

/** Space, tab, line end and backslash are written as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
