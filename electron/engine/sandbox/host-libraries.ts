import { EM } from '../elf/constants.ts';
import { architectureOf, hostProcessor } from '../elf/loader/architecture.ts';
import { LoaderPlaces } from '../elf/loader/search.ts';
import { ObjectStore } from '../elf/loader/store.ts';
import type { ElfFile } from '../elf/types.ts';
import type { Architecture } from './layout.ts';

const MACHINES: Readonly<Record<Architecture, number>> = { amd64: EM.X86_64, arm64: EM.AARCH64 };

/** Looks up what the machine itself has under a soname; null when it has nothing usable. */
export type HostLibraries = (soname: string) => ElfFile | null;

/**
 * The libraries that a program in a sandbox still takes from the machine: a
 * private loader reads the machine's own `/etc/ld.so.cache` and looks into its
 * default directories once the rpath is exhausted.
 */
export function hostLibraries(root: string, architecture: Architecture): HostLibraries {
  const machine = MACHINES[architecture];
  const loader = architectureOf({ class: 'ELF64', littleEndian: true, machine });
  if (loader === null) return () => null;
  const store = new ObjectStore(root);
  const places = new LoaderPlaces(store, loader.defaultInterpreter, loader, hostProcessor(loader));
  return (soname) => {
    if (soname.includes('/')) return null;
    const { candidate } = places.inDefaults(soname);
    return candidate.kind === 'object' ? candidate.object.elf : null;
  };
}
