import { DT, VERSYM_HIDDEN } from './constants.ts';
import { lastValue } from './dynamic.ts';
import { offsetOf, requireOffset } from './header.ts';
import { highestSymbolUsed } from './relocations.ts';
import { withFile, type ByteReader, type ByteSource } from './source.ts';
import { ElfFault, type DynamicTable, type ElfFile, type ElfResult } from './types.ts';

/** An entry of the dynamic symbol table that other objects can see or must provide. */
export interface DynamicSymbol {
  readonly name: string;
  /** Position in the symbol table; relocations use it. */
  readonly index: number;
  /** Version it carries, or null for none. */
  readonly version: string | null;
  /** The soname its version is expected from; also set on a copy of another object's data. */
  readonly library: string | null;
  readonly weak: boolean;
  /** For a defined symbol: only found by its exact version (`name@V`, not `name@@V`). */
  readonly hidden: boolean;
  /** For a defined symbol: a reference without a version finds it (dl-lookup.c, `check_match`). */
  readonly unversionedToo: boolean;
}

export interface DynamicSymbols {
  readonly undefined: readonly DynamicSymbol[];
  readonly defined: readonly DynamicSymbol[];
  /** The object has a DT_VERSYM; one without matches any version (facts of dl-lookup.c). */
  readonly versioned: boolean;
}

/** The largest libraries (LLVM, Chromium's) stay below 200,000. */
const MOST_SYMBOLS = 1_000_000;
/**
 * Names share their tails, and one name may have several versions; but on average a character
 * of the string table is in few names. A hostile table has every name end in one long string.
 */
const MOST_USES_OF_A_CHARACTER = 16;
const SHN_UNDEF = 0;
const SHN_ABS = 0xfff1;
const STB_LOCAL = 0;
const STB_WEAK = 2;
const STT_TLS = 6;
/** 0 and 1 stand for local and global, 2 for the first version that a library defines. */
const FIRST_VERSION = 2;

/** Is told one symbol after the other; large programs have 100,000, too many to keep as objects. */
export type SymbolVisitor = (symbol: DynamicSymbol, isDefined: boolean) => void;

/** All dynamic symbols of a file that {@link readElf} has read; see {@link visitDynamicSymbols}. */
export function readDynamicSymbols(
  file: string | ByteSource,
  elf: ElfFile,
): ElfResult<DynamicSymbols> {
  const found = { undefined: [] as DynamicSymbol[], defined: [] as DynamicSymbol[] };
  const visited = visitDynamicSymbols(file, elf, (symbol, isDefined) => {
    (isDefined ? found.defined : found.undefined).push(symbol);
  });
  return visited.ok ? { ok: true, value: { ...found, ...visited.value } } : visited;
}

/**
 * Reads the dynamic symbols of a file that {@link readElf} has read. The number
 * of symbols is DT_HASH's chain count, or follows from DT_GNU_HASH's last chain
 * where there is no DT_HASH; section headers are not used.
 */
export function visitDynamicSymbols(
  file: string | ByteSource,
  elf: ElfFile,
  visit: SymbolVisitor,
): ElfResult<Pick<DynamicSymbols, 'versioned'>> {
  return withFile(file, (reader) => {
    reader.littleEndian = elf.littleEndian;
    return elf.dynamic === null
      ? { versioned: false }
      : parseSymbols(reader, elf, elf.dynamic, visit);
  });
}

function parseSymbols(
  reader: ByteReader,
  elf: ElfFile,
  table: DynamicTable,
  visit: SymbolVisitor,
): Pick<DynamicSymbols, 'versioned'> {
  const value = (tag: number): number | undefined => lastValue(table.entries, tag);
  const symtab = value(DT.SYMTAB);
  const strtab = value(DT.STRTAB);
  const versym = value(DT.VERSYM);
  if (symtab === undefined || strtab === undefined) {
    return { versioned: versym !== undefined };
  }
  const place = (address: number, name: string): number =>
    requireOffset(elf.segments, address, name, table.offset);
  const wide = elf.class === 'ELF64';
  const entry = wide ? 24 : 16;
  const count = countSymbols(reader, elf, value);
  if (count > MOST_SYMBOLS || count * entry > elf.size) {
    throw new ElfFault('too-complex', table.offset, `${count} dynamic symbols`);
  }
  const strings = value(DT.STRSZ) ?? 0;
  const names = readNames(reader, place(strtab, 'DT_STRTAB'), strings);
  const symbols = place(symtab, 'DT_SYMTAB');
  const versions =
    versym === undefined ? null : readVersym(reader, place(versym, 'DT_VERSYM'), count);
  const labels = versionLabels(elf);
  let characters = 0;
  for (let index = 1; index < count; index += 1) {
    const at = reader.at(symbols + index * entry, entry, 65536);
    const { view, littleEndian } = reader;
    const info = view.getUint8(at + (wide ? 4 : 12));
    if (info >> 4 === STB_LOCAL) {
      continue;
    }
    const section = view.getUint16(at + (wide ? 6 : 14), littleEndian);
    const address = wide ? reader.wide(at + 8) : view.getUint32(at + 4, littleEndian);
    const name = names(view.getUint32(at, littleEndian), symbols + index * entry);
    characters += name.length;
    if (characters > MOST_USES_OF_A_CHARACTER * strings) {
      throw new ElfFault('too-complex', symbols, 'too many characters of symbol names');
    }
    const version = versions === null ? 1 : (versions[index] as number);
    const undefinedHere = section === SHN_UNDEF;
    const label = labelOf(labels, version & 0x7fff, undefinedHere);
    const symbol: DynamicSymbol = {
      name,
      index,
      version: label?.version ?? null,
      library: label?.library ?? null,
      weak: info >> 4 === STB_WEAK,
      hidden: (version & VERSYM_HIDDEN) !== 0,
      unversionedToo: (version & VERSYM_HIDDEN) === 0 || (version & 0x7fff) <= FIRST_VERSION,
    };
    if (undefinedHere || address !== 0 || section === SHN_ABS || (info & 15) === STT_TLS) {
      visit(symbol, !undefinedHere);
    }
  }
  return { versioned: versions !== null };
}

