/** A number in an ELF file that something is read from. */
export interface ElfField {
  readonly at: number;
  readonly width: 1 | 2 | 4 | 8;
}

/** The numbers of an ELF file by what they belong to; and its byte order. */
export interface ElfFields {
  readonly little: boolean;
  readonly groups: readonly (readonly ElfField[])[];
}

interface View {
  readonly bytes: Buffer;
  readonly little: boolean;
  readonly wide: boolean;
}

const HEADER = {
  wide: [4, 5, 6, 16, 18, 20, 24, 32, 40, 48, 52, 54, 56, 58, 60, 62],
  narrow: [4, 5, 6, 16, 18, 20, 24, 28, 32, 36, 40, 42, 44, 46, 48, 50],
};
/** Tags whose value is the address of a table, with the size of what is at its start. */
const TABLES = [4, 5, 6, 7, 17, 23, 0x6ffffef5, 0x6ffffff0, 0x6ffffffc, 0x6ffffffe];
const MOST = 512;

/**
 * Where the numbers of a (well-formed) ELF file lie: header, program headers, dynamic
 * entries, the first of each table that the dynamic section names, and notes. A
 * reading of its own, so that a mistake in the engine's is not repeated here.
 */
export function elfFields(bytes: Buffer): ElfFields {
  const little = bytes[5] !== 2;
  const view: View = { bytes, little, wide: bytes[4] === 2 };
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return { little, groups: [] };
  const { wide } = view;
  const header = (wide ? HEADER.wide : HEADER.narrow).map((at) => field(at, headerWidth(at, wide)));
  const segments = segmentsOf(view);
  const phdrs = segments.flatMap(({ at }) =>
    wide
      ? [0, 4]
          .map((add) => field(at + add, 4))
          .concat([8, 16, 32, 40, 48].map((add) => field(at + add, 8)))
      : [0, 4, 8, 16, 20, 24, 28].map((add) => field(at + add, 4)),
  );
  const dynamic = segments.find(({ type }) => type === 2);
  const entries = dynamic === undefined ? [] : dynamicEntries(view, dynamic.offset, dynamic.size);
  const size = wide ? 8 : 4;
  const tables = entries
    .filter(({ tag }) => TABLES.includes(tag))
    .map(({ value }) => wordsAt(view, offsetOf(segments, value)));
  const notes = segments
    .filter(({ type }) => type === 4)
    .map(({ offset }) => wordsAt(view, offset, 16));
  const groups = [
    header,
    phdrs,
    entries.flatMap(({ at }) => [field(at, size), field(at + size, size), field(at + size, size)]),
    ...tables,
    ...notes,
  ];
  return { little, groups: groups.filter((group) => group.length > 0) };
}

function field(at: number, width: ElfField['width']): ElfField {
  return { at, width };
}

function headerWidth(at: number, wide: boolean): ElfField['width'] {
  if (at < 16) return 1;
  if (at === 20 || at === (wide ? 48 : 36)) return 4;
  if (at >= 24 && at < (wide ? 48 : 36)) return wide ? 8 : 4;
  return 2;
}

interface Segment {
  readonly at: number;
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function segmentsOf(view: View): Segment[] {
  const { wide } = view;
  const start = word(view, wide ? 32 : 28);
  const count = Math.min(read(view, wide ? 56 : 44, 2), 64);
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * (wide ? 56 : 32);
    return {
      at,
      type: read(view, at, 4),
      offset: word(view, at + (wide ? 8 : 4)),
      address: word(view, at + (wide ? 16 : 8)),
      size: word(view, at + (wide ? 32 : 16)),
    };
  });
}

function dynamicEntries(
  view: View,
  offset: number,
  size: number,
): { at: number; tag: number; value: number }[] {
  const width = view.wide ? 8 : 4;
  const count = Math.min(Math.floor(size / (2 * width)), MOST);
  return Array.from({ length: count }, (_, index) => {
    const at = offset + index * 2 * width;
    return { at, tag: word(view, at), value: word(view, at + width) };
  });
}

/** The first words of a table, as halves and quarters too: records mix widths. */
function wordsAt({ bytes }: View, offset: number, count = 96): ElfField[] {
  if (offset < 0) return [];
  const fields: ElfField[] = [];
  for (let at = offset; at < Math.min(offset + count * 4, bytes.length - 8); at += 4) {
    fields.push(field(at, 4), field(at, 2), field(at + 2, 2));
  }
  return fields;
}

function offsetOf(segments: readonly Segment[], address: number): number {
  const load = segments.find(
    ({ type, address: start, size }) => type === 1 && address >= start && address < start + size,
  );
  return load === undefined ? -1 : load.offset + address - load.address;
}

function word(view: View, at: number): number {
  return view.wide
    ? read(view, at + (view.little ? 4 : 0), 4) * 2 ** 32 +
        read(view, at + (view.little ? 0 : 4), 4)
    : read(view, at, 4);
}

function read({ bytes, little }: View, at: number, width: 2 | 4): number {
  if (at < 0 || at + width > bytes.length) return 0;
  return little ? bytes.readUIntLE(at, width) : bytes.readUIntBE(at, width);
}
