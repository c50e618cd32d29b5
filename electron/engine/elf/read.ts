import { DF_1_NODEFLIB, DF_1_NOW, DF_1_PIE, DF_BIND_NOW, DT, EM, ET, PT } from './constants.ts';
import { readDynamic, StringDecoder, type DynamicFacts } from './dynamic.ts';
import { readHeader, readSegments, requireOffset, type Header } from './header.ts';
import { readNotes } from './notes.ts';
import { withFile, type ByteReader, type ByteSource } from './source.ts';
import {
  ElfFault,
  type ElfFile,
  type ElfNotes,
  type ElfResult,
  type Filter,
  type Segment,
  type VersionDefinition,
  type VersionNeed,
} from './types.ts';
import { readVersionDefines, readVersionNeeds } from './versions.ts';
import { readX86Isa } from './x86-isa.ts';

/**
 * Reads what the program headers of an ELF file lead to: its dynamic table,
 * names, versions and notes. Only these byte ranges are read, whatever the size
 * of the file; section headers are never used. Any file is safe to hand in: one
 * that is not ELF, is cut off or lies about itself is an error value with the
 * offset of what is wrong.
 */
export function readElf(file: string | ByteSource): ElfResult<ElfFile> {
  return withFile(file, parseElf);
}

/** As {@link readElf}, for a caller that already holds a reader. */
export function parseElf(reader: ByteReader): ElfFile {
  const header = readHeader(reader);
  const segments = readSegments(reader, header);
  const interpreter = readInterpreter(reader, segments);
  const notes = readNotes(reader, segments);
  const segment = segments.find((one) => one.type === PT.DYNAMIC);
  const dynamic =
    segment === undefined ? null : readDynamic(reader, segments, segment, header.wide);
  const names = readNames(reader, segments, dynamic);
  const flags = dynamic?.value(DT.FLAGS) ?? 0;
  const flags1 = dynamic?.value(DT.FLAGS_1) ?? 0;
  const pie = (flags1 & DF_1_PIE) !== 0;
  const linkage = linkageOf(header, interpreter, dynamic, pie);
  return {
    class: header.wide ? 'ELF64' : 'ELF32',
    littleEndian: reader.littleEndian,
    osAbi: header.osAbi,
    abiVersion: header.abiVersion,
    machine: header.machine,
    type: header.type,
    entry: header.entry,
    size: reader.source.size,
    programHeaders: {
      offset: header.programOffset,
      size: header.programCount * (header.wide ? 56 : 32),
    },
    segments,
    interpreter,
    dynamic: dynamic?.table ?? null,
    ...names,
    notes,
    isaNeeded: header.machine === EM.X86_64 && header.wide ? readX86Isa(reader, segments) : 0,
    bindNow:
      (flags & DF_BIND_NOW) !== 0 ||
      (flags1 & DF_1_NOW) !== 0 ||
      dynamic?.value(DT.BIND_NOW) !== undefined,
    relr: dynamic?.value(DT.RELR) !== undefined,
    pie,
    noDefaultLibraries: (flags1 & DF_1_NODEFLIB) !== 0,
    linkage,
    libc: libcOf(interpreter, names, notes, linkage),
    appendedPayload: appendedPayload(reader, header, segments),
  };
}

function readInterpreter(reader: ByteReader, segments: readonly Segment[]): string | null {
  const segment = segments.find((one) => one.type === PT.INTERP);
  if (segment === undefined) {
    return null;
  }
  // The kernel refuses 1 byte or less and more than PATH_MAX (binfmt_elf.c).
  if (segment.filesz < 2 || segment.filesz > 4096) {
    throw new ElfFault('malformed', segment.offset, `an interpreter of ${segment.filesz} bytes`);
  }
  return reader.string(segment.offset, segment.offset + segment.filesz);
}

interface Names {
  readonly soname: string | null;
  readonly needed: readonly string[];
  readonly filters: readonly Filter[];
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
  readonly hasRunpath: boolean;
  readonly versionNeeds: readonly VersionNeed[];
  readonly versionDefines: readonly VersionDefinition[];
}

const NO_NAMES: Names = {
  soname: null,
  needed: [],
  filters: [],
  rpath: [],
  runpath: [],
  hasRunpath: false,
  versionNeeds: [],
  versionDefines: [],
};

/** String tables up to this size are read in one go, together with the versions behind them. */
const ONE_READ = 32768;

