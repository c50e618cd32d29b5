import * as fs from 'node:fs';
import * as path from 'node:path';
import { readGoProgramInfo } from '../../../electron/engine/elf/go-build-info.ts';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { readElf } from '../../../electron/engine/elf/read.ts';
import { readSymbolUses } from '../../../electron/engine/elf/relocations.ts';
import { dependencyDot, elfReport } from '../../../electron/engine/elf/report.ts';
import { bytesSource } from '../../../electron/engine/elf/source.ts';
import { checkEditedElf } from '../../../electron/engine/elf/structure.ts';
import { readDynamicSymbols } from '../../../electron/engine/elf/symbols.ts';
import { dependencyReportSchema, elfReportSchema } from '../../../shared/elf.ts';
import { elfMutators } from '../mutate-elf.ts';
import { LARGEST_FILE, seedsIn, type Target } from '../target.ts';

/** Header, dynamic table, versions, notes, symbols, relocations and Go build information. */
export const elf: Target = {
  name: 'elf',
  about: 'ELF facts, symbols, relocations, Go build information',
  seeds: seedsIn('elf'),
  mutators: elfMutators,
  largest: LARGEST_FILE,
  runs: 80_000,
  open: () => (bytes) => {
    const source = bytesSource(bytes);
    const read = readElf(source);
    if (!read.ok) return;
    const symbols = readDynamicSymbols(source, read.value);
    const wanted = symbols.ok ? symbols.value.undefined.map(({ index }) => index) : [1, 2, 3];
    readSymbolUses(source, read.value, new Set(wanted));
    readGoProgramInfo(source, read.value);
  },
};

/** `devmend elf` of a file, and the check of an edited file against its original. */
export const structure: Target = {
  name: 'structure',
  about: 'the report on a file; an edited file against its original',
  seeds: seedsIn('elf'),
  mutators: elfMutators,
  largest: LARGEST_FILE,
  runs: 12_000,
  open: (directory, seedDirectory) => {
    const edited = path.join(directory, 'edited');
    return async (bytes, seed) => {
      const original = path.join(seedDirectory, 'elf', seed);
      fs.writeFileSync(edited, bytes);
      elfReportSchema.parse(await elfReport([edited]));
      checkEditedElf(original, edited, {});
      checkEditedElf(edited, original, { rpath: ['/a'], interpreter: '/b' });
    };
  },
};

/**
 * A whole simulated start in which one file is not what it should be: the program, a
 * library that it needs, the C library or the loader.
 */
export const loader: Target = {
  name: 'loader',
  about: 'the simulated start of a program with one hostile file',
  seeds: seedsIn('elf'),
  mutators: elfMutators,
  largest: LARGEST_FILE,
  runs: 16_000,
  open: (directory, seedDirectory) => {
    const root = rootIn(directory, path.join(seedDirectory, 'support'));
    return (bytes, seed) => {
      const place =
        seed === 'loader' ? root.loader : seed.startsWith('lib') ? root.library : '/bin/program';
      const restore = root.put(place, bytes);
      const report = new LoaderSession(directory).simulate(
        place === '/bin/program' ? place : '/bin/needs-libfuzz',
      );
      dependencyReportSchema.parse(report);
      dependencyDot(report);
      restore();
    };
  },
};

/** A root directory with a loader, a C library, and a program that needs `libfuzz.so`. */
function rootIn(
  directory: string,
  support: string,
): { loader: string; library: string; put: (place: string, bytes: Buffer) => () => void } {
  const program = readElf(path.join(support, 'needs-libfuzz'));
  const interpreter = program.ok ? program.value.interpreter : null;
  if (interpreter === null) throw new Error('the program of the loader target has no interpreter');
  const copy = (from: string, place: string): void => {
    fs.mkdirSync(path.dirname(path.join(directory, place)), { recursive: true });
    fs.copyFileSync(from, path.join(directory, place));
  };
  copy(path.join(support, 'needs-libfuzz'), '/bin/needs-libfuzz');
  copy(path.join(support, 'loader'), interpreter);
  copy(path.join(support, '../elf/libc.so.6'), '/lib/libc.so.6');
  return {
    loader: interpreter,
    library: '/lib/libfuzz.so',
    put: (place, bytes) => {
      fs.writeFileSync(path.join(directory, place), bytes);
      return () => {
        if (place === interpreter) copy(path.join(support, 'loader'), interpreter);
      };
    },
  };
}
