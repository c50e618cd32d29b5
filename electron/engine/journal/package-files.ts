import { readFile, readdir, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import type { Machine } from '../machine.ts';
import { nearestExisting } from './images.ts';
import { packageManagerAtWork, type PackageManager } from './package-locks.ts';

/**
 * Refuses with `package-manager-busy` to touch what belongs to a package while a package
 * manager is at work: it may replace the same file in the next moment, or have half done
 * so. Looked at before anything is written; who starts later than that waits for nobody.
 */
export async function requirePackagesAtRest(
  machine: Machine,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (paths.length === 0) return;
  const busy = await packageManagerAtWork(machine.root);
  if (busy === null) return;
  const owned = await firstOwned(machine, busy.manager, paths, signal);
  if (owned !== null)
    throw new DevmendError('package-manager-busy', { path: owned, program: busy.program });
}

/** The first of some paths that a package brought; null where none did. */
async function firstOwned(
  machine: Machine,
  manager: PackageManager,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  for (const path of paths) {
    const names = await namesOf(machine.root, path);
    const owned =
      manager === 'dpkg'
        ? await isListed(machine.root, names)
        : await isOwnedByRpm(machine, path, signal);
    if (owned) return path;
  }
  return null;
}

/**
 * Every name a database may know a file by: its directory may be reached through a link,
 * and the list may be older than the merge of /lib into /usr/lib.
 */
async function namesOf(root: string, path: string): Promise<readonly string[]> {
  const directory = dirname(join(root, path));
  const existing = await nearestExisting(directory);
  const real = join(await realpath(existing), directory.slice(existing.length), basename(path));
  const inside = root === '/' ? real : real.slice((await realpath(root)).length);
  const names = new Set([path, inside]);
  for (const [link, target] of await linksAtTop(root))
    if (inside.startsWith(`${target}/`)) names.add(link + inside.slice(target.length));
  return [...names];
}

/** `/lib` → `/usr/lib` and the like. */
async function linksAtTop(root: string): Promise<readonly (readonly [string, string])[]> {
  const entries = await readdir(root, { withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isSymbolicLink())
      .map(async ({ name }) => {
        const target = resolve('/', await readlink(join(root, name)));
        return [`/${name}`, target] as const;
      }),
  );
}

/** Whether dpkg's lists name one of these, or something inside; diverted files by both names. */
async function isListed(root: string, names: readonly string[]): Promise<boolean> {
  const wanted = [...names, ...(await divertedFrom(root, names))];
  const needles = wanted.flatMap((name) => [`\n${name}\n`, `\n${name}/`].map(asBytes));
  const directory = join(root, '/var/lib/dpkg/info');
  const lists = await readdir(directory).catch(() => []);
  for (const list of lists) {
    if (!list.endsWith('.list')) continue;
    const text = await readFile(join(directory, list)).catch(() => Buffer.alloc(0));
    const lines = Buffer.concat([asBytes('\n'), text]);
    if (needles.some((needle) => lines.includes(needle))) return true;
  }
  return false;
}

function asBytes(text: string): Buffer {
  return Buffer.from(text);
}

/** dpkg-divert(1): three lines each, a package's name, where its file really is, and for whom. */
async function divertedFrom(root: string, names: readonly string[]): Promise<readonly string[]> {
  const text = await readFile(join(root, '/var/lib/dpkg/diversions'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  return lines.filter((_, at) => at % 3 === 0 && names.includes(lines[at + 1] ?? ''));
}

const RPM = '/usr/bin/rpm';
const RPM_TIMEOUT_MS = 10_000;
/** What rpm says in the C locale of a path that no package brought, or that is not there. */
const NOT_OWNED = /is not owned by any package$|No such file or directory$/m;

/** rpm's database can be read by rpm only. No clear answer counts as owned: it is at work. */
export async function isOwnedByRpm(
  machine: Machine,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (machine.root !== '/') return true;
  try {
    const { output } = await machine.run(
      {
        file: RPM,
        args: ['--query', '--file', path],
        environment: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
        timeoutMs: RPM_TIMEOUT_MS,
      },
      () => undefined,
      signal,
    );
    return !NOT_OWNED.test(output);
  } catch {
    return true;
  }
}
