/** What a made-up ELF file is to contain. */
export interface Recipe {
  readonly wide: boolean;
  readonly little: boolean;
  readonly machine: number;
}

const LOAD_ADDRESS = 0x10000;

/**
 * Writes a small shared object of any class and byte order, since this
 * machine's compiler only makes 64-bit little-endian ones. It needs `libz.so`
 * with version `Z_1`, is called `libmade.so`, defines `made@@MADE_1` and leaves
 * `wanted@Z_1` undefined.
 */
export function buildElf({ wide, little, machine }: Recipe): Buffer {
  const bytes = Buffer.alloc(0x1000);
  const u8 = (at: number, value: number): number => bytes.writeUInt8(value, at);
  const u16 = (at: number, value: number): number =>
    little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const u32 = (at: number, value: number): number =>
    little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  const word = (at: number, value: number): number => {
    if (!wide) {
      return u32(at, value);
    }
    u32(at + (little ? 4 : 0), 0);
    return u32(at + (little ? 0 : 4), value);
  };

  const strings: string[] = [''];
  const name = (text: string): number => {
    const at = strings.reduce((sum, one) => sum + one.length + 1, 0);
    strings.push(text);
    return at;
  };
  const names = {
    needed: name('libz.so'),
    soname: name('libmade.so'),
    runpath: name('$ORIGIN/a:/b'),
    zVersion: name('Z_1'),
    ownVersion: name('MADE_1'),
    made: name('made'),
    wanted: name('wanted'),
  };

  // Identification and header.
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1]).copy(bytes);
  u16(16, 3);
  u16(18, machine);
  u32(20, 1);
  word(wide ? 32 : 28, wide ? 64 : 52);
  const tail = wide ? 54 : 42;
  u16(tail, wide ? 56 : 32);
  u16(tail + 2, 2);

  // Program headers: one PT_LOAD over everything, one PT_DYNAMIC.
  const dynamicOffset = 0x400;
  const entrySize = wide ? 56 : 32;
  const programHeader = (index: number, type: number, offset: number, size: number): void => {
    const at = (wide ? 64 : 52) + index * entrySize;
    u32(at, type);
    u32(at + (wide ? 4 : 24), 6);
    word(at + (wide ? 8 : 4), offset);
    word(at + (wide ? 16 : 8), LOAD_ADDRESS + offset);
    word(at + (wide ? 32 : 16), size);
    word(at + (wide ? 40 : 20), size);
    word(at + (wide ? 48 : 28), type === 1 ? 0x1000 : 8);
  };
  programHeader(0, 1, 0, bytes.length);
  programHeader(1, 2, dynamicOffset, 0x200);

  // Strings, symbols, versions, hash table.
  const stringOffset = 0x200;
  const text = strings.join('\0') + '\0';
  bytes.write(text, stringOffset, 'latin1');
  const symbolOffset = 0x700;
  const symbolSize = wide ? 24 : 16;
  const symbol = (index: number, label: number, section: number, value: number): void => {
    const at = symbolOffset + index * symbolSize;
    u32(at, label);
    u8(at + (wide ? 4 : 12), 0x12);
    u16(at + (wide ? 6 : 14), section);
    word(at + (wide ? 8 : 4), value);
  };
  symbol(1, names.wanted, 0, 0);
  symbol(2, names.made, 1, 0x11000);
  const versymOffset = 0x800;
  u16(versymOffset + 2, 3);
  u16(versymOffset + 4, 2);
  const needOffset = 0x840;
  u16(needOffset, 1);
  u16(needOffset + 2, 1);
  u32(needOffset + 4, names.needed);
  u32(needOffset + 8, 16);
  u16(needOffset + 20, 2);
  u16(needOffset + 22, 3);
  u32(needOffset + 24, names.zVersion);
  const defineOffset = 0x880;
  const define = (at: number, index: number, base: boolean, label: number, next: number): void => {
    u16(at, 1);
    u16(at + 2, base ? 1 : 0);
    u16(at + 4, index);
    u16(at + 6, 1);
    u32(at + 12, 20);
    u32(at + 16, next);
    u32(at + 20, label);
  };
  define(defineOffset, 1, true, names.soname, 28);
  define(defineOffset + 28, 2, false, names.ownVersion, 0);
  const hashOffset = 0x900;
  u32(hashOffset, 1);
  u32(hashOffset + 4, 3);

  const entries: readonly (readonly [number, number])[] = [
    [1, names.needed],
    [14, names.soname],
    [29, names.runpath],
    [5, LOAD_ADDRESS + stringOffset],
    [10, text.length],
    [6, LOAD_ADDRESS + symbolOffset],
    [4, LOAD_ADDRESS + hashOffset],
    [0x6ffffff0, LOAD_ADDRESS + versymOffset],
    [0x6ffffffe, LOAD_ADDRESS + needOffset],
    [0x6fffffff, 1],
    [0x6ffffffc, LOAD_ADDRESS + defineOffset],
    [0x6ffffffd, 2],
    [30, 8],
    [0, 0],
  ];
  entries.forEach(([tag, value], index) => {
    const at = dynamicOffset + index * (wide ? 16 : 8);
    word(at, tag);
    word(at + (wide ? 8 : 4), value);
  });
  return bytes;
}

/** Where {@link buildElf} puts its tables. */
export const BUILT = { dynamic: 0x400, needs: 0x840, defines: 0x880, hash: 0x900 } as const;
