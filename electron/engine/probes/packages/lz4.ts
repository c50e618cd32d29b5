/**
 * LZ4 frames (LZ4 Frame Format Description 1.6.4), as apt keeps its lists with
 * `Acquire::GzipIndexes`. Read here because the libraries for it are either
 * native code or hold the whole result in memory, and a block is decoded in thirty lines.
 */
const MAGIC = 0x184d2204;
/** How far back a match may reach. */
const WINDOW = 64 * 1024;
const BLOCK_SIZES: Readonly<Record<number, number>> = {
  4: 64 * 1024,
  5: 256 * 1024,
  6: 1024 * 1024,
  7: 4 * 1024 * 1024,
};

/**
 * The plain bytes of one frame, a block at a time. A yielded part is overwritten
 * by the next: use it before going on. Throws RangeError on anything malformed.
 */
export function* lz4Parts(bytes: Buffer): Generator<Buffer> {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== MAGIC) throw new RangeError('no LZ4 frame');
  const flags = bytes.readUInt8(4);
  const largest = BLOCK_SIZES[(bytes.readUInt8(5) >> 4) & 7];
  if (flags >> 6 !== 1 || largest === undefined) throw new RangeError('unknown LZ4 frame');
  const blockChecksum = (flags & 0x10) !== 0 ? 4 : 0;
  const hasSize = (flags & 0x08) !== 0 ? 8 : 0;
  const hasDictionary = (flags & 0x01) !== 0 ? 4 : 0;
  let at = 6 + hasSize + hasDictionary + 1;
  const out = Buffer.alloc(WINDOW + largest);
  // What a match of the next block may refer to stands before `start`.
  let start = 0;
  for (;;) {
    const header = bytes.readUInt32LE(at);
    if (header === 0) return;
    const size = header & 0x7fffffff;
    const from = at + 4;
    at = from + size + blockChecksum;
    if (from + size > bytes.length || size > largest) throw new RangeError('LZ4 block too long');
    const plain = header >= 0x80000000;
    const end = plain
      ? start + bytes.copy(out, start, from, from + size)
      : decodeBlock(bytes, from, from + size, out, start);
    // No writer makes one, and a list of nothing but these would never come to an end.
    if (end === start) throw new RangeError('LZ4 block empty');
    yield out.subarray(start, end);
    const keep = Math.min(end, WINDOW);
    out.copyWithin(0, end - keep, end);
    start = keep;
  }
}

/** Decodes one block behind `start` and answers where it ends (LZ4 Block Format Description). */
function decodeBlock(bytes: Buffer, from: number, to: number, out: Buffer, start: number): number {
  let at = from;
  let end = start;
  while (at < to) {
    const token = bytes[at++] as number;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) literals += more = at < to ? (bytes[at++] as number) : 0;
    }
    if (at + literals > to || end + literals > out.length) throw new RangeError('LZ4 literals');
    end = copyLiterals(bytes, at, literals, out, end);
    at += literals;
    // The last sequence has no match.
    if (at >= to) return end;
    if (at + 2 > to) throw new RangeError('LZ4 offset');
    const offset = bytes.readUInt16LE(at);
    at += 2;
    let length = token & 15;
    if (length === 15) {
      let more = 255;
      while (more === 255) length += more = at < to ? (bytes[at++] as number) : 0;
    }
    length += 4;
    if (offset === 0 || offset > end || end + length > out.length)
      throw new RangeError('LZ4 match');
    end = copyMatch(out, end, offset, length);
  }
  return end;
}

/** Up to this many bytes, and most are far shorter, a loop is faster than the call of a native function. */
const SHORT = 32;

function copyLiterals(bytes: Buffer, at: number, length: number, out: Buffer, end: number): number {
  if (length > SHORT) {
    out.set(bytes.subarray(at, at + length), end);
  } else {
    for (let index = 0; index < length; index += 1) {
      out[end + index] = bytes[at + index] as number;
    }
  }
  return end + length;
}

/** A match may reach into what it is itself writing: then it repeats. */
function copyMatch(out: Buffer, end: number, offset: number, length: number): number {
  if (length > SHORT && offset >= length) {
    out.copyWithin(end, end - offset, end - offset + length);
    return end + length;
  }
  for (let index = 0; index < length; index += 1) {
    out[end + index] = out[end + index - offset] as number;
  }
  return end + length;
}
