import { ok } from '../../../shared/error.ts';
import { PF, PT } from './constants.ts';
import { offsetOf } from './header.ts';
import { withFile, type ByteReader, type ByteSource } from './source.ts';
import { ElfFault, type ElfFile, type ElfResult, type Segment } from './types.ts';

/** What the Go linker wrote down about a program (debug/buildinfo). */
export interface GoBuildInfo {
  /** Such as `go1.22.3`. */
  readonly version: string;
  /** Import path of the main package; empty in very old programs. */
  readonly path: string;
  /** Path of the main module; empty outside module mode. */
  readonly module: string;
}

/** {@link GoBuildInfo} and which release of its main module a program is. */
export interface GoProgramInfo extends GoBuildInfo {
  /** Such as `v0.16.1`; `(devel)` for one built from a checkout, empty outside module mode. */
  readonly moduleVersion: string;
}

/**
 * "\xff Go buildinf:", found at a multiple of 16 in a writable segment: the first
 * one, or behind the relro segment in position independent programs.
 */
const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
const HEADER_BYTES = 32;
const CHUNK = 65536;
/** The block sits at the start of the data; large cgo programs have relro data before it. */
const MOST_SEARCHED = 32 * 1024 * 1024;
const MOST_TEXT = 256 * 1024;

/** The Go build information of a program, or null where there is none (not a Go program). */
export function readGoBuildInfo(
  file: string | ByteSource,
  elf: ElfFile,
): ElfResult<GoBuildInfo | null> {
  const info = readGoProgramInfo(file, elf);
  if (!info.ok || info.value === null) {
    return info;
  }
  const { version, path, module } = info.value;
  return ok({ version, path, module });
}

/** As {@link readGoBuildInfo}, with the main module's version. */
export function readGoProgramInfo(
  file: string | ByteSource,
  elf: ElfFile,
): ElfResult<GoProgramInfo | null> {
  return withFile(file, (reader) => {
    reader.littleEndian = elf.littleEndian;
    for (const segment of elf.segments) {
      if (segment.type === PT.LOAD && (segment.flags & (PF.W | PF.X)) === PF.W) {
        const place = findMagic(reader, segment);
        if (place >= 0) {
          return parseBlock(reader, elf, place);
        }
      }
    }
    return null;
  });
}

function findMagic(reader: ByteReader, segment: Segment): number {
  const end = Math.min(
    segment.offset + Math.min(segment.filesz, MOST_SEARCHED),
    reader.source.size,
  );
  // The magic is aligned in memory, so file offsets are counted from the segment's address.
  const skew = (16 - (segment.vaddr % 16)) % 16;
  for (let place = segment.offset + skew; place + HEADER_BYTES <= end;) {
    const length = Math.min(CHUNK, end - place);
    const at = reader.at(place, length, length);
    let found = reader.bytes.subarray(at, at + length).indexOf(MAGIC);
    while (found >= 0 && found % 16 !== 0) {
      found = reader.bytes.subarray(at, at + length).indexOf(MAGIC, found + 1);
    }
    if (found >= 0) {
      return place + found;
    }
    // The next chunk starts at a multiple of 16 again, so a block is never cut in two.
    place += length === CHUNK ? CHUNK : length + HEADER_BYTES;
  }
  return -1;
}

function parseBlock(reader: ByteReader, elf: ElfFile, place: number): GoProgramInfo {
  const at = reader.at(place, HEADER_BYTES);
  const pointerSize = reader.view.getUint8(at + 14);
  const flags = reader.view.getUint8(at + 15);
  if ((flags & 2) !== 0) {
    // Since Go 1.18: two strings, each with its length as a varint, follow the header.
    const version = readInline(reader, place + HEADER_BYTES);
    const modules = readInline(reader, version.end);
    return describe(version.text, modules.text);
  }
  reader.littleEndian = (flags & 1) === 0;
  const pointer = (offset: number): number =>
    pointerSize === 8 ? reader.u64(offset) : reader.u32(offset);
  const text = (offset: number): string => {
    const header = offsetOf(elf.segments, pointer(offset));
    if (header < 0) {
      return '';
    }
    const data = offsetOf(elf.segments, pointer(header));
    const length = pointer(header + pointerSize);
    return data < 0 ? '' : readText(reader, data, length);
  };
  return describe(text(place + 16), text(place + 16 + pointerSize));
}

function readInline(reader: ByteReader, place: number): { text: string; end: number } {
  let length = 0;
  let start = place;
  for (let shift = 0; ; shift += 7, start += 1) {
    const at = reader.at(start, 1);
    const byte = reader.view.getUint8(at);
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) {
      break;
    }
    if (shift > 28) {
      throw new ElfFault('malformed', place, 'a length in the Go build information');
    }
  }
  start += 1;
  return { text: readText(reader, start, length), end: start + length };
}

function readText(reader: ByteReader, offset: number, length: number): string {
  if (!(length <= MOST_TEXT && offset + length <= reader.source.size)) {
    throw new ElfFault('malformed', offset, `Go build information of ${length} bytes`);
  }
  const bytes = Buffer.alloc(length);
  reader.reads += 1;
  reader.source.read(bytes, length, offset);
  return bytes.toString('utf8');
}

/** The module text is framed by 16 bytes on either side; its lines are tab-separated. */
function describe(version: string, framed: string): GoProgramInfo {
  const start = framed.indexOf('path\t');
  const modules = start < 0 ? '' : framed.slice(start);
  const line = (key: string): readonly string[] =>
    new RegExp(`^${key}\\t(.*)$`, 'm').exec(modules)?.[1]?.split('\t') ?? [];
  const [module = '', moduleVersion = ''] = line('mod');
  return { version, path: line('path')[0] ?? '', module, moduleVersion };
}