function readNames(
  reader: ByteReader,
  segments: readonly Segment[],
  dynamic: DynamicFacts | null,
): Names {
  if (dynamic === null) {
    return NO_NAMES;
  }
  const { table, strings } = dynamic;
  if (strings !== null && strings.size > 0 && strings.size <= ONE_READ) {
    reader.at(strings.offset, strings.size, strings.size + 2048);
  }
  const decoder = new StringDecoder(reader, strings);
  const text = (offset: number): string => decoder.at(offset, table.offset);
  const soname = dynamic.value(DT.SONAME);
  const rpath = dynamic.value(DT.RPATH);
  const runpath = dynamic.value(DT.RUNPATH);
  const needs = dynamic.value(DT.VERNEED);
  const defines = dynamic.value(DT.VERDEF);
  const place = (address: number, name: string): number =>
    requireOffset(segments, address, name, table.offset);
  return {
    soname: soname === undefined ? null : text(soname),
    needed: dynamic.needed.map(text),
    filters: dynamic.filters.map(({ name, optional }) => ({ name: text(name), optional })),
    rpath: rpath === undefined ? [] : splitPath(text(rpath)),
    runpath: runpath === undefined ? [] : splitPath(text(runpath)),
    hasRunpath: runpath !== undefined,
    versionNeeds:
      needs === undefined || dynamic.value(DT.VERNEEDNUM) === 0
        ? []
        : readVersionNeeds(reader, decoder, place(needs, 'DT_VERNEED')),
    versionDefines:
      defines === undefined || dynamic.value(DT.VERDEFNUM) === 0
        ? []
        : readVersionDefines(reader, decoder, place(defines, 'DT_VERDEF')),
  };
}

/** An empty path is no path at all (elf/dl-load.c, decompose_rpath). */
function splitPath(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}

function linkageOf(
  header: Header,
  interpreter: string | null,
  dynamic: DynamicFacts | null,
  pie: boolean,
): ElfFile['linkage'] {
  if (header.type !== ET.EXEC && header.type !== ET.DYN) {
    return null;
  }
  if (interpreter !== null) {
    return 'dynamic';
  }
  if (dynamic === null || header.type === ET.EXEC) {
    return 'static';
  }
  return pie && dynamic.needed.length === 0 ? 'static-pie' : 'dynamic';
}

function libcOf(
  interpreter: string | null,
  names: Names,
  notes: ElfNotes,
  linkage: ElfFile['linkage'],
): ElfFile['libc'] {
  const musl = (name: string): boolean => /^libc\.musl-|^libc\.so$|^ld-musl-/.test(name);
  if (interpreter !== null && interpreter.includes('/ld-musl-')) {
    return 'musl';
  }
  if (
    names.needed.includes('libc.so.6') ||
    names.versionNeeds.some((need) => need.versions.some((one) => one.name.startsWith('GLIBC_'))) ||
    names.versionDefines.some((one) => one.name.startsWith('GLIBC_'))
  ) {
    return 'glibc';
  }
  if (names.needed.some(musl) || (names.soname !== null && musl(names.soname))) {
    return 'musl';
  }
  if (interpreter !== null) {
    return /\/ld(-linux|64)?[^/]*\.so\.\d+$/.test(interpreter) ? 'glibc' : 'unknown';
  }
  if (linkage === 'static' || linkage === 'static-pie') {
    // Only glibc's start file carries the ABI tag; a Go program without cgo has no libc at all.
    return notes.kernelFloor !== null ? 'glibc' : notes.go ? 'none' : 'unknown';
  }
  return names.needed.length === 0 ? 'none' : 'unknown';
}

/**
 * The bytes behind the last segment and the section header table. Only when
 * some are left are the section headers asked where their sections end, since a
 * few linkers put sections behind the table.
 */
function appendedPayload(
  reader: ByteReader,
  header: Header,
  segments: readonly Segment[],
): ElfFile['appendedPayload'] {
  const size = reader.source.size;
  const { sectionOffset, sectionEntry, sectionCount } = header;
  if (segments.length === 0) {
    return null;
  }
  let end = header.programOffset + segments.length * (header.wide ? 56 : 32);
  for (const segment of segments) {
    end = Math.max(end, segment.offset + segment.filesz);
  }
  const tableEnd = sectionOffset + sectionEntry * sectionCount;
  if (sectionOffset > 0 && tableEnd <= size) {
    end = Math.max(end, tableEnd);
    if (end < size && sectionEntry === (header.wide ? 64 : 40)) {
      end = Math.max(end, sectionsEnd(reader, header));
    }
  }
  return end < size ? { offset: end, size: size - end } : null;
}

function sectionsEnd(reader: ByteReader, header: Header): number {
  const SHT_NOBITS = 8;
  const most = Math.min(header.sectionCount, 1024);
  let end = 0;
  for (let index = 0; index < most; index += 1) {
    const at = reader.at(header.sectionOffset + index * header.sectionEntry, header.sectionEntry);
    const { view, littleEndian } = reader;
    if (view.getUint32(at + 4, littleEndian) !== SHT_NOBITS) {
      end = Math.max(
        end,
        header.wide
          ? reader.wide(at + 24) + reader.wide(at + 32)
          : view.getUint32(at + 16, littleEndian) + view.getUint32(at + 20, littleEndian),
      );
    }
  }
  return Math.min(end, reader.source.size);
}