interface Label {
  readonly version: string;
  readonly library: string | null;
}

function labelOf(
  { needs, defines }: ReturnType<typeof versionLabels>,
  number: number,
  undefinedHere: boolean,
): Label | undefined {
  return (undefinedHere ? undefined : defines.get(number)) ?? needs.get(number);
}

function versionLabels(elf: ElfFile): {
  needs: ReadonlyMap<number, Label>;
  defines: ReadonlyMap<number, Label>;
} {
  const needs = new Map<number, Label>();
  for (const need of elf.versionNeeds) {
    for (const version of need.versions) {
      needs.set(version.index, { version: version.name, library: need.library });
    }
  }
  const defines = new Map<number, Label>();
  for (const define of elf.versionDefines) {
    if (!define.base) {
      defines.set(define.index, { version: define.name, library: null });
    }
  }
  return { needs, defines };
}

function readVersym(reader: ByteReader, start: number, count: number): Uint16Array {
  const versions = new Uint16Array(count);
  for (let index = 0; index < count; index += 1) {
    const at = reader.at(start + index * 2, 2, 65536);
    versions[index] = reader.view.getUint16(at, reader.littleEndian);
  }
  return versions;
}

/** The string table is read whole: symbol names point everywhere into it. */
function readNames(
  reader: ByteReader,
  start: number,
  size: number,
): (offset: number, where: number) => string {
  const MOST_BYTES = 64 * 1024 * 1024;
  if (size > MOST_BYTES) {
    throw new ElfFault('too-complex', start, `a string table of ${size} bytes`);
  }
  if (start + size > reader.source.size) {
    throw new ElfFault('truncated', start, 'the string table ends behind the file');
  }
  const bytes = Buffer.allocUnsafe(size);
  reader.reads += 1;
  if (reader.source.read(bytes, size, start) !== size) {
    throw new ElfFault('truncated', start, 'the string table ends behind the file');
  }
  return (offset, where) => {
    const end = offset < size ? bytes.indexOf(0, offset) : -1;
    if (end < 0) {
      throw new ElfFault('malformed', where, `symbol name ${offset} lies outside the strings`);
    }
    if (end - offset > 65536) {
      throw new ElfFault('malformed', where, 'a symbol name above 64 KiB');
    }
    return bytes.toString('latin1', offset, end);
  };
}

/** How many symbols there are, from the hash tables; 0 where neither is there. */
function countSymbols(
  reader: ByteReader,
  elf: ElfFile,
  value: (tag: number) => number | undefined,
): number {
  const hash = value(DT.HASH);
  if (hash !== undefined) {
    const offset = offsetOf(elf.segments, hash);
    if (offset >= 0) {
      return reader.u32(offset + 4);
    }
  }
  const gnu = value(DT.GNU_HASH);
  return gnu === undefined
    ? 0
    : countByGnuHash(reader, elf, requireOffset(elf.segments, gnu, 'DT_GNU_HASH', 0));
}

/**
 * DT_GNU_HASH names no count: the highest bucket starts the last chain, and the
 * last chain ends at an entry with bit 0 set (binutils, elf/gnu-hash).
 */
function countByGnuHash(reader: ByteReader, elf: ElfFile, start: number): number {
  const buckets = reader.u32(start);
  const first = reader.u32(start + 4);
  const bloom = reader.u32(start + 8);
  const word = elf.class === 'ELF64' ? 8 : 4;
  const bucketStart = start + 16 + bloom * word;
  if (bucketStart + buckets * 4 > reader.source.size) {
    throw new ElfFault('malformed', start, 'DT_GNU_HASH is larger than the file');
  }
  let highest = 0;
  for (let index = 0; index < buckets; index += 1) {
    const at = reader.at(bucketStart + index * 4, 4, 65536);
    highest = Math.max(highest, reader.view.getUint32(at, reader.littleEndian));
  }
  if (highest < first) {
    // For an object that defines nothing GNU ld writes an empty table, which starts at symbol 1.
    return Math.max(first, highestSymbolUsed(reader, elf) + 1);
  }
  const chains = bucketStart + buckets * 4;
  for (let symbol = highest; ; symbol += 1) {
    const at = reader.at(chains + (symbol - first) * 4, 4, 4096);
    if ((reader.view.getUint32(at, reader.littleEndian) & 1) !== 0) {
      return symbol + 1;
    }
  }
}
