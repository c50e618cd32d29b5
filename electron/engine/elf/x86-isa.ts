import { PT } from './constants.ts';
import type { ByteReader } from './source.ts';
import type { Segment } from './types.ts';

const NT_GNU_PROPERTY_TYPE_0 = 5;
const GNU_PROPERTY_X86_ISA_1_NEEDED = 0xc0008002;
/** The loader passes over notes of any other alignment in 64-bit files. */
const ALIGNMENT = 8;
/** Notes that hold the property are some 32 bytes long. */
const MOST_BYTES = 4096;

/**
 * The levels of the x86-64 architecture that a 64-bit file says it needs, one bit a
 * level (1 the baseline, 2, 4 and 8 those above it); 0 where it says nothing. As in
 * `_dl_process_property_note` of glibc's sysdeps/x86/dl-prop.h, which asks the property
 * segment, or the last note segment where there is none.
 */
export function readX86Isa(reader: ByteReader, segments: readonly Segment[]): number {
  const aligned = segments.filter(({ align, filesz }) => align === ALIGNMENT && filesz >= 16);
  const segment =
    aligned.find((one) => one.type === PT.GNU_PROPERTY) ??
    aligned.reverse().find((one) => one.type === PT.NOTE);
  if (segment === undefined) return 0;
  const end = segment.offset + Math.min(segment.filesz, MOST_BYTES);
  for (let place = segment.offset; place + 16 <= end;) {
    const nameSize = reader.u32(place);
    const size = reader.u32(place + 4);
    const data = roundUp(place + 12 + nameSize - segment.offset) + segment.offset;
    if (data + size > end) return 0;
    if (nameSize === 4 && reader.u32(place + 8) === NT_GNU_PROPERTY_TYPE_0) {
      return size % ALIGNMENT === 0 ? neededIsa(reader, data, data + size) : 0;
    }
    place = roundUp(data + size - segment.offset) + segment.offset;
  }
  return 0;
}

/** Properties stand in the order of their types; one that is cut off ends them. */
function neededIsa(reader: ByteReader, start: number, end: number): number {
  let last = 0;
  for (let place = start; place + 8 <= end;) {
    const type = reader.u32(place);
    const size = reader.u32(place + 4);
    if (type < last || place + 8 + size > end) return 0;
    if (type === GNU_PROPERTY_X86_ISA_1_NEEDED) {
      return size === 4 ? reader.u32(place + 8) : 0;
    }
    last = type;
    place += 8 + roundUp(size);
  }
  return 0;
}

function roundUp(value: number): number {
  return Math.ceil(value / ALIGNMENT) * ALIGNMENT;
}
