import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { ElfFile } from '../elf/types.ts';
import { decompress } from './decompress.ts';
import { listDeb } from './deb.ts';
import { publicAddress } from './fetch.ts';
import type { HostLibraries } from './host-libraries.ts';
import { inspectPackage, unpackLimit, versionsOf } from './inspect.ts';
import type { Libraries } from './inspect.ts';
import { obtain } from './package-cache.ts';
import type { CacheContext } from './package-cache.ts';
import { obtainPackage } from './package-index.ts';
import type { IndexedPackage, PackageIndex } from './package-index.ts';
import type { SignedRelease } from './release.ts';

/** What one search works on. */
export interface LibrarySearch {
  readonly release: SignedRelease;
  readonly index: PackageIndex;
  readonly architecture: string;
  readonly host: HostLibraries;
}

export interface FoundLibraries {
  readonly packages: readonly IndexedPackage[];
  /** The base libraries and everything that was added. */
  readonly libraries: Libraries;
  /** sonames that no package of the release ships. */
  readonly missing: readonly string[];
}

/** Packages fetched on the mere likeness of their name. */
const MOST_GUESSES = 4;
/** Debian's Contents unpack to 170 MB. */
const LARGEST_CONTENTS = 2 * 1024 * 1024 * 1024;

/**
 * Finds the packages that bring `sonames`, and what those libraries need that
 * neither the machine nor the sandbox has in a sufficient version (the whole
 * DT_NEEDED closure).
 */
export async function findExtraLibraries(
  sonames: readonly string[],
  base: Libraries,
  search: LibrarySearch,
  context: CacheContext,
): Promise<FoundLibraries> {
  const libraries = new Map(base);
  const packages: IndexedPackage[] = [];
  const missing: string[] = [];
  const queue = [...sonames];
  const seen = new Set<string>();
  for (let soname = queue.shift(); soname !== undefined; soname = queue.shift()) {
    if (libraries.has(soname) || seen.has(soname)) continue;
    seen.add(soname);
    const found = await packageOf(soname, search, context);
    const library = found?.libraries.get(soname);
    if (found === null || library === undefined) {
      missing.push(soname);
      continue;
    }
    packages.push(found.entry);
    for (const [name, facts] of found.libraries)
      if (!libraries.has(name)) libraries.set(name, facts);
    queue.push(...unmetNeeds(library, libraries, search.host));
  }
  return { packages, libraries, missing };
}

/** The version names among `needs` that a library does not define. */
export function lackingVersions(library: ElfFile, needs: readonly string[]): string[] {
  const defined = versionsOf(library);
  return needs.filter((name) => !defined.has(name));
}

function unmetNeeds(library: ElfFile, libraries: Libraries, host: HostLibraries): string[] {
  return library.needed.filter((soname) => {
    if (libraries.has(soname)) return false;
    const present = host(soname);
    if (present === null) return true;
    const need = library.versionNeeds.find((entry) => entry.library === soname);
    const names = need?.versions.filter(({ weak }) => !weak).map(({ name }) => name) ?? [];
    return lackingVersions(present, names).length > 0;
  });
}

async function packageOf(
  soname: string,
  search: LibrarySearch,
  context: CacheContext,
): Promise<{ entry: IndexedPackage; libraries: Libraries } | null> {
  const tried = new Set<string>();
  const attempt = async (
    names: readonly string[],
  ): Promise<{ entry: IndexedPackage; libraries: Libraries } | null> => {
    for (const name of names) {
      const entry = search.index.get(name);
      if (entry === undefined || tried.has(name)) continue;
      tried.add(name);
      const libraries = await inspectPackage(search.release.source, entry, context);
      if (libraries.has(soname)) return { entry, libraries };
    }
    return null;
  };
  const byName =
    (await attempt(packageNames(soname))) ?? (await attempt(similarNames(soname, search.index)));
  if (byName !== null) return byName;
  context.job.emit({ type: 'note', note: message('sandbox.note.searching', { soname }) });
  return await attempt(
    search.release.source.kind === 'archive'
      ? await namesFromContents(soname, search, context)
      : await namesFromPackages(soname, search, context),
  );
}

/**
 * The names a Debian package with this library may have: the soname without `.so.`,
 * with a dash where two digits would meet (Policy 8.1; the rule is lintian's), and
 * the `t64` name of the 64-bit time_t transition.
 */
export function packageNames(soname: string): string[] {
  const name = soname
    .toLowerCase()
    .replace(/(\d)\.so\./, '$1-')
    .replace(/\.so(\.|$)/, '')
    .replaceAll('_', '-');
  return [name, `${name}t64`];
}

/**
 * Packages whose name is the soname's but for digits and separators (a package keeps
 * its old number when a library's soname returns to it: `libcurl3t64-gnutls` ships
 * `libcurl-gnutls.so.4`), then those with the beginning of its name and the same
 * number (`libicu76` ships `libicuuc.so.76`).
 * A guess that spares the large file list; what is unpacked decides.
 */
export function similarNames(soname: string, index: PackageIndex): string[] {
  const wanted = lettersOf(soname.replace(/\.so(\..*)?$/, ''));
  const number = /\.so\.(\d+)/.exec(soname)?.[1] ?? '';
  const names = [...index.keys()];
  const same = names.filter((name) => lettersOf(name) === wanted);
  const shorter = names.filter(
    (name) =>
      name.replace(/t64$/, '').endsWith(number) &&
      lettersOf(name).length > 'lib'.length + 1 &&
      wanted.startsWith(lettersOf(name)),
  );
  return [...new Set([...same, ...shorter])].slice(0, MOST_GUESSES);
}

function lettersOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/t64\b/, '')
    .replace(/[^a-z+]/g, '');
}

/** Looks a library up in the archive's signed list of all files (Contents-ARCH). */
async function namesFromContents(
  soname: string,
  { release, architecture }: LibrarySearch,
  context: CacheContext,
): Promise<string[]> {
  const name = `main/Contents-${architecture}.gz`;
  const listed = release.files.get(name);
  if (listed === undefined) return [];
  const addresses = [new URL(name, release.base)];
  if (release.byHash) {
    addresses.unshift(new URL(`main/by-hash/SHA256/${listed.sha256}`, release.base));
  }
  const path = await obtain({ name, ...listed, addresses }, context);
  if (path === null) {
    throw new DevmendError('source-package-missing', {
      package: name,
      address: publicAddress(release.base),
    });
  }
  const names = new Set<string>();
  const text = decompress(createReadStream(path), 'gz', LARGEST_CONTENTS).setEncoding('utf8');
  let rest = '';
  for await (const chunk of text) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // "usr/lib/x86_64-linux-gnu/libfoo.so.1   libs/libfoo1,libs/libfoo1-alt"
      const [file, places] = line.includes(`/${soname} `) ? line.split(/\s+/) : [];
      if (file === undefined || !file.endsWith(`/${soname}`)) continue;
      for (const place of (places ?? '').split(',')) names.add(posix.basename(place));
    }
  }
  return [...names].sort();
}

/** Looks into every package of a directory source. */
async function namesFromPackages(
  soname: string,
  { release, index }: LibrarySearch,
  context: CacheContext,
): Promise<string[]> {
  const names: string[] = [];
  for (const entry of index.values()) {
    const file = await obtainPackage(release.source, entry, context);
    const limit = unpackLimit(entry.installedBytes);
    const inside = await listDeb(file, { limit, signal: context.job.signal });
    if (inside.some((path) => posix.basename(path) === soname)) names.push(entry.name);
  }
  return names.sort();
}
