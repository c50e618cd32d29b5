import { ok, type Result } from '../../../shared/error.ts';
import { DT, ET, PF, PT } from './constants.ts';
import { lastValue } from './dynamic.ts';
import { readElf } from './read.ts';
import { readDynamicSymbols, type DynamicSymbol } from './symbols.ts';
import type { ElfFile, Segment } from './types.ts';

/** What an edit was meant to change; everything else must mean the same as before. */
export interface IntendedEdit {
  readonly interpreter?: string;
  /** The new search path, as its elements; DT_RPATH or DT_RUNPATH, whichever the editor wrote. */
  readonly rpath?: readonly string[];
}

/** The first rule that an edited file breaks. */
export interface StructureProblem {
  readonly rule:
    | 'readable'
    | 'segment-in-file'
    | 'segment-alignment'
    | 'segment-order'
    | 'interpreter-loaded'
    | 'dynamic-loaded'
    | 'dynamic-writable'
    | 'table-loaded'
    | 'program-headers-loaded'
    | 'entry-executable'
    | 'segment-loaded'
    | 'meaning-changed'
    | 'edit-missing';
  /** Which segment, table or field, with its numbers. */
  readonly detail: string;
}

interface Violation extends StructureProblem {
  /** Same for the same violation in another layout. */
  readonly key: string;
}

/**
 * Tables of the dynamic section that the loader reads, with the tag of their
 * size in bytes where there is one (gabi chapter 5, "Dynamic Section").
 */
const TABLES: readonly (readonly [string, number, number | null])[] = [
  ['DT_HASH', DT.HASH, null],
  ['DT_GNU_HASH', DT.GNU_HASH, null],
  ['DT_STRTAB', DT.STRTAB, DT.STRSZ],
  ['DT_SYMTAB', DT.SYMTAB, null],
  ['DT_RELA', DT.RELA, DT.RELASZ],
  ['DT_REL', DT.REL, DT.RELSZ],
  ['DT_RELR', DT.RELR, DT.RELRSZ],
  ['DT_JMPREL', DT.JMPREL, DT.PLTRELSZ],
  ['DT_PLTGOT', DT.PLTGOT, null],
  ['DT_INIT', DT.INIT, null],
  ['DT_FINI', DT.FINI, null],
  ['DT_INIT_ARRAY', DT.INIT_ARRAY, DT.INIT_ARRAYSZ],
  ['DT_FINI_ARRAY', DT.FINI_ARRAY, DT.FINI_ARRAYSZ],
  ['DT_PREINIT_ARRAY', DT.PREINIT_ARRAY, DT.PREINIT_ARRAYSZ],
  ['DT_VERSYM', DT.VERSYM, null],
  ['DT_VERDEF', DT.VERDEF, null],
  ['DT_VERNEED', DT.VERNEED, null],
];

/** Fields that no edit of Devmend's may touch. */
const UNTOUCHED = [
  'class',
  'littleEndian',
  'machine',
  'type',
  'entry',
  'soname',
  'needed',
  'filters',
  'versionNeeds',
  'versionDefines',
  'notes',
  'bindNow',
  'relr',
  'pie',
  'noDefaultLibraries',
] as const;

/**
 * Checks an ELF file that an editor has written against the file it was made
 * from. Finds what makes edited programs crash (tables outside any loaded
 * segment, a read-only dynamic section, broken alignment, lost program headers)
 * and any change of meaning besides the intended one. A peculiarity that the
 * original has too is not held against the edit. Answers how many tables were
 * checked.
 */
export function checkEditedElf(
  before: string,
  after: string,
  intended: IntendedEdit,
): Result<{ readonly tables: number }, StructureProblem> {
  const original = readElf(before);
  const edited = readElf(after);
  if (!original.ok || !edited.ok) {
    const error = edited.ok ? (original.ok ? null : original.error) : edited.error;
    const at = error?.offset === null ? '' : ` at offset ${error?.offset ?? 0}`;
    return { ok: false, error: { rule: 'readable', detail: `${error?.detail ?? ''}${at}` } };
  }
  const tolerated = new Set(violations(original.value).map((one) => one.key));
  const broken = violations(edited.value).find((one) => !tolerated.has(one.key));
  if (broken !== undefined) {
    return { ok: false, error: { rule: broken.rule, detail: broken.detail } };
  }
  const changed =
    changedMeaning(original.value, edited.value, intended) ??
    changedSymbols(before, original.value, after, edited.value);
  return changed === null
    ? ok({ tables: presentTables(edited.value).length })
    : { ok: false, error: changed };
}

