import type { Mapping } from './maps.ts';
import { comparableAt, parseMounts, type Mount } from './mounts.ts';
import { processFiles, valueOf, type ProcessFiles } from './proc-files.ts';
import { answeringDevices, isSilent, silentMountAt } from './silent-mounts.ts';

/** The mounts among which a process lives. */
export interface World {
  /** Its mount namespace is not ours. */
  readonly foreign: boolean;
  /** The `root` link: where its root lies, as seen from here. */
  readonly root: string;
  /** A path of `maps`, or of the `exe` link, as seen inside the root of the process. */
  readonly inside: (written: string) => string;
  /** Whether device and inode of `maps` mean the same as those of stat(2) for a path of `maps`. */
  readonly comparable: (written: string) => boolean;
  /** The mount that would not answer about a path of `maps` or of the `exe` link. */
  readonly silent: (written: string) => Mount | null;
  /** The same for a path inside the root of the process. */
  readonly silentInside: (inner: string) => Mount | null;
  /** The mount of a device that does not answer. */
  readonly silentDevice: (device: Mapping['device']) => Mount | null;
}

const MOUNTS_LIMIT = 4 * 1024 * 1024;

/**
 * The worlds of these processes. Far file systems are asked, once and with a time limit of
 * `patience` milliseconds, whether they answer, before anybody looks at a file of a process.
 */
export async function worldsOf(
  proc: string,
  pids: readonly number[],
  options: { readonly patience?: number; readonly signal: AbortSignal },
): Promise<(files: ProcessFiles) => World> {
  const own = processFiles(proc, process.pid);
  const ownNamespace = valueOf(own.link('ns/mnt'));
  const ownMounts = mountsOf(own);
  const known = new Map<string, Place>();
  const placeOf = (files: ProcessFiles): Place => {
    const namespace = valueOf(files.link('ns/mnt'));
    const root = valueOf(files.link('root')) ?? '/';
    const key = `${namespace} ${root}`;
    const foreign = namespace !== null && namespace !== ownNamespace;
    // The list of a foreign namespace names the paths below the root of the process.
    const place = known.get(key) ?? {
      foreign,
      root,
      mounts: foreign ? mountsOf(files) : ownMounts,
      directory: foreign ? `${files.directory}/root` : '',
    };
    known.set(key, place);
    return place;
  };
  for (const pid of pids) placeOf(processFiles(proc, pid));
  const answering = await answeringDevices([...known.values()], options);
  const worlds = new Map<Place, World>();
  return (files) => {
    const place = placeOf(files);
    const world = worlds.get(place) ?? worldOf(place, answering);
    worlds.set(place, world);
    return world;
  };
}

interface Place extends Pick<World, 'foreign' | 'root'> {
  readonly mounts: readonly Mount[];
  /** What leads from here to the directory that the list of mounts begins at. */
  readonly directory: string;
}

function mountsOf(files: ProcessFiles): readonly Mount[] {
  return parseMounts(valueOf(files.bytes('mountinfo', MOUNTS_LIMIT))?.toString('utf8') ?? '');
}

function worldOf({ foreign, root, mounts }: Place, answering: ReadonlySet<string>): World {
  const inside = (written: string): string =>
    root !== '/' && written.startsWith(`${root}/`) ? written.slice(root.length) : written;
  // What `mounts` calls a path of `maps`, and one inside the root of the process.
  const listed = (written: string): string => (foreign ? inside(written) : written);
  const listedInner = (inner: string): string =>
    foreign || root === '/' ? inner : `${root}${inner}`;
  const silent = mounts.filter((mount) => isSilent(mount, answering));
  const silentAt = (path: string): Mount | null =>
    silent.length === 0 ? null : silentMountAt(path, mounts, answering);
  const isComparable = comparableAt(mounts);
  return {
    foreign,
    root,
    inside,
    comparable: (written) => isComparable(listed(written)),
    silent: (written) => silentAt(listed(written)),
    silentInside: (inner) => silentAt(listedInner(inner)),
    silentDevice: ({ major, minor }) =>
      silent.find(({ device }) => device === `${major}:${minor}`) ?? null,
  };
}
