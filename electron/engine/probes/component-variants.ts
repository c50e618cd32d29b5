import { basename, dirname } from 'node:path';
import type { Component } from '../../../shared/component.ts';
import { triesAllBuilds } from '../data/component-roles.ts';
import type { ElfFile } from '../elf/types.ts';
import type { NativeFile } from './component-files.ts';

/** The process that would load: machine and C library as its own ELF file says. */
export interface Host {
  readonly machine: number;
  readonly elfClass: ElfFile['class'];
  readonly libc: ElfFile['libc'];
  /** Electron, or the plain Node of a server. */
  readonly runtime: 'electron' | 'node';
}

/** Where a file lies as a part of a package. */
export interface Belonging {
  /** `node-pty`, `@parcel/watcher`; empty outside node_modules. */
  readonly name: string;
  /** The package's directory. */
  readonly directory: string;
  /** Path inside it. */
  readonly inside: string;
}

type Variant = Component['variant'];

/** The innermost package of a path below node_modules (or its unpacked twin). */
export function packageOf(path: string, top: string): Belonging {
  const parts = path.split('/');
  let at = parts.length - 1;
  while (at > 0 && !/^node_modules(\.asar\.unpacked)?$/.test(parts[at] ?? '')) at -= 1;
  if (at === 0) return { name: '', directory: top, inside: path.slice(top.length + 1) };
  const end = at + ((parts[at + 1] ?? '').startsWith('@') ? 3 : 2);
  return {
    name: parts.slice(at + 1, end).join('/'),
    directory: parts.slice(0, end).join('/'),
    inside: parts.slice(end).join('/'),
  };
}

/**
 * Which of the files of one tree the host would load. Machine and libc are read
 * from the files; of several builds of one module that fit, the first by the rules
 * of node-pty, `bindings` and node-gyp-build: build/Release, build/Debug, then
 * prebuilds for this runtime. Where the package tries one after the other, the
 * first that `works` counts.
 */
export function variantsOf(
  found: readonly NativeFile[],
  top: string,
  host: Host,
  works: (file: NativeFile) => boolean,
): ReadonlyMap<NativeFile, Variant> {
  const variants = new Map(found.map((file) => [file, ownVariant(file, host)] as const));
  separateByLibc(found, top, host, variants);
  for (const group of buildsOfOneModule(found, top, variants)) {
    const inOrder = [...group].sort(
      (a, b) => rankOf(a.inside, host) - rankOf(b.inside, host) || (a.inside < b.inside ? 1 : -1),
    );
    const { name } = packageOf(group[0]?.file.path ?? '', top);
    const used = triesAllBuilds(name) ? inOrder.find(({ file }) => works(file)) : undefined;
    const taken = used ?? inOrder[0];
    for (const build of group) if (build !== taken) variants.set(build.file, 'superseded');
  }
  return variants;
}

function ownVariant({ elf, problem }: NativeFile, host: Host): Variant {
  if (elf === null) return problem === null ? 'other-system' : 'loads';
  const fits = elf.machine === host.machine && elf.class === host.elfClass;
  return fits ? 'loads' : 'foreign-architecture';
}

/**
 * A build for the other C library is passed over where there is one for this
 * libc, or where its name says which it is for. One that stands alone and claims
 * nothing would be loaded, and fail.
 */
function separateByLibc(
  found: readonly NativeFile[],
  top: string,
  host: Host,
  variants: Map<NativeFile, Variant>,
): void {
  const other = host.libc === 'musl' ? 'glibc' : 'musl';
  const plain = (file: NativeFile): string => file.path.slice(top.length).replace(LIBC_IN_NAME, '');
  const fitting = new Set(
    found
      .filter((file) => variants.get(file) === 'loads' && file.elf?.libc !== other)
      .map((file) => plain(file)),
  );
  const says = other === 'musl' ? /musl|alpine/ : /glibc|gnu/;
  for (const file of found) {
    if (variants.get(file) !== 'loads' || file.elf?.libc !== other) continue;
    const relative = file.path.slice(top.length);
    if (says.test(relative) || fitting.has(plain(file))) variants.set(file, 'other-libc');
  }
}

const LIBC_IN_NAME = /[-.]?(musl|glibc|gnu|alpine)/g;

interface Build {
  readonly file: NativeFile;
  readonly inside: string;
}

const BUILD_PLACES =
  /^(?:build\/|out\/(?:Release|Debug)\/|lib\/binding\/[^/]+\/|prebuilds\/[^/]+\/|bin\/linux-[^/]+\/)/;

/** Modules that fit and are the same one by package and name, where there are several. */
function buildsOfOneModule(
  found: readonly NativeFile[],
  top: string,
  variants: ReadonlyMap<NativeFile, Variant>,
): readonly (readonly Build[])[] {
  const groups = new Map<string, Build[]>();
  for (const file of found) {
    if (variants.get(file) !== 'loads' || !file.path.endsWith('.node')) continue;
    const { directory, inside } = packageOf(file.path, top);
    if (!BUILD_PLACES.test(inside)) continue;
    const key = `${directory} ${moduleName(inside)}`;
    groups.set(key, [...(groups.get(key) ?? []), { file, inside }]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

const TAGS = /^(?:node|electron|napi|abi\d+|uv\d+|armv\d+|musl|glibc)$/;

/** The module's name without node-gyp-build's tags; a prebuild may consist of nothing else. */
function moduleName(inside: string): string {
  const words = basename(inside, '.node')
    .split('.')
    .filter((word) => !TAGS.test(word));
  return words.join('.');
}

function rankOf(inside: string, host: Host): number {
  const place = ['build/Release/', 'build/Debug/', 'build/', 'out/', 'lib/binding/', 'prebuilds/'];
  const at = place.findIndex((prefix) => inside.startsWith(prefix));
  const tags = basename(inside, '.node').split('.');
  const otherRuntime = host.runtime === 'electron' ? 'node' : 'electron';
  return (
    (at < 0 ? place.length : at) * 10 +
    (tags.includes(otherRuntime) && !inside.startsWith('build/') ? 4 : 0) +
    (tags.includes('napi') || !tags.some((tag) => /^abi\d+$/.test(tag)) ? 0 : 1)
  );
}

/** The folder of a built-in extension, by a path below the directory that holds them all. */
export function folderBelow(path: string, top: string): string {
  return path.slice(top.length + 1).split('/')[0] ?? basename(dirname(path));
}
