import { DT } from './constants.ts';
import { requireOffset } from './header.ts';
import type { ByteReader } from './source.ts';
import { ElfFault, type DynamicTable, type Segment } from './types.ts';

/** The dynamic table with its values sorted out and the string table found. */
export interface DynamicFacts {
  readonly table: DynamicTable;
  /** Value of each single-valued tag; the last one wins, as in the loader. */
  readonly value: (tag: number) => number | undefined;
  readonly strings: StringTable | null;
  /** String table offsets of DT_NEEDED, in order. */
  readonly needed: readonly number[];
  /** The same of DT_FILTER and DT_AUXILIARY, which may be missing. */
  readonly filters: readonly { readonly name: number; readonly optional: boolean }[];
}

/** Where the dynamic strings lie in the file. */
export interface StringTable {
  readonly offset: number;
  readonly size: number;
}

/** The largest seen in the wild has some 100 entries. */
const MOST_ENTRIES = 4096;

/** Reads the table at PT_DYNAMIC up to its DT_NULL. */
export function readDynamic(
  reader: ByteReader,
  segments: readonly Segment[],
  dynamic: Segment,
  wide: boolean,
): DynamicFacts {
  const entry = wide ? 16 : 8;
  const count = Math.min(Math.floor(dynamic.filesz / entry), MOST_ENTRIES);
  const entries: number[] = [];
  const needed: number[] = [];
  const filters: { name: number; optional: boolean }[] = [];
  let index = count === 0 ? 0 : reader.at(dynamic.offset, entry * count, 1024);
  for (let left = count; left > 0; left -= 1, index += entry) {
    const tag = wide ? reader.wide(index) : reader.view.getUint32(index, reader.littleEndian);
    if (tag === DT.NULL) {
      break;
    }
    const value = wide
      ? reader.wide(index + 8)
      : reader.view.getUint32(index + 4, reader.littleEndian);
    entries.push(tag, value);
    if (tag === DT.NEEDED) {
      needed.push(value);
    } else if (tag === DT.FILTER || tag === DT.AUXILIARY) {
      filters.push({ name: value, optional: tag === DT.AUXILIARY });
    }
  }
  const value = (tag: number): number | undefined => lastValue(entries, tag);
  const address = value(DT.STRTAB);
  const size = value(DT.STRSZ) ?? 0;
  return {
    table: { offset: dynamic.offset, size: dynamic.filesz, entries },
    value,
    needed,
    filters,
    strings:
      address === undefined
        ? null
        : { offset: requireOffset(segments, address, 'DT_STRTAB', dynamic.offset), size },
  };
}

/** The value of `tag` in a flat list of tags and values, or undefined. */
export function lastValue(entries: readonly number[], tag: number): number | undefined {
  for (let index = entries.length - 2; index >= 0; index -= 2) {
    if (entries[index] === tag) {
      return entries[index + 1];
    }
  }
  return undefined;
}

/**
 * Decodes strings of the dynamic string table and bounds how much one file may
 * make us decode (a hostile table can point a thousand entries at one long string).
 */
export class StringDecoder {
  private left = 1_000_000;
  private readonly reader: ByteReader;
  private readonly table: StringTable | null;

  constructor(reader: ByteReader, table: StringTable | null) {
    this.reader = reader;
    this.table = table;
  }

  at(offset: number, where: number): string {
    const table = this.table;
    if (table === null || !(offset < table.size)) {
      throw new ElfFault('malformed', where, `string ${offset} lies outside the string table`);
    }
    const text = this.reader.string(table.offset + offset, table.offset + table.size);
    this.left -= text.length + 16;
    if (this.left < 0) {
      throw new ElfFault('too-complex', where, 'more than a million characters of names');
    }
    return text;
  }
}