function violations(elf: ElfFile): readonly Violation[] {
  return [...segmentViolations(elf), ...coverageViolations(elf), ...tableViolations(elf)];
}

function segmentViolations(elf: ElfFile): Violation[] {
  const found: Violation[] = [];
  let previous: Segment | null = null;
  for (const segment of elf.segments) {
    if (segment.type !== PT.LOAD) {
      continue;
    }
    const name = `PT_LOAD at ${hex(segment.vaddr)}`;
    if (segment.offset + segment.filesz > elf.size || segment.filesz > segment.memsz) {
      found.push(violation('segment-in-file', name, name));
    }
    const { align } = segment;
    if (align > 1 && segment.vaddr % align !== segment.offset % align) {
      found.push(
        violation(
          'segment-alignment',
          name,
          `${name}, offset ${hex(segment.offset)}, align ${hex(align)}`,
        ),
      );
    }
    if (previous !== null && previous.vaddr + previous.memsz > segment.vaddr) {
      found.push(violation('segment-order', name, `${name} overlaps ${hex(previous.vaddr)}`));
    }
    previous = segment;
  }
  return found;
}

function coverageViolations(elf: ElfFile): Violation[] {
  const found: Violation[] = [];
  const { offset, size } = elf.programHeaders;
  const covering = loads(elf).find(
    (load) => offset >= load.offset && offset + size <= load.offset + load.filesz,
  );
  if (covering === undefined && loads(elf).length > 0) {
    found.push(violation('program-headers-loaded', '', `${size} bytes at offset ${hex(offset)}`));
  }
  for (const segment of elf.segments) {
    const where = `${hex(segment.filesz)} bytes at ${hex(segment.vaddr)}`;
    const load = loadOf(elf, segment);
    switch (segment.type) {
      case PT.PHDR:
        if (load === null || segment.offset !== offset) {
          found.push(violation('program-headers-loaded', 'PT_PHDR', `PT_PHDR: ${where}`));
        }
        break;
      case PT.INTERP:
        if (load === null) {
          found.push(violation('interpreter-loaded', '', `PT_INTERP: ${where}`));
        }
        break;
      case PT.DYNAMIC:
        if (load === null) {
          found.push(violation('dynamic-loaded', '', `PT_DYNAMIC: ${where}`));
        } else if ((load.flags & PF.W) === 0) {
          found.push(violation('dynamic-writable', '', `PT_DYNAMIC: ${where}`));
        }
        break;
      case PT.TLS:
      case PT.GNU_EH_FRAME:
        if (load === null && segment.filesz > 0) {
          found.push(
            violation('segment-loaded', hex(segment.type), `${hex(segment.type)}: ${where}`),
          );
        }
        break;
    }
  }
  const isProgram = elf.type === ET.EXEC || elf.interpreter !== null;
  const entered = loads(elf).some(
    (load) => (load.flags & PF.X) !== 0 && within(load, elf.entry, 1, load.filesz),
  );
  if (isProgram && elf.entry !== 0 && !entered) {
    found.push(violation('entry-executable', '', `entry point ${hex(elf.entry)}`));
  }
  return found;
}

function tableViolations(elf: ElfFile): Violation[] {
  return presentTables(elf)
    .filter(({ address, bytes }) => !isMapped(elf, address, Math.max(1, bytes)))
    .map(({ name, address, bytes }) =>
      violation('table-loaded', name, `${name}: ${bytes} bytes at ${hex(address)}`),
    );
}

/**
 * A table may run on from one segment into an adjoining one: patchelf 0.14 lays the
 * string table of an ET_EXEC such as Node's that way, and it is mapped all the same.
 */
function isMapped(elf: ElfFile, address: number, bytes: number): boolean {
  let mapped = address;
  for (const load of [...loads(elf)].sort((one, other) => one.vaddr - other.vaddr)) {
    const end = load.vaddr + load.filesz;
    if (load.vaddr <= mapped && mapped < end) mapped = end;
  }
  return mapped >= address + bytes;
}

