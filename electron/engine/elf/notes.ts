import { PT } from './constants.ts';
import type { ByteReader } from './source.ts';
import type { DlopenNote, ElfNotes, Segment } from './types.ts';

const NT_GNU_ABI_TAG = 1;
const NT_GNU_BUILD_ID = 3;
const NT_GO_BUILD_ID = 4;
/** https://systemd.io/ELF_DLOPEN_METADATA */
const NT_FDO_DLOPEN = 0x407c0c0a;
/** Core files have megabytes of notes; what Devmend reads lies in the first few hundred bytes. */
const MOST_NOTE_BYTES = 32768;
const MOST_NOTES = 256;

interface Draft {
  kernelFloor: string | null;
  buildId: string | null;
  dlopen: DlopenNote[];
  go: boolean;
}

/** Reads the PT_NOTE segments; a malformed note ends its segment, as in the kernel. */
export function readNotes(reader: ByteReader, segments: readonly Segment[]): ElfNotes {
  const draft: Draft = { kernelFloor: null, buildId: null, dlopen: [], go: false };
  let left = MOST_NOTES;
  for (const segment of segments) {
    if (segment.type === PT.NOTE && segment.filesz >= 12) {
      left = readSegment(reader, segment, draft, left);
    }
  }
  return draft;
}

function readSegment(reader: ByteReader, segment: Segment, draft: Draft, budget: number): number {
  const align = segment.align === 8 ? 8 : 4;
  const end = segment.offset + Math.min(segment.filesz, MOST_NOTE_BYTES);
  let left = budget;
  for (let place = segment.offset; place + 12 <= end && left > 0; left -= 1) {
    const at = reader.at(place, 12);
    const { view, littleEndian } = reader;
    const nameSize = view.getUint32(at, littleEndian);
    const size = view.getUint32(at + 4, littleEndian);
    const type = view.getUint32(at + 8, littleEndian);
    const data = place + 12 + roundUp(nameSize, 4);
    const next = roundUp(data + size - segment.offset, align) + segment.offset;
    if (data + size > end) {
      return left;
    }
    if (nameSize === 4) {
      readNote(reader, place + 12, type, data, size, draft);
    }
    place = next;
  }
  return left;
}

function readNote(
  reader: ByteReader,
  name: number,
  type: number,
  data: number,
  size: number,
  draft: Draft,
): void {
  const index = reader.at(name, 4);
  const owner = reader.view.getUint32(index);
  // "GNU\0", "Go\0\0" and "FDO\0"
  if (owner === 0x474e5500 && type === NT_GNU_BUILD_ID && size <= 64) {
    const at = reader.at(data, size);
    draft.buildId = reader.bytes.toString('hex', at, at + size);
  } else if (owner === 0x474e5500 && type === NT_GNU_ABI_TAG && size >= 16) {
    // First word 0 means Linux; the rest is the oldest kernel.
    if (reader.u32(data) === 0) {
      draft.kernelFloor = `${reader.u32(data + 4)}.${reader.u32(data + 8)}.${reader.u32(data + 12)}`;
    }
  } else if (owner === 0x476f0000 && type === NT_GO_BUILD_ID) {
    draft.go = true;
  } else if (owner === 0x46444f00 && type === NT_FDO_DLOPEN) {
    const at = reader.at(data, size);
    draft.dlopen.push(...parseDlopen(reader.bytes.toString('utf8', at, at + size)));
  }
}

function parseDlopen(text: string): DlopenNote[] {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/\0+$/, ''));
  } catch {
    // A note nobody can read names no library; the file itself is fine.
    return [];
  }
  const notes: DlopenNote[] = [];
  for (const entry of Array.isArray(json) ? (json as unknown[]) : []) {
    if (typeof entry === 'object' && entry !== null && 'soname' in entry) {
      const { soname, feature, priority } = entry as Record<string, unknown>;
      const sonames = Array.isArray(soname) ? soname.filter((one) => typeof one === 'string') : [];
      notes.push({
        sonames,
        feature: typeof feature === 'string' ? feature : null,
        priority: typeof priority === 'string' ? priority : null,
      });
    }
  }
  return notes;
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
