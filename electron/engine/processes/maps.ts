/** A file that a process has mapped, from its first line in `maps` (proc_pid_maps(5)). */
export interface Mapping {
  /** Name below `map_files`. */
  readonly range: string;
  /** Any of its mappings may be executed: a program or a library. */
  readonly executable: boolean;
  readonly device: { readonly major: number; readonly minor: number };
  readonly inode: bigint;
  /** As the kernel wrote it, ` (deleted)` and escapes included. */
  readonly written: string;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) (...)[sp] [0-9a-f]+ ([0-9a-f]+):([0-9a-f]+) (\d+) +(\/.*)$/;

/** Kernel objects that look like files: shared memory, devices. */
const NOT_FILES = /^\/(?:memfd:|dev\/|SYSV|anon_hugepage|drm mm object|i915)/;

/** The files of a `maps` text, each once, in the order of their addresses. */
export function parseMaps(text: string): readonly Mapping[] {
  const found = new Map<string, Mapping>();
  for (const line of text.split('\n')) {
    const [, from = '', to = '', access = '', major = '', minor = '', inode = '', written = ''] =
      LINE.exec(line) ?? [];
    if (written === '' || NOT_FILES.test(written)) continue;
    const key = `${major}:${minor}:${inode}:${written}`;
    const known = found.get(key);
    const executable = access[2] === 'x' || known?.executable === true;
    found.set(
      key,
      known === undefined
        ? {
            range: `${trimmed(from)}-${trimmed(to)}`,
            executable,
            device: { major: Number.parseInt(major, 16), minor: Number.parseInt(minor, 16) },
            inode: BigInt(inode),
            written,
          }
        : { ...known, executable },
    );
  }
  return [...found.values()];
}

/** `maps` pads addresses with zeros, `map_files` does not. */
function trimmed(address: string): string {
  return address.replace(/^0+(?=.)/, '');
}

/**
 * What the path may be. The kernel escapes only a line end, as `\012`, and
 * leaves a backslash alone, so a name that has these four characters of its own
 * looks the same: both readings are given, the likelier first.
 */
export function readings(written: string): readonly string[] {
  const decoded = written.replaceAll('\\012', '\n');
  return decoded === written ? [written] : [decoded, written];
}

const DELETED = ' (deleted)';

/** The path without the kernel's remark that its name is gone; null without the remark. */
export function withoutRemark(path: string): string | null {
  return path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : null;
}
