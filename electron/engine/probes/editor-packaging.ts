import { basename, dirname, join } from 'node:path';
import type { Editor } from '../../../shared/snapshot.ts';
import type { Installation } from './editor-product.ts';
import type { Files } from './files.ts';

type Packaging = Editor['packaging'];

const DPKG_INFO = '/var/lib/dpkg/info';
const LIST_LIMIT = 16 * 1024 * 1024;
const RPM_DATABASES = ['/var/lib/rpm', '/usr/lib/sysimage/rpm'];
const PACMAN_DATABASE = '/var/lib/pacman/local';

/**
 * How an installation came to the machine. dpkg's file lists are read, so `deb`
 * is certain; rpm's database is binary, so `rpm` means: below `/usr` on a system
 * that has one and no dpkg list for it.
 */
export function packagingOf(installation: Installation, files: Files): Packaging {
  const { directory, layout, productFile } = installation;
  if (/^(\/var\/lib\/snapd)?\/snap\//.test(directory)) return 'snap';
  if (/\/flatpak\/app\/|^\/app\//.test(directory)) return 'flatpak';
  if (basename(dirname(directory)) === 'node_modules') return 'npm';
  if (dpkgOwns(installation, files)) return 'deb';
  if (layout === 'server') return 'server';
  const isSystem = /^\/(usr\/(?!local\/)|opt\/)/.test(productFile);
  if (isSystem && RPM_DATABASES.some((path) => files.exists(path))) return 'rpm';
  if (isSystem && files.exists(PACMAN_DATABASE)) return 'unknown';
  return /^\/usr\/(?!local\/)/.test(directory) ? 'unknown' : 'tarball';
}

/** Likely package names first; all lists only for a directory that packages use. */
function dpkgOwns({ directory, product, productFile }: Installation, files: Files): boolean {
  if (!/^\/(usr|opt)\//.test(directory)) return false;
  const entries = files.list(DPKG_INFO);
  if (!entries.ok) return false;
  const lists = entries.value.map((entry) => entry.name).filter((name) => name.endsWith('.list'));
  const likely = [product.applicationName, basename(directory)];
  const isLikely = (name: string): boolean => likely.includes(packageName(name));
  const ordered = [...lists.filter(isLikely), ...lists.filter((name) => !isLikely(name))];
  return ordered.some((name) => {
    const text = files.readText(join(DPKG_INFO, name), LIST_LIMIT);
    return text.ok && text.value.includes(`${productFile}\n`);
  });
}

/** `libc6:amd64.list` is package `libc6`. */
function packageName(list: string): string {
  return list.replace(/(:[^.]*)?\.list$/, '');
}
