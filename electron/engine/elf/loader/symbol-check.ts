import { visitDynamicSymbols, type DynamicSymbol } from '../symbols.ts';
import { readSymbolUses } from '../relocations.ts';
import type { Mapped } from './process.ts';
import type { LoadedObject } from './store.ts';

/** A symbol that nothing in the process defines. */
export interface MissingSymbol {
  readonly symbol: string;
  readonly version: string | null;
  readonly requiredBy: string;
  /** Looked up before the program starts; others only end it when first called. */
  readonly atStart: boolean;
}

interface SymbolTable {
  /** Data of other objects that this program holds a copy of. */
  readonly copies: readonly DynamicSymbol[];
  readonly undefined: readonly DynamicSymbol[];
  readonly defined: ReadonlyMap<string, readonly Definition[]>;
  readonly versioned: boolean;
}

/** What a lookup asks of a symbol that is defined. */
type Definition = Pick<DynamicSymbol, 'version' | 'hidden' | 'unversionedToo'>;

/** Tables kept at once; beyond it all are dropped, since large libraries have 100,000 symbols. */
const MOST_KEPT_SYMBOLS = 400_000;

/** Reads and keeps symbol tables of the objects of one session. */
export class SymbolTables {
  private tables = new Map<LoadedObject, SymbolTable | null>();
  private kept = 0;

  /** The table of an object, or null where it cannot be read. */
  of(object: LoadedObject): SymbolTable | null {
    let table = this.tables.get(object);
    if (table === undefined) {
      table = readTable(object);
      this.kept += table === null ? 0 : table.undefined.length + table.defined.size;
      if (this.kept > MOST_KEPT_SYMBOLS) {
        this.tables = new Map();
        this.kept = 0;
      }
      this.tables.set(object, table);
    }
    return table;
  }
}

function readTable(object: LoadedObject): SymbolTable | null {
  const copied = copiedBy(object);
  const copies: DynamicSymbol[] = [];
  const needed: DynamicSymbol[] = [];
  const defined = new Map<string, readonly Definition[]>();
  const shared = new Map<string, readonly Definition[]>();
  const visited = visitDynamicSymbols(object.hostPath, object.elf, (symbol, isDefined) => {
    if (!isDefined) {
      needed.push(symbol);
      return;
    }
    if (symbol.library !== null || copied.has(symbol.index)) copies.push(symbol);
    const own = definitionsOf(symbol, shared);
    const same = defined.get(symbol.name);
    defined.set(symbol.name, same === undefined ? own : [...same, ...own]);
  });
  return visited.ok ? { ...visited.value, undefined: needed, defined, copies } : null;
}

/** One list for all symbols that a lookup cannot tell apart: there are few sorts, and many symbols. */
function definitionsOf(
  { version, hidden, unversionedToo }: DynamicSymbol,
  shared: Map<string, readonly Definition[]>,
): readonly Definition[] {
  const sort = `${hidden ? '@' : '@@'}${unversionedToo ? '+' : ''}${version ?? ''}`;
  let list = shared.get(sort);
  if (list === undefined) {
    list = [{ version, hidden, unversionedToo }];
    shared.set(sort, list);
  }
  return list;
}

/** Only programs have copy relocations; a library's tables are not searched for them. */
function copiedBy(object: LoadedObject): ReadonlySet<number> {
  const uses =
    object.elf.interpreter === null
      ? null
      : readSymbolUses(object.hostPath, object.elf, new Set<number>());
  return uses?.ok === true ? uses.value.copied : new Set<number>();
}

/** Names of the undefined symbols of an object that carry `version` from `library`. */
export function symbolsWithVersion(
  tables: SymbolTables,
  object: LoadedObject,
  library: string,
  version: string,
): readonly string[] {
  const table = tables.of(object);
  return [...(table?.undefined ?? []), ...(table?.copies ?? [])]
    .filter((one) => one.version === version && one.library === library)
    .map((one) => one.name)
    .sort();
}

/**
 * Looks every strong undefined symbol up in the global scope, as the loader
 * would bind it. Answers only those that a relocation really uses. Symbols
 * whose version is missing altogether are left out, unless it is a weak one: the
 * version error names them. Nothing is said of unversioned symbols when a library or its table is
 * missing, since that one may define them.
 */
