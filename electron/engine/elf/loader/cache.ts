import { ElfFault, type ElfResult } from '../types.ts';

/** A parsed ld.so.cache: the best path for each soname. */
export type LoaderCache = ReadonlyMap<string, string>;

/** What of a cache one loader accepts. */
export interface CacheFilter {
  /** The `flags` of entries for its architecture (sysdeps/generic/ldconfig.h), besides 1. */
  readonly flags: number;
  /** glibc-hwcaps sub-directories it accepts, best first. */
  readonly hwcaps: readonly string[];
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

/**
 * Parses `/etc/ld.so.cache`: the new format, or the old one with the new one
 * behind it (ldconfig -c compat). For each soname the entry wins that
 * `_dl_load_cache_lookup` (elf/dl-cache.c, glibc 2.33 and up) would take: the best
 * glibc-hwcaps directory, else the first plain entry.
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
  let base = 0;
  if (startsWith(bytes, 0, OLD_MAGIC)) {
    const count = u32(bytes, 12, true);
    base = Math.ceil((OLD_HEADER + count * OLD_ENTRY) / 8) * 8;
  }
  if (!startsWith(bytes, base, NEW_MAGIC)) {
    throw new ElfFault('malformed', base, 'not a glibc-ld.so.cache1.1');
  }
  // 3 in the low two bits: written by a big-endian ldconfig (glibc 2.33 and up).
  const little = ((bytes[base + 28] ?? 0) & 3) !== 3;
  const count = u32(bytes, base + 20, little);
  if (count > MOST_ENTRIES) {
    throw new ElfFault('too-complex', base + 20, `${count} cache entries`);
  }
  const names = hwcapNames(bytes, base, little);
  const best = new Map<string, { path: string; rank: number }>();
  for (let index = 0; index < count; index += 1) {
    const at = base + NEW_HEADER + index * NEW_ENTRY;
    const flags = u32(bytes, at, little);
    const rank = rankOf(bytes, at, little, names, filter);
    if ((flags === 1 || flags === filter.flags) && rank !== null) {
      const soname = text(bytes, base + u32(bytes, at + 4, little));
      const known = best.get(soname);
      if (known === undefined || rank < known.rank) {
        best.set(soname, { path: text(bytes, base + u32(bytes, at + 8, little)), rank });
      }
    }
  }
  return new Map([...best].map(([soname, { path }]) => [soname, path]));
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
  const kind = (high & ~0x3ff) >>> 0;
  if (kind === HWCAP_EXTENSION) {
    const rank = filter.hwcaps.indexOf(names[low] ?? '');
    return rank < 0 ? null : rank;
  }
  // Other bits are legacy hardware capabilities, whose meaning left with glibc 2.37.
  return low === 0 && kind === 0 ? filter.hwcaps.length : null;
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

function text(bytes: Buffer, offset: number): string {
  const end = bytes.indexOf(0, offset);
  if (offset >= bytes.length || end < 0 || end - offset > 4096) {
    throw new ElfFault('malformed', offset, 'a cache string that does not end');
  }
  return bytes.toString('utf8', offset, end);
}
