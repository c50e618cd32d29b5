import { gunzipSync } from 'node:zlib';
import { readFileInRoot } from '../../rootfs.ts';
import { hasDigest, listedPathOf, type InstalledPackage, type PackageReader } from './model.ts';
import type { PackagedRoot, RuntimeFile } from './model.ts';

const LOCAL = '/var/lib/pacman/local';
const LIMIT = 16 * 1024 * 1024;

/** Arch's packages; GCC's libraries have been in `gcc-libs`, and are packages of their own now. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'libc.so.6': ['glibc'],
  'libstdc++.so.6': ['libstdc++', 'gcc-libs'],
  'libgcc_s.so.1': ['libgcc', 'gcc-libs'],
};

/** pacman's database: a directory a package, named `<name>-<version>-<release>`. */
export const readPacman: PackageReader = (root, runtime) => {
  const entries = root.files.list(LOCAL);
  if (!entries.ok) return null;
  const names = entries.value.map(({ name }) => name);
  return runtime.flatMap((file): InstalledPackage[] => {
    for (const name of PACKAGES[file.soname] ?? []) {
      const directory = names.find((one) => one.replace(/-[^-]+-[^-]+$/, '') === name);
      if (directory !== undefined) return [describe(name, `${LOCAL}/${directory}`, file, root)];
    }
    return [];
  });
};

function describe(
  name: string,
  directory: string,
  file: RuntimeFile,
  { root, files }: PackagedRoot,
): InstalledPackage {
  const sections = (path: string): Map<string, string[]> => {
    const text = files.readText(path, LIMIT);
    return new Map(
      (text.ok ? text.value : '').split(/\n\n+/).map((section) => {
        const [title = '', ...lines] = section.trim().split('\n');
        return [title, lines];
      }),
    );
  };
  const desc = sections(`${directory}/desc`);
  const listed = sections(`${directory}/files`).get('%FILES%');
  const place =
    listed === undefined
      ? null
      : listedPathOf(
          listed.map((path) => `/${path}`),
          file,
          files,
        );
  return {
    library: file.soname,
    name,
    version: desc.get('%VERSION%')?.[0] ?? '',
    architecture: desc.get('%ARCH%')?.[0] ?? '',
    held: ignored(files.readText('/etc/pacman.conf', LIMIT)).includes(name),
    owns: listed === undefined ? null : place !== null,
    intact:
      place === null
        ? null
        : hasDigest(root, file.path, 'sha256', digestOf(root, directory, place)),
  };
}

/** IgnorePkg lines of pacman.conf(5). */
function ignored(text: { ok: true; value: string } | { ok: false }): readonly string[] {
  if (!text.ok) return [];
  return [...text.value.matchAll(/^[ \t]*IgnorePkg[ \t]*=(.*)$/gm)].flatMap(([, names = '']) =>
    names.split(/\s+/),
  );
}

/** `mtree` is a compressed mtree(5) with a SHA-256 a file. */
function digestOf(root: string, directory: string, path: string): string | null {
  const bytes = readFileInRoot(root, `${directory}/mtree`, LIMIT);
  if (!bytes.ok) return null;
  try {
    const text = gunzipSync(bytes.value, { maxOutputLength: 4 * LIMIT }).toString('utf8');
    const line = text.split('\n').find((one) => one.startsWith(`.${path} `));
    return /\bsha256digest=([0-9a-f]{64})/.exec(line ?? '')?.[1] ?? null;
  } catch {
    return null;
  }
}
