import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { readElf } from '../elf/read.ts';
import type { ElfFile } from '../elf/types.ts';
import type { Architecture } from './layout.ts';

/** e_machine of each architecture (ELF gABI, chapter 4). */
const MACHINES: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183 };
const TRIPLETS: Readonly<Record<Architecture, string>> = {
  amd64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
};

/** Looks up what the machine itself has under a soname; null when it has nothing usable. */
export type HostLibraries = (soname: string) => ElfFile | null;

/**
 * The libraries that a program in a sandbox would still take from the machine:
 * those in the default directories of a Debian loader and of the others.
 */
export function hostLibraries(root: string, architecture: Architecture): HostLibraries {
  const triplet = TRIPLETS[architecture];
  const directories = ['lib', 'usr/lib'].flatMap((base) => [
    `${base}/${triplet}`,
    `${base}64`,
    base,
  ]);
  const known = new Map<string, ElfFile | null>();
  return (soname) => {
    const before = known.get(soname);
    if (before !== undefined) return before;
    const found = soname.includes('/') ? null : find(root, directories, soname);
    const usable = found?.machine === MACHINES[architecture] ? found : null;
    known.set(soname, usable);
    return usable;
  };
}

function find(root: string, directories: readonly string[], soname: string): ElfFile | null {
  for (const directory of directories) {
    try {
      const facts = readElf(realpathSync(join(root, directory, soname)));
      if (facts.ok) return facts.value;
    } catch {
      // Not in this directory.
    }
  }
  return null;
}
