import type { Random } from './random.ts';
import type { Edit } from './recipe.ts';

/** Makes one edit of an input; `other` is another input of the same kind, to take pieces from. */
export type Mutator = (bytes: Buffer, random: Random, other: Buffer) => Edit;

/** Numbers at which sizes, signs and widths turn over. */
const TURNING_POINTS: readonly bigint[] = [
  0n,
  1n,
  2n,
  3n,
  4n,
  7n,
  8n,
  16n,
  0x7fn,
  0x80n,
  0xffn,
  0x100n,
  0xfffn,
  0x1000n,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x10000n,
  0xfffffn,
  0x1000000n,
  0x7fffffffn,
  0x80000000n,
  0xfffffff0n,
  0xffffffffn,
  0x100000000n,
  0x1fffffffffffffn,
  0x20000000000000n,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffffffffffffn,
];

/** A number of `width` bytes: a turning point, one beside it, one near `size`, or any. */
export function numberBytes(random: Random, width: number, little: boolean, size: number): Buffer {
  const modulus = 1n << BigInt(8 * width);
  const near = (value: bigint): bigint => value + BigInt(random.below(5) - 2);
  const kinds = [
    () => random.pick(TURNING_POINTS),
    () => near(random.pick(TURNING_POINTS)),
    () => near(BigInt(size)),
    () => BigInt(random.below(Math.max(size, 1))),
    () => (BigInt(random.next()) << 32n) | BigInt(random.next()),
  ];
  let value = ((random.pick(kinds)() % modulus) + modulus) % modulus;
  const bytes = Buffer.alloc(width);
  for (let index = 0; index < width; index += 1) {
    bytes[little ? index : width - 1 - index] = Number(value & 0xffn);
    value >>= 8n;
  }
  return bytes;
}

/** A position: mostly in the first kilobytes, where headers and most tables are. */
function place(bytes: Buffer, random: Random): number {
  const reach = random.pick([64, 1024, 0x8000, bytes.length, bytes.length]);
  return random.below(Math.min(reach, bytes.length));
}

const overwriteNumber: Mutator = (bytes, random) => {
  const width = random.pick([1, 2, 4, 8]);
  const unit = random.pick([1, width]);
  const at = Math.floor(place(bytes, random) / unit) * unit;
  return { at, remove: width, insert: numberBytes(random, width, !random.chance(4), bytes.length) };
};

const flipBit: Mutator = (bytes, random) => {
  const at = place(bytes, random);
  return { at, remove: 1, insert: Buffer.from([(bytes[at] ?? 0) ^ (1 << random.below(8))]) };
};

const cutOff: Mutator = (bytes, random) => {
  const at = random.chance(2) ? place(bytes, random) : bytes.length - 1 - random.below(64);
  return { at: Math.max(0, at), remove: bytes.length, insert: Buffer.alloc(0) };
};

const takeOut: Mutator = (bytes, random) => ({
  at: place(bytes, random),
  remove: 1 + random.below(random.pick([4, 64, 4096])),
  insert: Buffer.alloc(0),
});

/** Bytes of another input, over or between these. */
const splice: Mutator = (bytes, random, other) => {
  const from = place(other, random);
  const insert = Buffer.from(other.subarray(from, from + 1 + random.below(512)));
  return { at: place(bytes, random), remove: random.chance(2) ? insert.length : 0, insert };
};

/** The same few bytes over and over: what quadratic readers cannot stand. */
const repeat: Mutator = (bytes, random) => {
  const from = place(bytes, random);
  const piece = bytes.subarray(from, from + 1 + random.below(random.pick([1, 4, 64])));
  const length = random.pick([64, 4096, 65536]);
  const times = Math.max(1, Math.floor(length / Math.max(1, piece.length)));
  const insert = Buffer.alloc(times * Math.max(1, piece.length), piece.length > 0 ? piece : 'a');
  return { at: place(bytes, random), remove: random.chance(2) ? insert.length : 0, insert };
};

/** Pieces of names and paths, which a reader may search, split or match. */
const PARTS: readonly string[] = [
  '/',
  '/lib',
  'lib/',
  '.',
  ':',
  '$ORIGIN/',
  'A',
  '\0',
  '-',
  '\xff',
];

/** A long run of one piece of a path, over what stands there or before it. */
const run: Mutator = (bytes, random) => {
  const part = random.pick(PARTS);
  const insert = Buffer.from(
    part.repeat(Math.ceil(random.pick([300, 5000, 60_000]) / part.length)),
  );
  return { at: place(bytes, random), remove: random.chance(4) ? 0 : insert.length, insert };
};

export const byteMutators: readonly Mutator[] = [
  overwriteNumber,
  overwriteNumber,
  overwriteNumber,
  flipBit,
  cutOff,
  takeOut,
  splice,
  repeat,
  run,
];

/** Pieces of text that readers give a meaning to. */
const WORDS: readonly string[] = [
  '"',
  "'",
  '\\',
  '\n',
  '\r\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  '=',
  ',',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '/',
  '//',
  '/*',
  '*/',
  '#',
  '..',
  '-',
  '~',
  '+',
  '0',
  '-1',
  '1e999',
  '99999999999999999999',
  'null',
  'true',
  '""',
  '{}',
  '[]',
  '\\u0000',
  '\\ud800',
  '\ufeff',
  '\u2028',
  '\u{1f600}',
  '__proto__',
  'constructor',
  '${',
  '$ORIGIN',
  '%s',
  '\x1b[2J',
  '\xff',
  '"a":',
  '{"a":',
  '[[',
  '\n\n',
  '\n ',
];

const insertWord: Mutator = (bytes, random) => ({
  at: place(bytes, random),
  remove: random.below(3),
  insert: Buffer.from(random.pick(WORDS)),
});

/** What nests, widens or lengthens when it stands there many times. */
const REPEATED: readonly string[] = [
  '[',
  '{"a":',
  '"/a",',
  '1',
  ' ',
  '\n',
  '\n ',
  '"',
  '\\',
  '/',
  '/*',
  'a:',
  '~',
  '-',
];

const repeatWord: Mutator = (bytes, random) => {
  const insert = Buffer.from(random.pick(REPEATED).repeat(random.pick([3, 100, 5000, 50_000])));
  // Inside brackets as often as elsewhere: that is where lists are.
  const bracket = bytes.indexOf('[', place(bytes, random)) + 1;
  return { at: random.chance(2) ? bracket : place(bytes, random), remove: 0, insert };
};

/** One line of the text, elsewhere or many times. */
const repeatLine: Mutator = (bytes, random) => {
  const from = bytes.lastIndexOf(10, place(bytes, random)) + 1;
  const end = bytes.indexOf(10, from);
  const line = bytes.subarray(from, Math.min(end < 0 ? bytes.length : end + 1, from + 1024));
  const insert = Buffer.concat(Array.from({ length: random.pick([1, 8, 500]) }, () => line));
  return { at: bytes.lastIndexOf(10, place(bytes, random)) + 1, remove: 0, insert };
};

export const textMutators: readonly Mutator[] = [
  insertWord,
  insertWord,
  insertWord,
  repeatWord,
  repeatWord,
  repeatLine,
  flipBit,
  cutOff,
  takeOut,
  splice,
  repeat,
];
