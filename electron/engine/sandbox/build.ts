import { open, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { SandboxSpec } from '../../../shared/plan.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { unpackDeb } from './deb.ts';
import { asDevmendError } from '../faults.ts';
import { stopIfCancelled } from './failures.ts';
import { unpackLimit } from './inspect.ts';
import { LIBRARY_DIRECTORY, loaderNames, MANIFEST_FILE, sandboxPath } from './layout.ts';
import { manifestText } from './manifest.ts';
import type { ManifestEntry } from './manifest.ts';
import { obtainPackage } from './package-index.ts';
import { Unpacking } from './unpacking.ts';
import type { UnpackedEntry } from './unpacking.ts';

/**
 * Writes the sandbox that `spec` describes into `stagingDirectory`, which must
 * exist and be empty; everything in it is on disk when this returns. Packages come
 * from the cache, or from the spec's source where the cache lacks them, and their
 * digests are checked again in either case.
 * Throws DevmendError; what lies in the staging directory then is for the caller
 * to remove.
 */
export async function buildSandbox(
  machine: Machine,
  spec: SandboxSpec,
  stagingDirectory: string,
  job: JobContext,
): Promise<void> {
  await insistOnEmpty(stagingDirectory);
  const context = { machine, job };
  const files: string[] = [];
  for (const wanted of spec.packages) {
    stopIfCancelled(job.signal);
    files.push(await obtainPackage(spec.source, wanted, context));
  }
  const unpacking = new Unpacking(stagingDirectory, { select: sandboxPath, durable: true });
  for (const [position, wanted] of spec.packages.entries()) {
    stopIfCancelled(job.signal);
    const { name, version } = wanted;
    job.emit({ type: 'note', note: message('sandbox.note.unpacking', { name, version }) });
    const limit = unpackLimit(spec.installedBytes);
    await unpackDeb(files[position] ?? '', unpacking, { limit, signal: job.signal });
    job.emit({ type: 'progress', done: position + 1, total: spec.packages.length });
  }
  const entries = await unpacking.finish();
  insistOnCompleteness(spec, entries);
  try {
    await writeManifest(stagingDirectory, spec, entries);
    await settleDirectories(stagingDirectory, newestOf(entries));
  } catch (error) {
    throw asDevmendError(error, stagingDirectory);
  }
}

async function insistOnEmpty(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw asDevmendError(error, directory);
  });
  // Unpacking relies on knowing everything that lies there.
  if (names.length > 0) throw new DevmendError('io', { path: directory, detail: 'not empty' });
}

function insistOnCompleteness(spec: SandboxSpec, entries: readonly UnpackedEntry[]): void {
  const loader = `${LIBRARY_DIRECTORY}/${loaderNames[spec.architecture]}`;
  for (const path of [loader, `${LIBRARY_DIRECTORY}/libc.so.6`]) {
    if (entries.some((entry) => entry.path === path)) continue;
    throw new DevmendError('source-unsafe-archive', { file: path, reason: 'not in the packages' });
  }
}

async function writeManifest(
  directory: string,
  spec: SandboxSpec,
  entries: readonly UnpackedEntry[],
): Promise<void> {
  const files = entries.map((entry): ManifestEntry => {
    if (entry.kind === 'link') return entry;
    const { kind, path, size, mode, sha256 } = entry;
    return { kind, path, size, mode, sha256 };
  });
  const handle = await open(join(directory, MANIFEST_FILE), 'wx', 0o644);
  try {
    await handle.writeFile(manifestText(spec, files));
    await handle.chmod(0o644);
    const time = newestOf(entries);
    await handle.utimes(time, time);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives all directories one time, and flushes them, the innermost first. */
async function settleDirectories(directory: string, time: Date): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await settleDirectories(join(directory, entry.name), time);
  }
  await utimes(directory, time, time);
  const handle = await open(directory, 'r');
  try {
    await handle.chmod(0o755);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function newestOf(entries: readonly UnpackedEntry[]): Date {
  const times = entries.map((entry) => (entry.kind === 'file' ? entry.mtime.getTime() : 0));
  return new Date(Math.max(0, ...times));
}
