import { ElfFault, type ElfResult } from '../types.ts';

/** A parsed ld.so.cache: the best path for each soname. */
export type LoaderCache = ReadonlyMap<string, string>;

/** What of a cache one loader accepts. */
export interface CacheFilter {
  /** The `flags` of entries for its architecture (sysdeps/generic/ldconfig.h). */
  readonly flags: number;
  /** glibc-hwcaps sub-directories it accepts, best first. */
  readonly hwcaps: readonly string[];
  /** Legacy hardware capabilities it accepts, by name (glibc up to 2.36). Default: none. */
  readonly legacy?: readonly string[];
  /** Byte order of its architecture; it refuses a cache of the other. Default: true. */
  readonly littleEndian?: boolean;
}

const OLD_MAGIC = 'ld.so-1.7.0';
const NEW_MAGIC = 'glibc-ld.so.cache1.1';
const NEW_HEADER = 48;
const NEW_ENTRY = 24;
const OLD_HEADER = 16;
const OLD_ENTRY = 12;
const EXTENSION_MAGIC = 0xeaa42174;
const EXTENSION_HWCAPS = 1;
/** Upper word of `hwcap` in an entry for a glibc-hwcaps sub-directory (dl-cache.h). */
const HWCAP_EXTENSION = 0x40000000;
const MOST_ENTRIES = 500_000;

/** Bits of `hwcap`, lower and upper word (sysdeps/x86/dl-hwcap.h, dl-procinfo.c; elf/dl-cache.c). */
const LEGACY_BITS: Readonly<Record<string, readonly [number, number]>> = {
  sse2: [0x1, 0],
  x86_64: [0x2, 0],
  avx512_1: [0x4, 0],
  i686: [0, 0x20000],
  haswell: [0, 0x40000],
  tls: [0, 0x80000000],
};

/**
 * Parses `/etc/ld.so.cache`: the new format, the old one, or the old one with the
 * new one behind it (ldconfig -c compat), which then counts. For each soname the
 * entry wins that `_dl_load_cache_lookup` (elf/dl-cache.c) would take: the best
 * glibc-hwcaps directory, else the first entry whose capabilities are there;
 * ldconfig writes the most specific first. An entry that leads out of the file is
 * passed over.
 */
export function parseLoaderCache(bytes: Buffer, filter: CacheFilter): ElfResult<LoaderCache> {
  try {
    return { ok: true, value: parse(bytes, filter) };
  } catch (error) {
    if (error instanceof ElfFault) {
      return { ok: false, error: error.error };
    }
    throw error;
  }
}

function parse(bytes: Buffer, filter: CacheFilter): LoaderCache {
  const little = filter.littleEndian !== false;
  if (!startsWith(bytes, 0, OLD_MAGIC)) {
    return parseNew(bytes, 0, little, filter);
  }
  const count = entryCount(bytes, 12, OLD_HEADER, OLD_ENTRY, little);
  const behind = Math.ceil((OLD_HEADER + count * OLD_ENTRY) / 8) * 8;
  return startsWith(bytes, behind, NEW_MAGIC)
    ? parseNew(bytes, behind, little, filter)
    : parseOld(bytes, count, little, filter);
}

function parseOld(bytes: Buffer, count: number, little: boolean, filter: CacheFilter): LoaderCache {
  const found = new Map<string, string>();
  const strings = OLD_HEADER + count * OLD_ENTRY;
  for (let index = 0; index < count; index += 1) {
    const at = OLD_HEADER + index * OLD_ENTRY;
    const soname = text(bytes, strings + u32(bytes, at + 4, little));
    const path = text(bytes, strings + u32(bytes, at + 8, little));
    const accepted = isAccepted(u32(bytes, at, little), filter);
    if (accepted && soname !== null && path !== null && !found.has(soname)) {
      found.set(soname, path);
    }
  }
  return found;
}

function parseNew(bytes: Buffer, base: number, little: boolean, filter: CacheFilter): LoaderCache {
  if (!startsWith(bytes, base, NEW_MAGIC)) {
    throw new ElfFault('malformed', base, 'not a glibc-ld.so.cache1.1');
  }
  // 2 in the low two bits: little-endian, 3: big-endian, all zero: glibc before 2.33 did not say.
  const order = bytes[base + 28] ?? 0;
  if (order !== 0 && (order & 3) !== (little ? 2 : 3)) {
    throw new ElfFault('malformed', base + 28, 'written for another byte order');
  }
  const count = entryCount(bytes, base + 20, base + NEW_HEADER, NEW_ENTRY, little);
  const names = hwcapNames(bytes, base, little);
  const best = new Map<string, { path: string; rank: number }>();
  for (let index = 0; index < count; index += 1) {
    const at = base + NEW_HEADER + index * NEW_ENTRY;
    const rank = rankOf(bytes, at, little, names, filter);
    if (isAccepted(u32(bytes, at, little), filter) && rank !== null) {
      const soname = text(bytes, base + u32(bytes, at + 4, little));
      const path = text(bytes, base + u32(bytes, at + 8, little));
      const known = soname === null ? undefined : best.get(soname);
      if (soname !== null && path !== null && (known === undefined || rank < known.rank)) {
        best.set(soname, { path, rank });
      }
    }
  }
  return new Map([...best].map(([soname, { path }]) => [soname, path]));
}

