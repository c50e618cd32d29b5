import { createHash } from 'node:crypto';
import { lstat, open, readFile, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { fail, ok } from '../../../shared/error.ts';
import type { Result } from '../../../shared/error.ts';
import { sandboxSpecSchema } from '../../../shared/plan.ts';
import type { SandboxSpec } from '../../../shared/plan.ts';
import { asResult } from './failures.ts';
import { MANIFEST_FILE, PROBE_PACKAGE } from './layout.ts';
import { digestOf } from './package-cache.ts';

const manifestEntrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file'),
    path: z.string(),
    size: z.number().int().nonnegative(),
    mode: z.union([z.literal(0o755), z.literal(0o644)]),
    sha256: z.string(),
  }),
  z.strictObject({ kind: z.literal('link'), path: z.string(), target: z.string() }),
]);
export type ManifestEntry = z.infer<typeof manifestEntrySchema>;

const manifestSchema = z.strictObject({
  schema: z.literal('devmend.sandbox/1'),
  spec: sandboxSpecSchema,
  /** In path order. */
  files: z.array(manifestEntrySchema),
});
/** What a sandbox holds, as it was built; `manifest.json` in its directory. */
export type SandboxManifest = z.infer<typeof manifestSchema>;

/** Larger than any manifest Devmend writes, in bytes. */
const LARGEST_MANIFEST = 8 * 1024 * 1024;

/** The manifest's text; the same spec and files give the same bytes. */
export function manifestText(spec: SandboxSpec, files: readonly ManifestEntry[]): string {
  const ordered = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const manifest: SandboxManifest = { schema: 'devmend.sandbox/1', spec, files: ordered };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * Reads the manifest of a sandbox directory. Fails with `not-found` when there is
 * none and `sandbox-damaged` when it cannot be understood.
 */
export async function readManifest(directory: string): Promise<Result<SandboxManifest>> {
  const path = join(directory, MANIFEST_FILE);
  const text = await asResult(async () => {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      return size > LARGEST_MANIFEST ? '' : await readFile(handle, 'utf8');
    } finally {
      await handle.close();
    }
  });
  if (!text.ok) return text;
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(text.value));
    if (parsed.success) return ok(parsed.data);
  } catch {
    // Answered below: it is the same to the reader whether JSON or schema is broken.
  }
  return fail('sandbox-damaged', { directory, file: MANIFEST_FILE });
}

/**
 * Compares a sandbox with its manifest: every file's bytes and mode, every
 * link, and that nothing else lies there. Fails with `sandbox-damaged`, naming the
 * first file that differs, or as {@link readManifest} does.
 */
export async function verifySandbox(directory: string): Promise<Result<SandboxManifest>> {
  const manifest = await readManifest(directory);
  if (!manifest.ok) return manifest;
  const expected = new Set([MANIFEST_FILE]);
  for (const entry of manifest.value.files) {
    expected.add(entry.path);
    if (!(await isAsWritten(directory, entry))) {
      return fail('sandbox-damaged', { directory, file: entry.path });
    }
  }
  const extra = (await filesBelow(directory, '')).find((path) => !expected.has(path));
  return extra === undefined ? manifest : fail('sandbox-damaged', { directory, file: extra });
}

/**
 * A digest of what a spec puts into a sandbox, whatever source it was taken from:
 * two specs with the same digest give the same libraries.
 */
export function contentDigest(spec: SandboxSpec): string {
  // The programs that ask questions are no part of what programs run with: a sandbox that was
  // built without them serves on.
  const libraries = spec.packages.filter(({ name }) => name !== PROBE_PACKAGE);
  const digests = libraries.map(({ sha256 }) => sha256).sort();
  return createHash('sha256')
    .update([spec.architecture, ...digests].join('\n'))
    .digest('hex');
}

/** The files and links below a directory, relative; directories themselves are not named. */
export async function filesBelow(directory: string, below: string): Promise<string[]> {
  const entries = await readdir(join(directory, below), { withFileTypes: true }).catch(() => []);
  const paths: string[] = [];
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) paths.push(...(await filesBelow(directory, path)));
    else paths.push(path);
  }
  return paths;
}

async function isAsWritten(directory: string, entry: ManifestEntry): Promise<boolean> {
  const path = join(directory, entry.path);
  try {
    if (entry.kind === 'link') return (await readlink(path)) === entry.target;
    const facts = await lstat(path);
    if (!facts.isFile() || (facts.mode & 0o7777) !== entry.mode) return false;
    return facts.size === entry.size && (await digestOf(path)) === entry.sha256;
  } catch {
    return false;
  }
}
