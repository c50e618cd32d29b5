import type { Result } from '../../../shared/error.ts';

/** Why a file could not be read as ELF, and where. */
export interface ElfError {
  readonly code:
    | 'unreadable'
    | 'not-a-file'
    | 'not-elf'
    | 'truncated'
    | 'malformed'
    /** A count or a total above what any real file has: refused, not followed. */
    | 'too-complex';
  /** Byte offset in the file of what is wrong; null where the file could not be opened. */
  readonly offset: number | null;
  readonly detail: string;
}

export type ElfResult<T> = Result<T, ElfError>;

/** One program header. Numbers above 2^53 only occur in hostile files and fail every range check. */
export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly vaddr: number;
  readonly filesz: number;
  readonly memsz: number;
  readonly align: number;
}

export interface VersionNeed {
  /** Soname the linker saw; the loader looks for a loaded object of that name. */
  readonly library: string;
  readonly versions: readonly NeededVersion[];
}

export interface NeededVersion {
  readonly name: string;
  readonly weak: boolean;
  /** Index that versym entries use for it. */
  readonly index: number;
}

export interface VersionDefinition {
  readonly name: string;
  readonly index: number;
  /** The entry that merely repeats the soname (VER_FLG_BASE). */
  readonly base: boolean;
}

/** A DT_FILTER, or a DT_AUXILIARY, which may be missing. */
export interface Filter {
  readonly name: string;
  readonly optional: boolean;
}

/** The dynamic table, or null in {@link ElfFile} where there is none. */
export interface DynamicTable {
  readonly offset: number;
  readonly size: number;
  /** Tag and value alternating, in file order, DT_NULL left out. */
  readonly entries: readonly number[];
}

/** An entry of a `.note.dlopen` note (systemd's ELF_DLOPEN_METADATA). */
export interface DlopenNote {
  readonly sonames: readonly string[];
  readonly feature: string | null;
  readonly priority: string | null;
}

export interface ElfNotes {
  /** Oldest kernel its libc supports, such as `3.2.0` (NT_GNU_ABI_TAG). */
  readonly kernelFloor: string | null;
  /** Hexadecimal (NT_GNU_BUILD_ID). */
  readonly buildId: string | null;
  readonly dlopen: readonly DlopenNote[];
  /** Has Go's build-id note. */
  readonly go: boolean;
}

/** Everything the program headers of one ELF file lead to. */
export interface ElfFile {
  readonly class: 'ELF32' | 'ELF64';
  readonly littleEndian: boolean;
  /** EI_OSABI and EI_ABIVERSION: which system a file says it is for. */
  readonly osAbi: number;
  readonly abiVersion: number;
  /** e_machine; see `machineName`. */
  readonly machine: number;
  /** e_type */
  readonly type: number;
  /** Virtual address of the entry point. */
  readonly entry: number;
  /** Bytes in the whole file. */
  readonly size: number;
  readonly programHeaders: { readonly offset: number; readonly size: number };
  readonly segments: readonly Segment[];
  readonly interpreter: string | null;
  readonly dynamic: DynamicTable | null;
  readonly soname: string | null;
  readonly needed: readonly string[];
  /** Libraries whose symbols stand in for its own, loaded just before it. */
  readonly filters: readonly Filter[];
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
  /** A DT_RUNPATH is there, even an empty one: DT_RPATH does not count. */
  readonly hasRunpath: boolean;
  readonly versionNeeds: readonly VersionNeed[];
  readonly versionDefines: readonly VersionDefinition[];
  readonly notes: ElfNotes;
  /** Levels of the x86-64 architecture it needs, one bit each; 0 for other machines too. */
  readonly isaNeeded: number;
  readonly bindNow: boolean;
  /** Has packed relative relocations (DT_RELR). */
  readonly relr: boolean;
  /** DF_1_PIE: an executable, though its type says DYN. */
  readonly pie: boolean;
  /** DF_1_NODEFLIB: the cache and the default directories are not searched for its needs. */
  readonly noDefaultLibraries: boolean;
  readonly linkage: 'dynamic' | 'static' | 'static-pie' | null;
  readonly libc: 'glibc' | 'musl' | 'none' | 'unknown';
  /** Bytes behind everything that the ELF structures describe. */
  readonly appendedPayload: { readonly offset: number; readonly size: number } | null;
}

/** Unwinds a reader to its entry point, which turns it into a value; never leaves `elf/`. */
export class ElfFault extends Error {
  readonly error: ElfError;
  constructor(code: ElfError['code'], offset: number | null, detail: string) {
    super(detail);
    this.error = { code, offset, detail };
  }
}
