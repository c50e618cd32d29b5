import type { FoundBy } from '../../../../shared/elf.ts';
import type { Mapped, ProcessOptions, Unanswered } from './process.ts';
import { splitPath, type MuslPlaces } from './musl-places.ts';
import type { Candidate, LoadedObject, ObjectStore } from './store.ts';
import type { SymbolTables } from './symbol-check.ts';

type Found = Extract<Candidate, { kind: 'object' }>;

interface Search {
  readonly candidate: Candidate;
  readonly foundBy: FoundBy;
}

const ABSENT: Candidate = { kind: 'absent' };

/**
 * Maps a program and its libraries as musl's loader does (ldso/dynlink.c,
 * `load_library`). It differs from glibc's in nearly everything: RPATH and
 * RUNPATH mean the same and are inherited, LD_LIBRARY_PATH comes before them,
 * there is no cache, no preload file and no version, the first file that opens is
 * taken whatever it is, and libc, libm, libpthread … are the loader itself.
 */
export class MuslProcess {
  readonly mapped: Mapped[] = [];
  readonly unanswered = new Map<string, Unanswered>();
  private readonly shortNames = new Map<string, Mapped>();
  private readonly byObject = new Map<LoadedObject, Mapped>();
  private readonly store: ObjectStore;
  private readonly tables: SymbolTables;
  private readonly places: MuslPlaces;
  private readonly options: ProcessOptions;
  private readonly itself: Mapped;

  constructor(
    store: ObjectStore,
    tables: SymbolTables,
    places: MuslPlaces,
    interpreter: Found,
    options: ProcessOptions,
  ) {
    this.store = store;
    this.tables = tables;
    this.places = places;
    this.options = options;
    this.itself = mappedAs(interpreter.object, 'libc.so', interpreter.path, 'absolute-path', null);
  }

  /** Maps `program` (at its real path) with its preloads and needs; the loader comes last if nobody asks. */
  run(program: LoadedObject, path: string): void {
    const main = mappedAs(program, '', path, 'absolute-path', null);
    this.mapped.push(main);
    this.preload();
    for (let index = 0; index < this.mapped.length; index += 1) {
      const loader = this.mapped[index] as Mapped;
      for (const name of loader.object.elf.needed) {
        this.need(name, loader);
      }
    }
    if (!this.mapped.includes(this.itself)) {
      this.itself.requiredBy.push(path);
      this.mapped.push(this.itself);
    }
  }

  private preload(): void {
    const text = this.options.secure ? '' : (this.options.environment['LD_PRELOAD'] ?? '');
    for (const name of text.split(/[\s:]+/).filter((one) => one !== '')) {
      // What cannot be preloaded is passed over in silence.
      this.load(name, null);
    }
  }

  private need(name: string, loader: Mapped): void {
    const loaded = this.load(name, loader);
    if (!('kind' in loaded)) {
      loaded.requiredBy.push(loader.path);
      return;
    }
    const known = this.unanswered.get(name);
    if (known !== undefined) {
      known.requiredBy.push(loader.path);
      return;
    }
    this.unanswered.set(name, {
      name,
      requiredBy: [loader.path],
      searched: loaded.kind === 'broken' ? [loaded.path] : this.searchedFor(name, loader),
      found: loaded.kind === 'absent' ? null : loaded.path,
      denied: loaded.kind === 'denied',
    });
  }

  /** What a name leads to: an object in memory, or why there is none. */
  private load(name: string, loader: Mapped | null): Mapped | Exclude<Candidate, Found> {
    const stem = /^lib([^.]*)\./.exec(name)?.[1];
    if ((stem !== undefined && this.places.reserved.has(stem)) || name === this.itself.path) {
      return this.takeItself();
    }
    const byPath = name.includes('/');
    const known = byPath ? undefined : this.shortNames.get(name);
    if (known !== undefined) {
      return known;
    }
    const { candidate, foundBy } = byPath
      ? { candidate: this.open(this.absolute(name)), foundBy: 'absolute-path' as const }
      : this.search(name, loader);
    if (candidate.kind !== 'object') {
      return candidate;
    }
    if (this.isLibc(candidate.object)) {
      return this.takeItself();
    }
    let mapped = this.byObject.get(candidate.object);
    if (mapped === undefined) {
      const how = loader === null ? 'preload' : foundBy;
      mapped = mappedAs(candidate.object, name, candidate.path, how, loader);
      this.byObject.set(candidate.object, mapped);
      this.mapped.push(mapped);
    }
    if (!byPath) {
      this.shortNames.set(name, mapped);
    }
    return mapped;
  }

