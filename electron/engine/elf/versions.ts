import { VER_FLG_BASE, VER_FLG_WEAK } from './constants.ts';
import type { StringDecoder } from './dynamic.ts';
import type { ByteReader } from './source.ts';
import { ElfFault, type VersionDefinition, type VersionNeed } from './types.ts';

/** glibc's libc.so.6 defines about 40, the largest known library about 200. */
const MOST_RECORDS = 20_000;

/**
 * The version needs at file offset `start` (LSB, symbol versioning). `count` is
 * DT_VERNEEDNUM; the loader follows vn_next until 0 and so does this, but only
 * forward, inside the file, and for a bounded number of records.
 */
export function readVersionNeeds(
  reader: ByteReader,
  strings: StringDecoder,
  start: number,
): VersionNeed[] {
  const needs: VersionNeed[] = [];
  let budget = MOST_RECORDS;
  for (let place = start; ;) {
    const at = reader.at(place, 16, 2048);
    const { view, littleEndian } = reader;
    const auxiliaries = view.getUint16(at + 2, littleEndian);
    const file = view.getUint32(at + 4, littleEndian);
    const first = view.getUint32(at + 8, littleEndian);
    const next = view.getUint32(at + 12, littleEndian);
    budget -= 1 + auxiliaries;
    if (budget < 0) {
      throw new ElfFault('too-complex', place, 'too many version needs');
    }
    needs.push({
      library: strings.at(file, place),
      versions: auxiliaries === 0 ? [] : readNeeded(reader, strings, place + first, auxiliaries),
    });
    if (next === 0) {
      return needs;
    }
    place += next;
  }
}

function readNeeded(
  reader: ByteReader,
  strings: StringDecoder,
  start: number,
  count: number,
): VersionNeed['versions'] {
  const versions: { name: string; weak: boolean; index: number }[] = [];
  let place = start;
  for (let left = count; left > 0; left -= 1) {
    const at = reader.at(place, 16, 2048);
    const { view, littleEndian } = reader;
    const flags = view.getUint16(at + 4, littleEndian);
    const index = view.getUint16(at + 6, littleEndian) & 0x7fff;
    const name = view.getUint32(at + 8, littleEndian);
    const next = view.getUint32(at + 12, littleEndian);
    versions.push({ name: strings.at(name, place), weak: (flags & VER_FLG_WEAK) !== 0, index });
    if (next === 0) {
      break;
    }
    place += next;
  }
  return versions;
}

/** The version definitions at file offset `start`, bounded like the needs. */
export function readVersionDefines(
  reader: ByteReader,
  strings: StringDecoder,
  start: number,
): VersionDefinition[] {
  const defines: VersionDefinition[] = [];
  for (let place = start; ;) {
    const at = reader.at(place, 20, 4096);
    const { view, littleEndian } = reader;
    const flags = view.getUint16(at + 2, littleEndian);
    const index = view.getUint16(at + 4, littleEndian) & 0x7fff;
    const first = view.getUint32(at + 12, littleEndian);
    const next = view.getUint32(at + 16, littleEndian);
    const name = reader.u32(place + first);
    defines.push({ name: strings.at(name, place), index, base: (flags & VER_FLG_BASE) !== 0 });
    if (next === 0) {
      return defines;
    }
    if (defines.length > MOST_RECORDS) {
      throw new ElfFault('too-complex', place, 'too many version definitions');
    }
    place += next;
  }
}
