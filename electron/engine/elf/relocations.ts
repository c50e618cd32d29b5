import { DT, EM } from './constants.ts';
import { lastValue } from './dynamic.ts';
import { requireOffset } from './header.ts';
import { withFile, type ByteReader, type ByteSource } from './source.ts';
import { ElfFault, type ElfFile, type ElfResult } from './types.ts';

/** When the loader looks a symbol up. */
export interface SymbolUses {
  /** Symbol indexes that a data relocation needs before the program starts. */
  readonly atStart: ReadonlySet<number>;
  /**
   * Symbol indexes whose data is copied into this program at start (R_*_COPY): the
   * program defines them, but some library must define them too.
   */
  readonly copied: ReadonlySet<number>;
  /** Symbol indexes of the procedure linkage table: looked up on first call unless bound now. */
  readonly onCall: ReadonlySet<number>;
}

/** R_X86_64_COPY and its like; the numbers are those of each architecture's ABI. */
const COPY_TYPES: Readonly<Record<number, number>> = {
  [EM.X86_64]: 5,
  [EM.I386]: 5,
  [EM.AARCH64]: 1024,
  [EM.ARM]: 20,
  [EM.PPC64]: 19,
  [EM.S390]: 9,
};

const MOST_RELOCATIONS = 8_000_000;

/** The highest symbol index that a relocation names; 0 where none does. */
export function highestSymbolUsed(reader: ByteReader, elf: ElfFile): number {
  const value = (tag: number): number => lastValue(elf.dynamic?.entries ?? [], tag) ?? 0;
  const wide = elf.class === 'ELF64';
  const word = wide ? 8 : 4;
  const withAddend = value(DT.PLTREL) === DT.RELA;
  let highest = 0;
  for (const [start, size, words] of [
    [value(DT.RELA), value(DT.RELASZ), 3],
    [value(DT.REL), value(DT.RELSZ), 2],
    [value(DT.JMPREL), value(DT.PLTRELSZ), withAddend ? 3 : 2],
  ] as const) {
    const entry = words * word;
    const count = start === 0 ? 0 : Math.min(Math.floor(size / entry), MOST_RELOCATIONS);
    const offset = count === 0 ? 0 : requireOffset(elf.segments, start, 'a relocation table', 0);
    for (let index = 0; index < count; index += 1) {
      const at = reader.at(offset + index * entry, entry, 65536);
      const { view, littleEndian } = reader;
      highest = Math.max(
        highest,
        wide
          ? view.getUint32(at + (littleEndian ? 12 : 8), littleEndian)
          : view.getUint32(at + 4, littleEndian) >>> 8,
      );
    }
  }
  return highest;
}

/**
 * Which of the `wanted` symbol indexes the relocations of a file use, and when;
 * and every symbol that is copied.
 * Relative relocations name no symbol; DT_RELR holds only those.
 */
export function readSymbolUses(
  file: string | ByteSource,
  elf: ElfFile,
  wanted: ReadonlySet<number>,
): ElfResult<SymbolUses> {
  return withFile(file, (reader) => {
    reader.littleEndian = elf.littleEndian;
    const atStart = new Set<number>();
    const onCall = new Set<number>();
    const copied = new Set<number>();
    const copy = COPY_TYPES[elf.machine] ?? -1;
    const entries = elf.dynamic?.entries ?? [];
    const value = (tag: number): number => lastValue(entries, tag) ?? 0;
    const wide = elf.class === 'ELF64';
    const scan = (
      start: number,
      size: number,
      addend: boolean,
      relative: number,
      into: Set<number>,
    ): void => {
      if (start === 0 || size === 0) {
        return;
      }
      const entry = (wide ? 16 : 8) + (addend ? (wide ? 8 : 4) : 0);
      const count = Math.floor(size / entry);
      if (count > MOST_RELOCATIONS) {
        throw new ElfFault('too-complex', elf.dynamic?.offset ?? 0, `${count} relocations`);
      }
      const offset = requireOffset(elf.segments, start, 'a relocation table', 0);
      // The linker sorts the relative ones, which name no symbol, to the front and counts them.
      for (let index = relative; index < count; index += 1) {
        const at = reader.at(offset + index * entry, entry, 65536);
        const { view, littleEndian } = reader;
        // ELF64 keeps the symbol in the upper word of r_info, ELF32 in the upper 24 bits.
        const symbol = wide
          ? view.getUint32(at + (littleEndian ? 12 : 8), littleEndian)
          : view.getUint32(at + 4, littleEndian) >>> 8;
        if (symbol === 0) {
          continue;
        }
        const type = wide
          ? view.getUint32(at + (littleEndian ? 8 : 12), littleEndian)
          : view.getUint32(at + 4, littleEndian) & 0xff;
        if (type === copy) {
          copied.add(symbol);
        } else if (wanted.has(symbol)) {
          into.add(symbol);
        }
      }
    };
    scan(value(DT.RELA), value(DT.RELASZ), true, value(DT.RELACOUNT), atStart);
    scan(value(DT.REL), value(DT.RELSZ), false, value(DT.RELCOUNT), atStart);
    scan(value(DT.JMPREL), value(DT.PLTRELSZ), value(DT.PLTREL) === DT.RELA, 0, onCall);
    return { atStart, copied, onCall };
  });
}
