import { PT } from './constants.ts';
import type { ByteReader } from './source.ts';
import { ElfFault, type Segment } from './types.ts';

/** The fields of the ELF header that lead anywhere. */
export interface Header {
  readonly wide: boolean;
  readonly osAbi: number;
  readonly abiVersion: number;
  readonly type: number;
  readonly machine: number;
  readonly entry: number;
  readonly programOffset: number;
  readonly programCount: number;
  readonly sectionOffset: number;
  readonly sectionEntry: number;
  readonly sectionCount: number;
}

const MAGIC = 0x7f454c46;
/** Real files have below 20; the kernel refuses tables above one page. */
const MOST_SEGMENTS = 1170;
/** One read that brings header, interpreter, notes and, in small programs, the string tables. */
const HEAD_BYTES = 12288;

/** Reads and checks the ELF header and sets the reader's byte order. */
export function readHeader(reader: ByteReader): Header {
  if (reader.source.size < 52) {
    throw new ElfFault('not-elf', 0, `${reader.source.size} bytes are too few for an ELF header`);
  }
  const at = reader.at(0, 52, HEAD_BYTES);
  const view = reader.view;
  if (view.getUint32(at) !== MAGIC) {
    throw new ElfFault('not-elf', 0, 'no ELF magic');
  }
  const elfClass = view.getUint8(at + 4);
  const order = view.getUint8(at + 5);
  if (elfClass !== 1 && elfClass !== 2) {
    throw new ElfFault('malformed', 4, `class ${elfClass}`);
  }
  if (order !== 1 && order !== 2) {
    throw new ElfFault('malformed', 5, `byte order ${order}`);
  }
  if (view.getUint8(at + 6) !== 1) {
    throw new ElfFault('malformed', 6, `ELF version ${view.getUint8(at + 6)}`);
  }
  const wide = elfClass === 2;
  const little = order === 1;
  reader.littleEndian = little;
  if (wide) {
    reader.at(0, 64);
  }
  const tail = at + (wide ? 54 : 42);
  const count = view.getUint16(tail + 2, little);
  if (count > 0 && view.getUint16(tail, little) !== (wide ? 56 : 32)) {
    throw new ElfFault('malformed', tail - at, 'unexpected size of a program header');
  }
  if (count > MOST_SEGMENTS) {
    throw new ElfFault('too-complex', tail - at + 2, `${count} program headers`);
  }
  return {
    wide,
    osAbi: view.getUint8(at + 7),
    abiVersion: view.getUint8(at + 8),
    type: view.getUint16(at + 16, little),
    machine: view.getUint16(at + 18, little),
    entry: wide ? reader.wide(at + 24) : view.getUint32(at + 24, little),
    programOffset: wide ? reader.wide(at + 32) : view.getUint32(at + 28, little),
    programCount: count,
    sectionOffset: wide ? reader.wide(at + 40) : view.getUint32(at + 32, little),
    sectionEntry: view.getUint16(tail + 4, little),
    sectionCount: view.getUint16(tail + 6, little),
  };
}

/** Reads the program header table. */
export function readSegments(reader: ByteReader, header: Header): Segment[] {
  const { wide, programOffset, programCount } = header;
  const entry = wide ? 56 : 32;
  const segments: Segment[] = [];
  if (programCount === 0) {
    return segments;
  }
  const at = reader.at(programOffset, entry * programCount);
  const { view, littleEndian } = reader;
  for (let index = 0, place = at; index < programCount; index += 1, place += entry) {
    segments.push(
      wide
        ? {
            type: view.getUint32(place, littleEndian),
            flags: view.getUint32(place + 4, littleEndian),
            offset: reader.wide(place + 8),
            vaddr: reader.wide(place + 16),
            filesz: reader.wide(place + 32),
            memsz: reader.wide(place + 40),
            align: reader.wide(place + 48),
          }
        : {
            type: view.getUint32(place, littleEndian),
            flags: view.getUint32(place + 24, littleEndian),
            offset: view.getUint32(place + 4, littleEndian),
            vaddr: view.getUint32(place + 8, littleEndian),
            filesz: view.getUint32(place + 16, littleEndian),
            memsz: view.getUint32(place + 20, littleEndian),
            align: view.getUint32(place + 28, littleEndian),
          },
    );
  }
  return segments;
}

/** File offset of a virtual address within the file part of a PT_LOAD, or -1. */
export function offsetOf(segments: readonly Segment[], address: number): number {
  for (const segment of segments) {
    if (
      segment.type === PT.LOAD &&
      address >= segment.vaddr &&
      address < segment.vaddr + segment.filesz
    ) {
      return segment.offset + (address - segment.vaddr);
    }
  }
  return -1;
}

/** Like {@link offsetOf}, but an address outside the file is a fault that names the table. */
export function requireOffset(
  segments: readonly Segment[],
  address: number,
  name: string,
  where: number,
): number {
  const offset = offsetOf(segments, address);
  if (offset < 0) {
    throw new ElfFault('malformed', where, `${name} at 0x${address.toString(16)} is not loaded`);
  }
  return offset;
}
