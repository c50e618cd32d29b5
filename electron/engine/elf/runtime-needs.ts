import type { ForcedNeed } from '../../../shared/component.ts';
import { readElf } from './read.ts';
import { readDynamicSymbols, type DynamicSymbol } from './symbols.ts';
import type { ElfFile } from './types.ts';

/** A file of a process: where it lies inside the root, and for this process. */
export interface ObjectPlace {
  readonly path: string;
  readonly hostPath: string;
}

/** Version families of glibc, libgcc and libstdc++. */
const RUNTIME_VERSION = /^(?:GLIBC|GLIBCXX|CXXABI|GCC)_/;

/** Symbols named for one version: enough to convince, and a snapshot stays small. */
const MOST_SYMBOLS = 8;

/**
 * The versions of the C and C++ runtime that these files cannot do without (weak
 * needs do not stop a program, so they are left out), each with the symbols that
 * carry it. Files that cannot be read are left out: their own report says so.
 */
export function runtimeNeeds(places: readonly ObjectPlace[]): ForcedNeed[] {
  return places.flatMap(({ path, hostPath }) => {
    const elf = readElf(hostPath);
    return elf.ok ? needsOfFile(elf.value, path, hostPath) : [];
  });
}

function needsOfFile(elf: ElfFile, path: string, hostPath: string): ForcedNeed[] {
  const wanted = elf.versionNeeds.flatMap(({ library, versions }) =>
    versions
      .filter(({ name, weak }) => !weak && RUNTIME_VERSION.test(name))
      .map(({ name }) => ({ library, version: name })),
  );
  if (wanted.length === 0) return [];
  const symbols = readDynamicSymbols(hostPath, elf);
  // A program's copy of a library's data is defined in both, under the library's version.
  const names = namesByVersion(
    symbols.ok ? [...symbols.value.undefined, ...symbols.value.defined] : [],
  );
  return wanted.map((need) => ({
    ...need,
    symbols: mostTelling(names.get(`${need.library} ${need.version}`) ?? []),
    requiredBy: path,
  }));
}

/** Every program calls `__libc_start_main`: where that one is new, nothing else need be said. */
function mostTelling(names: readonly string[]): string[] {
  const first = names.filter((name) => name === '__libc_start_main');
  const rest = names.filter((name) => name !== '__libc_start_main').sort();
  return [...new Set([...first, ...rest])].slice(0, MOST_SYMBOLS);
}

function namesByVersion(symbols: readonly DynamicSymbol[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { name, version, library } of symbols) {
    if (version === null || library === null) continue;
    const key = `${library} ${version}`;
    const known = names.get(key);
    if (known === undefined) names.set(key, [name]);
    else known.push(name);
  }
  return names;
}
