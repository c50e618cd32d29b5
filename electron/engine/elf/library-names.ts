import { PF, PT } from './constants.ts';
import { withFile, type ByteSource } from './source.ts';
import type { ElfFile, ElfResult } from './types.ts';

const CHUNK = 1024 * 1024;
/** The longest soname looked for, twice: a name may lie across two chunks. */
const OVERLAP = 256;
/** Chromium has some 35 MB of constants. */
const MOST_SEARCHED = 96 * 1024 * 1024;
const SUFFIX = Buffer.from('.so', 'latin1');
const SONAME = /^lib[\w.+-]*\.so(?:\.\d+)*$/;

/**
 * The sonames among the constants of a program: whole, NUL-terminated strings that
 * read like one. A program that opens libraries by name has their names there;
 * having one does not mean that it ever opens it.
 */
export function readLibraryNames(
  file: string | ByteSource,
  elf: ElfFile,
): ElfResult<ReadonlySet<string>> {
  return withFile(file, (reader) => {
    const names = new Set<string>();
    const chunk = Buffer.allocUnsafe(CHUNK);
    let left = MOST_SEARCHED;
    for (const segment of constantsOf(elf)) {
      const end = Math.min(segment.offset + segment.filesz, reader.source.size);
      for (let place = segment.offset; place < end && left > 0; place += CHUNK - OVERLAP) {
        const count = reader.source.read(chunk, Math.min(CHUNK, end - place), place);
        collect(chunk.subarray(0, count), names);
        left -= count;
        if (place + count >= end) break;
      }
    }
    return names;
  });
}

/** Segments that are neither written nor run; older linkers put constants beside the code. */
function constantsOf(elf: ElfFile): ElfFile['segments'] {
  const loaded = elf.segments.filter(({ type, flags }) => type === PT.LOAD && !(flags & PF.W));
  const plain = loaded.filter(({ flags }) => !(flags & PF.X));
  return plain.length > 0 ? plain : loaded;
}

function collect(bytes: Buffer, names: Set<string>): void {
  for (let at = bytes.indexOf(SUFFIX); at >= 0; at = bytes.indexOf(SUFFIX, at + 3)) {
    let start = at;
    while (start > 0 && at - start < 64 && isNameByte(bytes[start - 1])) start -= 1;
    let end = at;
    while (end < bytes.length && end - at < 32 && isNameByte(bytes[end])) end += 1;
    if (bytes[end] !== 0) continue;
    const name = bytes.toString('latin1', start, end);
    if (SONAME.test(name)) names.add(name);
  }
}

function isNameByte(byte: number | undefined): boolean {
  return byte !== undefined && byte > 32 && byte < 127;
}
