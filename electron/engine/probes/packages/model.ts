import { createHash } from 'node:crypto';
import type { ProbeData } from '../../../../shared/snapshot.ts';
import { readFileInRoot } from '../../rootfs.ts';
import type { Files } from '../files.ts';

export type PackagesData = ProbeData<'packages'>;
export type InstalledPackage = PackagesData['packages'][number];

/** A library of the C and C++ runtime as the loader takes it. */
export interface RuntimeFile {
  readonly soname: string;
  /** Inside the root, links followed. */
  readonly path: string;
}

/** A root under examination, for the readers of its package database. */
export interface PackagedRoot {
  readonly root: string;
  readonly files: Files;
  /** As ELF headers name it: `x86-64`, `aarch64`. */
  readonly machine: string;
}

/** What one manager's database says of the runtime; null where the root has no such database. */
export type PackageReader = (
  root: PackagedRoot,
  runtime: readonly RuntimeFile[],
) => InstalledPackage[] | null;

const LARGEST = 64 * 1024 * 1024;

/** Whether a file has the digest that the database keeps; null where either cannot be told. */
export function hasDigest(
  root: string,
  path: string,
  algorithm: 'md5' | 'sha1' | 'sha256',
  expected: string | null,
  encoding: 'hex' | 'base64' = 'hex',
): boolean | null {
  if (expected === null) return null;
  const bytes = readFileInRoot(root, path, LARGEST);
  if (!bytes.ok) return null;
  try {
    return createHash(algorithm).update(bytes.value).digest(encoding) === expected;
  } catch {
    // A Node built for FIPS has no MD5.
    return null;
  }
}

/**
 * Of the paths a package lists, the one that is this file. Directories may have
 * become links since (`/lib` to `/usr/lib`), so both are followed.
 */
export function listedPathOf(
  listed: readonly string[],
  file: RuntimeFile,
  files: Files,
): string | null {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const candidates = listed.filter((path) => path.endsWith(`/${name}`));
  return (
    candidates.find((path) => {
      const real = files.realPath(path);
      return real.ok && real.value === file.path;
    }) ?? null
  );
}
