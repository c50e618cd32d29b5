import type { DependencyReport } from '../../../../shared/elf.ts';
import { DT } from '../constants.ts';
import { lastValue } from '../dynamic.ts';
import type { ElfFile } from '../types.ts';
import type { Mapped } from './mapped.ts';
import type { LoaderPlaces } from './search.ts';

type Reason = NonNullable<DependencyReport['reason']>;

/** An object that ends the start though everything it needs was found. */
export interface Refusal {
  readonly reason: Extract<Reason, 'relr-unmarked' | 'processor-level'>;
  /** Path of the object. */
  readonly path: string;
}

/** The first of these objects that the loader does not start with, or null. */
export function firstRefusal(
  mapped: Iterable<Mapped>,
  places: Pick<LoaderPlaces, 'constants' | 'isa'>,
): Refusal | null {
  for (const { object, path } of mapped) {
    const { elf } = object;
    if (elf.relr && losesRelr(elf, places.constants.relr)) {
      return { reason: 'relr-unmarked', path };
    }
    // `dl_isa_level_check` in sysdeps/x86/dl-prop.h; --list does not make it.
    if (places.isa !== null && (elf.isaNeeded & ~places.isa) !== 0) {
      return { reason: 'processor-level', path };
    }
  }
  return null;
}

const RELR_VERSION = 'GLIBC_ABI_DT_RELR';

/**
 * Whether packed relative relocations of an object that no version need speaks of are
 * refused (`_dl_check_map_versions` in elf/dl-version.c), or left undone by a loader that
 * does not know them: its first constructor then leads to nowhere. Where a need speaks of
 * them, an older glibc lacks that version.
 */
function losesRelr(elf: ElfFile, relr: LoaderPlaces['constants']['relr']): boolean {
  const needs = elf.versionNeeds;
  if (needs.some(({ versions }) => versions.some((one) => one.name === RELR_VERSION))) {
    return false;
  }
  switch (relr) {
    case 'refuses-unmarked':
      return needs.length > 0 && elf.needed.some((name) => name.startsWith('libc.so.'));
    case 'ignores':
      return lastValue(elf.dynamic?.entries ?? [], DT.INIT_ARRAY) !== undefined;
    case 'applies':
      return false;
  }
}