interface Table {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

/** A table without size counts with one byte: that it is mapped at all. */
function presentTables(elf: ElfFile): readonly Table[] {
  const entries = elf.dynamic?.entries ?? [];
  const tables: Table[] = [];
  for (const [name, tag, sizeTag] of TABLES) {
    const address = lastValue(entries, tag);
    const bytes = sizeTag === null ? 1 : (lastValue(entries, sizeTag) ?? 0);
    // Linkers leave empty tables and null DT_INIT behind; the loader skips them.
    if (address !== undefined && address !== 0 && bytes > 0) {
      tables.push({ name, address, bytes });
    }
  }
  return tables;
}

function changedMeaning(
  before: ElfFile,
  after: ElfFile,
  intended: IntendedEdit,
): StructureProblem | null {
  const path = searchPath(after).join(':');
  const changed: string[] = UNTOUCHED.filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  if (intended.interpreter === undefined && before.interpreter !== after.interpreter) {
    changed.push('interpreter');
  }
  if (intended.rpath === undefined && searchPath(before).join(':') !== path) {
    changed.push('rpath');
  }
  // A bundler's reader finds its payload from the end of the file.
  if (
    before.appendedPayload !== null &&
    before.appendedPayload.size !== after.appendedPayload?.size
  ) {
    changed.push('appendedPayload');
  }
  if (changed.length > 0) {
    return { rule: 'meaning-changed', detail: changed.join(', ') };
  }
  if (intended.interpreter !== undefined && intended.interpreter !== after.interpreter) {
    return { rule: 'edit-missing', detail: `interpreter is ${after.interpreter ?? 'missing'}` };
  }
  return intended.rpath === undefined || intended.rpath.join(':') === path
    ? null
    : { rule: 'edit-missing', detail: `search path is ${path}` };
}

/** The path that counts: DT_RUNPATH hides DT_RPATH. */
function searchPath(elf: ElfFile): readonly string[] {
  return elf.hasRunpath ? elf.runpath : elf.rpath;
}

function changedSymbols(
  before: string,
  original: ElfFile,
  after: string,
  edited: ElfFile,
): StructureProblem | null {
  const old = readDynamicSymbols(before, original);
  const now = readDynamicSymbols(after, edited);
  if (!old.ok) {
    // What could not be read before cannot be compared; the loader will judge it.
    return null;
  }
  if (!now.ok) {
    return { rule: 'readable', detail: `symbols: ${now.error.detail}` };
  }
  const difference =
    firstDifference(old.value.undefined, now.value.undefined) ??
    firstDifference(old.value.defined, now.value.defined);
  return difference === null
    ? null
    : { rule: 'meaning-changed', detail: `dynamic symbol ${difference}` };
}

/** Editors may reorder symbols but not add, drop or rename any. */
function firstDifference(
  before: readonly DynamicSymbol[],
  after: readonly DynamicSymbol[],
): string | null {
  const label = (symbol: DynamicSymbol): string =>
    `${symbol.name}@${symbol.version ?? ''}${symbol.hidden ? '' : '@'}${symbol.weak ? ' weak' : ''}`;
  const left = before.map(label).sort();
  const right = after.map(label).sort();
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    if (left[index] !== right[index]) {
      return left[index] ?? right[index] ?? '';
    }
  }
  return null;
}

function loads(elf: ElfFile): readonly Segment[] {
  return elf.segments.filter((segment) => segment.type === PT.LOAD);
}

/** The PT_LOAD that holds the file part of `segment` at the same distance in file and memory. */
function loadOf(elf: ElfFile, segment: Segment): Segment | null {
  return (
    loads(elf).find(
      (load) =>
        within(load, segment.vaddr, Math.max(1, segment.filesz), load.filesz) &&
        segment.vaddr - load.vaddr === segment.offset - load.offset,
    ) ?? null
  );
}

function within(load: Segment, address: number, bytes: number, size: number): boolean {
  return address >= load.vaddr && address + bytes <= load.vaddr + size;
}

function violation(rule: Violation['rule'], name: string, detail: string): Violation {
  return { rule, detail, key: `${rule} ${name}` };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