export function missingSymbols(
  tables: SymbolTables,
  scope: readonly Mapped[],
  provider: (name: string) => Mapped | undefined,
  situation: {
    readonly complete: boolean;
    readonly bindNow: boolean;
    /** Only these are asked what they need; the rest of the scope only answers. */
    readonly asked?: ReadonlySet<Mapped>;
  },
): readonly MissingSymbol[] {
  const known = scope.map((one) => tables.of(one.object));
  const complete = situation.complete && !known.includes(null);
  const missing: MissingSymbol[] = [];
  for (const [index, mapped] of scope.entries()) {
    if (situation.asked?.has(mapped) === false) continue;
    const own = known[index] ?? null;
    const isMissing = (
      symbol: DynamicSymbol,
      scopeTables: readonly (SymbolTable | null)[],
    ): boolean => {
      const from = symbol.library === null ? undefined : provider(symbol.library);
      return (
        (symbol.library === null ? complete : isAskable(symbol, mapped, from, tables)) &&
        !isAnswered(symbol, scopeTables, from === undefined ? null : tables.of(from.object))
      );
    };
    const absent = (own?.undefined ?? []).filter((one) => !one.weak && isMissing(one, known));
    // A copy has to come from somewhere else than the program itself.
    const others = known.filter((table) => table !== own);
    const uncopied = (own?.copies ?? []).filter((one) => isMissing(one, others));
    missing.push(
      ...used(mapped, absent, situation.bindNow),
      ...uncopied.map(({ name, version }) => ({
        symbol: name,
        version,
        requiredBy: mapped.path,
        atStart: true,
      })),
    );
  }
  return missing;
}

/**
 * The same by musl's rules: versions say nothing, symbols hidden by their
 * version are not seen, and every relocation is done before the program starts.
 * Nothing is said when a library or its table is missing.
 */
export function missingUnversioned(
  tables: SymbolTables,
  scope: readonly Mapped[],
  alsoKnown: (name: string) => boolean,
): readonly MissingSymbol[] {
  const known = scope.map((one) => tables.of(one.object));
  if (known.includes(null)) {
    return [];
  }
  const isMissing = (name: string, among: readonly (SymbolTable | null)[]): boolean =>
    !alsoKnown(name) &&
    !among.some((table) => table?.defined.get(name)?.some((one) => !one.hidden) === true);
  return scope.flatMap((mapped, index) => {
    const own = known[index];
    const absent = (own?.undefined ?? []).filter((one) => !one.weak && isMissing(one.name, known));
    const others = known.slice(1);
    const uncopied =
      index === 0 ? (own?.copies ?? []).filter((one) => isMissing(one.name, others)) : [];
    return [
      ...used(mapped, absent, true),
      ...uncopied.map(({ name }) => ({
        symbol: name,
        version: null,
        requiredBy: mapped.path,
        atStart: true,
      })),
    ].map((one) => ({ ...one, version: null }));
  });
}

/**
 * The library of a versioned symbol is loaded and readable, and lacks no version that
 * stops the loader: without any it has all, and what lacks a weak one starts.
 */
function isAskable(
  { library, version }: DynamicSymbol,
  { object }: Mapped,
  from: Mapped | undefined,
  tables: SymbolTables,
): boolean {
  if (from === undefined || version === null || tables.of(from.object) === null) return false;
  const { defines } = from.object;
  const isWeak = (): boolean =>
    object.elf.versionNeeds.some(
      (need) =>
        need.library === library && need.versions.some((one) => one.name === version && one.weak),
    );
  return defines.size === 0 || defines.has(version) || isWeak();
}

/**
 * Whether a lookup through the scope finds `wanted`. When it comes to the library that the
 * version is expected from, and that has no table of versions (one built by musl-gcc, or
 * without any libc), the loader ends with an assertion (elf/dl-lookup.c, `check_match`).
 */
function isAnswered(
  wanted: DynamicSymbol,
  scope: readonly (SymbolTable | null)[],
  from: SymbolTable | null,
): boolean {
  for (const table of scope) {
    if (table?.defined.has(wanted.name) !== true) continue;
    if (table === from && !table.versioned) return false;
    if (defines(table, wanted)) return true;
  }
  return false;
}

/** The matching rule of `check_match` in elf/dl-lookup.c. */
function defines(table: SymbolTable, wanted: DynamicSymbol): boolean {
  const candidates = table.defined.get(wanted.name) ?? [];
  if (wanted.version === null) {
    return candidates.some((one) => one.unversionedToo);
  }
  return (
    !table.versioned ||
    candidates.some(
      (one) => one.version === wanted.version || (one.version === null && !one.hidden),
    )
  );
}

function used(
  mapped: Mapped,
  absent: readonly DynamicSymbol[],
  bindNow: boolean,
): readonly MissingSymbol[] {
  if (absent.length === 0) {
    return [];
  }
  const uses = readSymbolUses(
    mapped.object.hostPath,
    mapped.object.elf,
    new Set(absent.map((one) => one.index)),
  );
  if (!uses.ok) {
    return [];
  }
  const { atStart, onCall } = uses.value;
  return absent
    .filter((one) => atStart.has(one.index) || onCall.has(one.index))
    .map((one) => ({
      symbol: one.name,
      version: one.version,
      requiredBy: mapped.path,
      atStart: atStart.has(one.index) || bindNow || mapped.object.elf.bindNow,
    }));
}
