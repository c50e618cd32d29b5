import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrorData } from '../../../shared/error.ts';
import type { SandboxSpec } from '../../../shared/plan.ts';
import { readElf } from '../elf/read.ts';
import type { Machine } from '../machine.ts';
import type { SandboxChoice } from '../repairs/repair.ts';
import { LIBRARY_DIRECTORY, loaderNames } from './layout.ts';
import { contentDigest, filesBelow, readManifest, verifySandbox } from './manifest.ts';

/** One sandbox of a user. */
export interface InstalledSandbox {
  readonly directory: string;
  /** Null when its manifest cannot be read; `problem` says why. */
  readonly spec: SandboxSpec | null;
  /** What it takes on disk, in bytes. */
  readonly bytes: number;
  /** Programs below Devmend's data directory whose interpreter or rpath lies in it. */
  readonly users: readonly string[];
  readonly problem: ErrorData | null;
}

/** The directory that holds all sandboxes of a user. */
export function sandboxHome(machine: Machine): string {
  return join(machine.directories.data, 'sandbox');
}

/**
 * Where the sandbox of a spec lies, or would: `<data>/sandbox/debian-13`, unless
 * other content lies there already; then the glibc package's version is added, and
 * where that is taken too, the beginning of the content's digest.
 */
export async function sandboxDirectoryFor(machine: Machine, spec: SandboxSpec): Promise<string> {
  const plain = `${spec.distributor}-${spec.release}`.toLowerCase().replace(/[^a-z0-9.-]+/g, '-');
  const version = (spec.packages[0]?.version ?? spec.glibc).replace(/[^A-Za-z0-9.+-]+/g, '-');
  const digest = contentDigest(spec);
  const names = [plain, `${plain}-${version}`, `${plain}-${version}-${digest.slice(0, 8)}`];
  for (const name of names) {
    const directory = join(sandboxHome(machine), name);
    const manifest = await readManifest(directory);
    const free = (await lstat(directory).catch(() => null)) === null;
    if (free || (manifest.ok && contentDigest(manifest.value.spec) === digest)) return directory;
  }
  return join(sandboxHome(machine), `${plain}-${digest}`);
}

/** A choice for a spec: its paths, and whether it is there already, unharmed. */
export async function placeFor(machine: Machine, spec: SandboxSpec): Promise<SandboxChoice> {
  const directory = await sandboxDirectoryFor(machine, spec);
  const libraryDirectory = join(directory, LIBRARY_DIRECTORY);
  const interpreter = join(libraryDirectory, loaderNames[spec.architecture]);
  const exists = (await verifySandbox(directory)).ok;
  return { spec, directory, libraryDirectory, interpreter, exists };
}

/**
 * The sandboxes below the data directory, by directory name. Programs that were
 * patched where they lie are not found this way: the journal knows them.
 */
export async function listSandboxes(machine: Machine): Promise<InstalledSandbox[]> {
  const home = sandboxHome(machine);
  const entries = await readdir(home, { withFileTypes: true }).catch(() => []);
  const directories = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(home, entry.name))
    .sort();
  if (directories.length === 0) return [];
  const programs = await programsInUse(machine);
  const sandboxes: InstalledSandbox[] = [];
  for (const directory of directories) {
    const manifest = await readManifest(directory);
    sandboxes.push({
      directory,
      spec: manifest.ok ? manifest.value.spec : null,
      problem: manifest.ok ? null : manifest.error,
      bytes: await sizeOf(directory),
      users: programs
        .filter(({ paths }) => paths.some((path) => path.startsWith(`${directory}/`)))
        .map(({ program }) => program),
    });
  }
  return sandboxes;
}

async function programsInUse(
  machine: Machine,
): Promise<{ program: string; paths: readonly string[] }[]> {
  const directory = join(machine.directories.data, 'programs');
  const found: { program: string; paths: readonly string[] }[] = [];
  for (const path of (await filesBelow(directory, '')).sort()) {
    const program = join(directory, path);
    const facts = await lstat(program).catch(() => null);
    if (!facts?.isFile()) continue;
    const elf = readElf(program);
    if (!elf.ok || elf.value.interpreter === null) continue;
    const { interpreter, rpath, runpath } = elf.value;
    found.push({ program, paths: [interpreter, ...rpath, ...runpath] });
  }
  return found;
}

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const path of await filesBelow(directory, '')) {
    bytes += (await lstat(join(directory, path)).catch(() => null))?.size ?? 0;
  }
  return bytes;
}