  private takeItself(): Mapped {
    if (!this.mapped.includes(this.itself)) {
      this.mapped.push(this.itself);
    }
    return this.itself;
  }

  /** A second libc, be it musl's or glibc's, is never mapped: the loader takes its place. */
  private isLibc(object: LoadedObject): boolean {
    const defined = this.tables.of(object)?.defined;
    return (
      object === this.itself.object ||
      (defined?.has('__libc_start_main') === true && defined.has('stdin'))
    );
  }

  private search(name: string, loader: Mapped | null): Search {
    let denied: Search | null = null;
    for (const { directories, foundBy } of this.stages(loader)) {
      for (const directory of directories) {
        const candidate = this.open(this.absolute(`${directory}/${name}`));
        if (candidate.kind === 'denied') {
          denied ??= { candidate, foundBy };
        } else if (candidate.kind === 'absent' && candidate.loops === true) {
          // What is neither missing nor denied ends the whole search (`path_open`).
          return { candidate, foundBy };
        } else if (candidate.kind !== 'absent') {
          return { candidate, foundBy };
        }
      }
    }
    return denied ?? { candidate: ABSENT, foundBy: 'default-directory' };
  }

  private *stages(
    loader: Mapped | null,
  ): Generator<{ readonly directories: readonly string[]; readonly foundBy: FoundBy }> {
    const text = this.options.secure ? '' : (this.options.environment['LD_LIBRARY_PATH'] ?? '');
    yield { directories: splitPath(text), foundBy: 'ld-library-path' };
    for (let one = loader; one !== null; one = one.loader) {
      const foundBy = one.object.elf.hasRunpath ? 'runpath' : 'rpath';
      yield { directories: this.searchPathOf(one), foundBy };
    }
    yield { directories: this.places.systemDirectories, foundBy: 'default-directory' };
  }

  /** RPATH or RUNPATH with `$ORIGIN` replaced; any other token makes all of it void. */
  private searchPathOf(owner: Mapped): readonly string[] {
    const { elf } = owner.object;
    const text = (elf.hasRunpath ? elf.runpath : elf.rpath).join(':');
    if (!text.includes('$')) {
      return splitPath(text);
    }
    const isProgram = owner === this.mapped[0];
    if (/\$(?!ORIGIN|\{ORIGIN\})/.test(text) || (isProgram && this.options.secure)) {
      return [];
    }
    const origin = isProgram
      ? this.store.realDirectory(owner.path)
      : owner.path.slice(0, Math.max(1, owner.path.lastIndexOf('/')));
    return splitPath(text.replace(/\$(?:ORIGIN|\{ORIGIN\})/g, () => origin));
  }

  /** musl does not look at the architecture of a file: a foreign one ends the search, and the start. */
  private open(path: string): Candidate {
    const candidate = this.store.open(path);
    const { elf } = this.itself.object;
    if (
      candidate.kind === 'object' &&
      (candidate.object.elf.machine !== elf.machine || candidate.object.elf.class !== elf.class)
    ) {
      const error = { code: 'malformed', offset: 18, detail: 'another architecture' } as const;
      return { kind: 'broken', path, error };
    }
    return candidate;
  }

  private absolute(path: string): string {
    return path.startsWith('/') ? path : `${this.options.workingDirectory}/${path}`;
  }

  private searchedFor(name: string, loader: Mapped): readonly string[] {
    return name.includes('/')
      ? [this.absolute(name)]
      : [...new Set([...this.stages(loader)].flatMap((stage) => stage.directories))];
  }
}

function mappedAs(
  object: LoadedObject,
  name: string,
  path: string,
  foundBy: FoundBy,
  loader: Mapped | null,
): Mapped {
  return { object, name, path, foundBy, loader, rpathInChain: false, requiredBy: [] };
}
