import { statSync } from 'node:fs';
import type { ProcessContext } from '../../../shared/process.ts';
import { readFileInRoot } from '../rootfs.ts';
import type { ProcessEntry } from './status.ts';
import { attempt, valueOf } from './proc-files.ts';
import type { World } from './worlds.ts';

/** What is known of a process when its surroundings are asked for. */
export interface Surroundings {
  readonly entry: ProcessEntry;
  readonly environment: ReadonlyMap<string, string>;
  readonly world: World;
  readonly executable: string | null;
  /** `container` variable of the first process in its pid namespace. */
  readonly initContainer: string | null;
}

const CGROUP_LIMIT = 65536;
const MARK_LIMIT = 65536;

/**
 * What stands between a process and this system's files. Marks inside its own
 * root come first, then its control group, then its first process's word.
 */
export function contextOf(around: Surroundings): ProcessContext {
  const cgroup = valueOf(around.entry.files.bytes('cgroup', CGROUP_LIMIT))?.toString('utf8') ?? '';
  return (
    flatpak(around) ?? snap(around, cgroup) ?? container(around, cgroup) ?? rootContext(around)
  );
}

function mark({ entry, world }: Surroundings, path: string): string | null {
  const avoid = (inner: string): boolean => world.silentInside(inner) !== null;
  const answer = readFileInRoot(`${entry.files.directory}/root`, path, MARK_LIMIT, avoid);
  return answer.ok ? answer.value.toString('utf8') : null;
}

/** flatpak-run(1): every sandbox has this file, with the application's id in it. */
function flatpak(around: Surroundings): ProcessContext | null {
  const info = mark(around, '/.flatpak-info');
  if (info === null) return null;
  const app = /^\[Application\]\n(?:(?!\[).*\n)*?name=(.+)$/m.exec(info)?.[1];
  return { kind: 'flatpak', app: app?.trim() ?? null };
}

/**
 * snapd puts every snap in a control group of its own; what a snap's terminal
 * starts is in it too. Where it does not, the variables have to agree with the program's place.
 */
function snap({ environment, executable }: Surroundings, cgroup: string): ProcessContext | null {
  const name = /(?:^|\/)snap\.([a-z0-9-]+)\.[^/\n]+\.(?:scope|service)/m.exec(cgroup)?.[1];
  if (name !== undefined) return { kind: 'snap', app: name };
  const [app, directory] = [environment.get('SNAP_NAME'), environment.get('SNAP')];
  const isInside = directory?.startsWith('/') && executable?.startsWith(`${directory}/`);
  return app !== undefined && isInside === true ? { kind: 'snap', app } : null;
}

/** Control groups that engines make; the name or number of the container is captured. */
const ENGINES: readonly (readonly [runtime: string, pattern: RegExp])[] = [
  ['kubernetes', /kubepods.*?([0-9a-f]{32,64})(?:\.scope)?$/m],
  ['podman', /libpod-([0-9a-f]{12,64})/],
  ['docker', /(?:\/docker\/|docker-)([0-9a-f]{12,64})/],
  ['cri-o', /crio-([0-9a-f]{12,64})/],
  ['containerd', /(?:cri-containerd-|\/containerd\/)([0-9a-f]{12,64})/],
  ['lxc', /\/lxc(?:\.payload)?[./]([^/\n]+)/],
  ['systemd-nspawn', /systemd-nspawn@([^/\n]+)\.service/],
  ['systemd-nspawn', /machine\.slice\/machine-([^/\n]+)\.scope/],
];

function container(around: Surroundings, cgroup: string): ProcessContext | null {
  const [runtime, id] = engineOf(cgroup);
  const podman = mark(around, '/run/.containerenv');
  if (podman !== null) {
    const told = /^id="([^"]+)"/m.exec(podman)?.[1] ?? null;
    return { kind: 'container', runtime: runtime ?? 'podman', id: id ?? told };
  }
  if (mark(around, '/.dockerenv') !== null)
    return { kind: 'container', runtime: runtime ?? 'docker', id };
  // systemd writes it at the start of a container, and nowhere else (systemd-detect-virt(1)).
  const told = mark(around, '/run/systemd/container')?.trim() ?? around.initContainer;
  if (runtime === null && (told === null || told === '')) return null;
  return { kind: 'container', runtime: runtime ?? told, id };
}

function engineOf(cgroup: string): readonly [runtime: string | null, id: string | null] {
  for (const [runtime, pattern] of ENGINES) {
    const id = pattern.exec(cgroup)?.[1];
    if (id !== undefined) return [runtime, id];
  }
  return [null, null];
}

/**
 * Services with a mount namespace of their own mostly still have our root in
 * it. A root that is gone is how Chromium locks its children in after the start.
 */
function rootContext({ entry, world }: Surroundings): ProcessContext {
  const { root, foreign } = world;
  if (root.endsWith(' (deleted)')) return { kind: 'host' };
  if (root !== '/') return { kind: 'chroot', root };
  if (!foreign) return { kind: 'host' };
  const theirs = world.silentInside('/') === null ? valueOf(entry.files.stat('root')) : null;
  const ours = valueOf(attempt(() => statSync('/', { bigint: true })));
  const same = theirs !== null && theirs.dev === ours?.dev && theirs.ino === ours.ino;
  return same ? { kind: 'host' } : { kind: 'container', runtime: null, id: null };
}
