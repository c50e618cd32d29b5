import type { DependencyReport } from '../../../../shared/elf.ts';
import { describeMissing, describeObjects, describeSymbols } from './describe.ts';
import { readMuslPlaces, type MuslPlaces } from './musl-places.ts';
import { MuslProcess } from './musl.ts';
import type { ProcessOptions } from './process.ts';
import type { Candidate, LoadedObject, ObjectStore } from './store.ts';
import { missingUnversioned, type SymbolTables } from './symbol-check.ts';

/** What a simulated start by musl's loader needs to know. */
export interface MuslStart {
  readonly store: ObjectStore;
  readonly tables: SymbolTables;
  readonly interpreter: Extract<Candidate, { kind: 'object' }>;
  readonly options: ProcessOptions & { readonly symbols: boolean };
}

type Loaded = Pick<DependencyReport, 'verdict' | 'reason' | 'objects' | 'missing' | 'symbolErrors'>;

/**
 * What musl's loader would do with a program. Where it was built for glibc and
 * fails, the reason is `musl`: no library added to the system would mend that.
 */
export function simulateMusl(start: MuslStart, program: LoadedObject, path: string): Loaded {
  const { store, tables, interpreter, options } = start;
  const places = readMuslPlaces(store.root, interpreter.path);
  const process = new MuslProcess(store, tables, places, interpreter, options);
  process.run(program, path);
  const missing = [...process.unanswered.values()];
  const symbols =
    options.symbols && missing.length === 0
      ? missingUnversioned(tables, process.mapped, (name) => answersWithout64(name, places))
      : [];
  const denied = missing.some((one) => one.denied);
  const fails = missing.some((one) => !one.denied) || symbols.length > 0;
  const { interpreter: named } = program.elf;
  return {
    verdict: fails ? 'fails' : denied ? 'unknown' : 'starts',
    reason: denied
      ? 'library-unreadable'
      : fails && isForGlibc(program)
        ? 'musl'
        : named === null
          ? 'no-interpreter'
          : null,
    objects: describeObjects(process.mapped.slice(1)),
    missing: describeMissing(missing),
    symbolErrors: describeSymbols(symbols),
  };
}

/** Its interpreter may have been changed to musl's; the versions it asks for tell all the same. */
function isForGlibc({ elf }: LoadedObject): boolean {
  return (
    elf.libc === 'glibc' ||
    elf.versionNeeds.some((need) => need.versions.some((one) => one.name.startsWith('GLIBC_')))
  );
}

/** musl 1.2.4 dropped `open64` and its like, and its loader takes `open` for them instead. */
function answersWithout64(name: string, { lfs64 }: MuslPlaces): boolean {
  return (
    (name.endsWith('64') && lfs64.has(name.slice(0, -2))) ||
    (name === 'readdir64_r' && lfs64.size > 0)
  );
}
