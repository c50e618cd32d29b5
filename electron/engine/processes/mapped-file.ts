import * as fs from 'node:fs';
import { resolveInRoot } from '../rootfs.ts';
import { readings, withoutRemark, type Mapping } from './maps.ts';
import type { Mount } from './mounts.ts';
import { attempt, type ProcessFiles, type Read } from './proc-files.ts';
import type { World } from './worlds.ts';

/**
 * How a mapped file stands to what lies at its path now. `not-asked`: it lies on a file
 * system that does not answer, and nobody looked.
 */
export type Standing = 'same' | 'deleted' | 'replaced' | 'rewritten' | 'unknown' | 'not-asked';

/** One file that a process has mapped. */
export interface MappedFile {
  /** As seen inside the process's own root, without the kernel's remarks. */
  readonly path: string;
  readonly standing: Standing;
  readonly executable: boolean;
  /** The mount that does not answer, where the standing is `not-asked`. */
  readonly silent: Mount | null;
  /** Opens what is mapped, never what merely has its name; the caller closes the descriptor. */
  readonly open: () => Read<number>;
}

export interface FoundFile {
  readonly hostPath: string;
  readonly stat: fs.BigIntStats;
}

/**
 * What lies at a path of `maps` now. Processes of our own mount namespace have paths that
 * hold here as they are. Those of another are found below their own root, and links are
 * followed inside it: an absolute link must not lead back into our files.
 */
function statOnDisk(written: string, files: ProcessFiles, world: World): Read<FoundFile> {
  if (world.silent(written) !== null) return SILENT;
  const hostPath = world.foreign ? foreignPath(files, written, world) : read(written);
  if (hostPath.state !== 'read') return hostPath;
  const stat = attempt(() => fs.statSync(hostPath.value, { bigint: true }));
  return stat.state === 'read' ? read({ hostPath: hostPath.value, stat: stat.value }) : stat;
}

const SILENT = { state: 'failed', detail: 'ETIMEDOUT' } as const;

function read<T>(value: T): Read<T> {
  return { state: 'read', value };
}

function foreignPath(files: ProcessFiles, written: string, world: World): Read<string> {
  const avoid = (inner: string): boolean => world.silentInside(inner) !== null;
  const resolved = resolveInRoot(`${files.directory}/root`, world.inside(written), avoid);
  if (resolved.ok) return read(resolved.value.hostPath);
  const { code, detail } = resolved.error;
  if (code === 'not-permitted') return { state: 'not-permitted' };
  if (code === 'not-found' || code === 'dangling-link' || code === 'not-a-directory')
    return { state: 'gone' };
  return { state: 'failed', detail };
}

/** Clocks of file systems and the count of clock ticks are this far apart at most, in milliseconds. */
const CLOCK_SLACK = 2_000;

/**
 * Looks at one mapping. With the right to follow `map_files` (root) both sides
 * are asked with stat(2); without it the device and inode of `maps` have to do,
 * and where these cannot be compared the answer is `unknown`. A file system that
 * does not answer is not asked.
 */
export function examineMapping(
  mapping: Mapping,
  files: ProcessFiles,
  world: World,
  startedAt: number | null,
): MappedFile {
  const silent = silentMount(mapping, world);
  if (silent !== null) {
    const [path = mapping.written] = readings(mapping.written);
    return {
      path: world.inside(withoutRemark(path) ?? path),
      standing: 'not-asked',
      executable: mapping.executable,
      silent,
      open: () => SILENT,
    };
  }
  const entry = `map_files/${mapping.range}`;
  const mapped = files.stat(entry);
  const isMapped = (found: fs.BigIntStats, written: string): boolean | null => {
    if (mapped.state === 'read')
      return mapped.value.dev === found.dev && mapped.value.ino === found.ino;
    const isComparable = world.comparable(written);
    if (mapping.inode === found.ino && (isComparable ? onDevice(mapping, found) : true))
      return true;
    return isComparable ? false : null;
  };
  const stat = (written: string): Read<FoundFile> => statOnDisk(written, files, world);
  const { written, standing, found } = findOnDisk(mapping, stat, isMapped, startedAt);
  return {
    path: world.inside(written),
    standing,
    executable: mapping.executable,
    silent: null,
    open: () => {
      if (mapped.state === 'read') return openFile(`${files.directory}/${entry}`);
      const isSame = standing === 'same' || standing === 'rewritten';
      return isSame && found !== null ? openChecked(found) : { state: 'not-permitted' };
    },
  };
}

function silentMount(mapping: Mapping, world: World): Mount | null {
  const paths = readings(mapping.written);
  const told = world.silentDevice(mapping.device);
  return told ?? paths.map(world.silent).find((mount) => mount !== null) ?? null;
}

interface OnDisk {
  readonly written: string;
  readonly standing: Standing;
  readonly found: FoundFile | null;
}

function findOnDisk(
  mapping: Mapping,
  stat: (written: string) => Read<FoundFile>,
  isMapped: (found: fs.BigIntStats, written: string) => boolean | null,
  startedAt: number | null,
): OnDisk {
  const all = readings(mapping.written);
  // A name may really end in " (deleted)": what lies there, and is the mapped file, decides.
  const stripped = all.flatMap((path) => withoutRemark(path) ?? []);
  for (const written of [...all, ...stripped]) {
    const disk = stat(written);
    if (disk.state !== 'read' || isMapped(disk.value.stat, written) !== true) continue;
    const late =
      startedAt !== null &&
      mapping.executable &&
      Number(disk.value.stat.mtimeMs) > startedAt + CLOCK_SLACK;
    return { written, standing: late ? 'rewritten' : 'same', found: disk.value };
  }
  const [gone] = stripped;
  if (gone !== undefined) {
    const standing = stat(gone).state === 'read' ? 'replaced' : 'deleted';
    return { written: gone, standing, found: null };
  }
  const written = all[0] ?? mapping.written;
  const disk = stat(written);
  const differs = disk.state === 'read' && isMapped(disk.value.stat, written) === false;
  return { written, standing: differs ? 'replaced' : 'unknown', found: null };
}

/** Linux's packing of st_dev (glibc's gnu_dev_major and gnu_dev_minor). */
function onDevice(mapping: Mapping, { dev }: fs.BigIntStats): boolean {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return major === BigInt(mapping.device.major) && minor === BigInt(mapping.device.minor);
}

const FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY;

/** Opens a file of a process for reading. */
export function openFile(path: string): Read<number> {
  return attempt(() => fs.openSync(path, FLAGS));
}

/** The path may have changed hands since it was looked at. */
function openChecked({ hostPath, stat }: FoundFile): Read<number> {
  const opened = openFile(hostPath);
  if (opened.state !== 'read') return opened;
  const now = fs.fstatSync(opened.value, { bigint: true });
  if (now.dev === stat.dev && now.ino === stat.ino) return opened;
  fs.closeSync(opened.value);
  return { state: 'gone' };
}