/** `_dl_cache_check_flags`: only the oldest architectures also take entries for no libc in particular. */
function isAccepted(flags: number, filter: CacheFilter): boolean {
  const LIBC6 = 3;
  return flags === filter.flags || (flags === 1 && filter.flags === LIBC6);
}

/** The number of entries; the loader refuses a file that is too short for them. */
function entryCount(
  bytes: Buffer,
  at: number,
  start: number,
  size: number,
  little: boolean,
): number {
  const count = u32(bytes, at, little);
  if (count > MOST_ENTRIES) {
    throw new ElfFault('too-complex', at, `${count} cache entries`);
  }
  if (start + count * size > bytes.length) {
    throw new ElfFault('truncated', at, 'the cache ends too early');
  }
  return count;
}

/** Lower is better; null for entries this machine does not use. */
function rankOf(
  bytes: Buffer,
  at: number,
  little: boolean,
  names: readonly string[],
  filter: CacheFilter,
): number | null {
  const low = u32(bytes, at + (little ? 16 : 20), little);
  const high = u32(bytes, at + (little ? 20 : 16), little);
  // The low ten bits of the upper word hold the ISA level.
  if ((high & ~0x3ff) >>> 0 === HWCAP_EXTENSION) {
    const rank = filter.hwcaps.indexOf(names[low] ?? '');
    return rank < 0 ? null : rank;
  }
  let [restLow, restHigh] = [low, high];
  for (const name of filter.legacy ?? []) {
    const [lowBits, highBits] = LEGACY_BITS[name] ?? [0, 0];
    restLow &= ~lowBits;
    restHigh &= ~highBits;
  }
  return restLow === 0 && restHigh === 0 ? filter.hwcaps.length : null;
}

/**
 * The names that `hwcap` indexes refer to. Unlike the entries' strings these
 * count from the start of the file, which matters behind an old-format cache. An
 * extension that cannot be read is no extension to the loader either.
 */
function hwcapNames(bytes: Buffer, base: number, little: boolean): readonly string[] {
  const offset = u32(bytes, base + 32, little);
  if (offset === 0 || offset + 8 > bytes.length || u32(bytes, offset, little) !== EXTENSION_MAGIC) {
    return [];
  }
  const sections = u32(bytes, offset + 4, little);
  for (let index = 0; index < Math.min(sections, 64); index += 1) {
    const at = offset + 8 + index * 16;
    if (at + 16 > bytes.length) {
      break;
    }
    if (u32(bytes, at, little) === EXTENSION_HWCAPS) {
      const start = u32(bytes, at + 8, little);
      const count = Math.min(u32(bytes, at + 12, little) / 4, 1024);
      return Array.from({ length: Math.floor(count) }, (_, place) =>
        lenientText(
          bytes,
          start + place * 4 + 4 <= bytes.length ? u32(bytes, start + place * 4, little) : -1,
        ),
      );
    }
  }
  return [];
}

function startsWith(bytes: Buffer, offset: number, magic: string): boolean {
  return bytes.toString('latin1', offset, offset + magic.length) === magic;
}

function u32(bytes: Buffer, offset: number, little: boolean): number {
  if (offset + 4 > bytes.length) {
    throw new ElfFault('truncated', offset, 'the cache ends too early');
  }
  return little ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);
}

/**
 * A hwcap name, or empty: behind an old-format cache ldconfig 2.36 writes name
 * offsets that lead astray, and its loader then matches none.
 */
function lenientText(bytes: Buffer, offset: number): string {
  const end = offset < 0 ? -1 : bytes.indexOf(0, offset);
  return end < 0 || end - offset > 64 ? '' : bytes.toString('latin1', offset, end);
}

/** Null for a string that does not lie in the file. */
function text(bytes: Buffer, offset: number): string | null {
  const end = bytes.indexOf(0, offset);
  return offset >= bytes.length || end < 0 || end - offset > 4096
    ? null
    : bytes.toString('utf8', offset, end);
}
