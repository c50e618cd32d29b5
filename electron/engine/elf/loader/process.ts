import type { FoundBy } from '../../../../shared/elf.ts';
import { moveBefore, type Mapped, type ProcessOptions, type Unanswered } from './mapped.ts';
import { hasRpath, ObjectSearch } from './object-search.ts';
import type { LoaderPlaces } from './search.ts';
import { firstRefusal, type Refusal } from './refusals.ts';
import type { Filter } from '../types.ts';
import type { Candidate, LoadedObject, ObjectStore } from './store.ts';

export type { Mapped, ProcessOptions, Unanswered };

const TRUSTED_ONLY_PLAIN_NAMES = /^[^/]+$/;

/**
 * Maps a program and its libraries breadth first, in glibc's order
 * (elf/dl-deps.c and `_dl_map_object` in elf/dl-load.c).
 */
export class SimulatedProcess {
  readonly mapped: Mapped[] = [];
  readonly unanswered = new Map<string, Unanswered>();
  /** By what each was asked for, and by its path; only these answer for versions. */
  private readonly names = new Map<string, Mapped>();
  /** By its own name, which counts once somebody has asked for it. */
  private readonly sonames = new Map<string, Mapped>();
  private readonly byObject = new Map<LoadedObject, Mapped>();
  private readonly store: ObjectStore;
  private readonly places: LoaderPlaces;
  private readonly options: ProcessOptions;
  private readonly search: ObjectSearch;

  constructor(store: ObjectStore, places: LoaderPlaces, options: ProcessOptions) {
    this.store = store;
    this.places = places;
    this.options = options;
    this.search = new ObjectSearch(store, places, options);
  }

  /** Maps `program` (at its real path) with its interpreter, preloads and needs. */
  run(program: LoadedObject, path: string, interpreter: Candidate | null): void {
    const main = this.map(program, '', path, 'absolute-path', null);
    const rtld =
      interpreter?.kind === 'object'
        ? this.known(interpreter.object, interpreter.path, interpreter.path, 'absolute-path')
        : null;
    const soname = rtld?.object.elf.soname ?? null;
    if (rtld !== null && soname !== null) {
      // The loader enters both names of itself (elf/rtld.c).
      this.names.set(soname, rtld);
    }
    this.preload(main);
    this.settle(0);
    if (rtld !== null && rtld.requiredBy.length === 0) {
      rtld.requiredBy.push(path);
      this.mapped.push(rtld);
    }
  }

  /**
   * A process in the same state, to open something in: what is loaded counts as
   * already loaded, and asks for nothing any more.
   */
  fork(): SimulatedProcess {
    const copy = new SimulatedProcess(this.store, this.places, this.options);
    const copies = new Map<Mapped, Mapped>();
    for (const mapped of this.mapped) {
      const again: Mapped = { ...mapped, foundBy: 'already-loaded', requiredBy: [] };
      copies.set(mapped, again);
      copy.mapped.push(again);
    }
    for (const [name, mapped] of this.names) {
      copy.names.set(name, copies.get(mapped) ?? mapped);
    }
    for (const [name, mapped] of this.sonames) {
      copy.sonames.set(name, copies.get(mapped) ?? mapped);
    }
    for (const [object, mapped] of this.byObject) {
      copy.byObject.set(object, copies.get(mapped) ?? mapped);
    }
    return copy;
  }

  /**
   * Does what dlopen(3) does for `name` when the program itself calls it, and
   * loads what that needs (`dl_open_worker` in elf/dl-open.c). Answers the object,
   * which may have been loaded before, or null where no file answers.
   */
  open(name: string): Mapped | null {
    const main = this.mapped[0] as Mapped;
    const before = this.mapped.length;
    const opened = this.need(name, main);
    this.settle(before);
    return opened;
  }

  /** What the loader would take for a name that some object's versions refer to. */
  named(name: string): Mapped | undefined {
    return this.names.get(name);
  }

  /** What of these objects the loader refuses after it has found all it looked for. */
  refusal(asked: Iterable<Mapped>): Refusal | null {
    return firstRefusal(asked, this.places);
  }

  /** Notes that `loader` depends on a library that nothing has loaded. */
  lack(name: string, loader: Mapped): void {
    if (!this.unanswered.has(name)) {
      this.unanswered.set(name, {
        name,
        requiredBy: [loader.path],
        searched: [],
        found: null,
        denied: false,
      });
    }
  }

  /** Loads what the objects from `from` on need, and what that needs, breadth first. */
  private settle(from: number): void {
    const settled = new Set<Mapped>();
    for (let index = from; index < this.mapped.length;) {
      const loader = this.mapped[index] as Mapped;
      if (!settled.has(loader)) {
        settled.add(loader);
        loader.object.elf.needed.forEach((name) => this.need(name, loader));
        loader.object.elf.filters.forEach((filter) => this.filter(filter, loader));
      }
      // What `loader` filters has taken its place, and comes next.
      index += this.mapped[index] === loader ? 1 : 0;
    }
  }

  /** A library that stands in for `loader` is searched for symbols before it (elf/dl-deps.c). */
  private filter({ name: written, optional }: Filter, loader: Mapped): void {
    const name = this.search.expanded(written, loader);
    const isThere = (): boolean =>
      this.loaded(name) !== undefined || this.search.find(name, loader).candidate.kind === 'object';
    if (!optional || isThere()) {
      this.need(name, loader);
    }
    const filtee = this.names.get(name);
    if (filtee !== undefined) {
      moveBefore(this.mapped, filtee, loader);
    }
  }

  /** What is in memory under a name; whoever asks by a soname makes it a name (`_dl_map_object`). */
  private loaded(name: string): Mapped | undefined {
    const known = this.names.get(name) ?? this.sonames.get(name);
    if (known !== undefined) {
      this.names.set(name, known);
    }
    return known;
  }

  private need(written: string, loader: Mapped): Mapped | null {
    const name = this.search.expanded(written, loader);
    const known = this.loaded(name);
    if (known !== undefined) {
      this.require(known, loader);
      return known;
    }
    const missing = this.unanswered.get(name);
    // A later object with other search paths of its own may still find it.
    const finding = this.search.find(name, loader);
    const { candidate } = finding;
    if (candidate.kind === 'object') {
      const twin = this.byObject.get(candidate.object);
      const mapped =
        twin ?? this.map(candidate.object, name, candidate.path, finding.foundBy, loader);
      this.names.set(name, mapped);
      this.require(mapped, loader);
      return mapped;
    }
    if (missing !== undefined) {
      missing.requiredBy.push(loader.path);
    } else {
      this.unanswered.set(name, {
        name,
        requiredBy: [loader.path],
        searched:
          candidate.kind === 'broken' ? [candidate.path] : this.search.searchedFor(name, loader),
        found: candidate.kind === 'absent' ? null : candidate.path,
        denied: candidate.kind === 'denied',
      });
    }
    return null;
  }

  private require(mapped: Mapped, loader: Mapped): void {
    if (mapped.requiredBy.length === 0 && mapped.foundBy !== 'preload' && mapped.name !== '') {
      // The interpreter takes its place in the order when the first object asks for it.
      if (!this.mapped.includes(mapped)) {
        this.mapped.push(mapped);
      }
    }
    mapped.requiredBy.push(loader.path);
  }

  private known(
    object: LoadedObject,
    name: string,
    path: string,
    foundBy: FoundBy,
    loader: Mapped | null = null,
  ): Mapped {
    const mapped: Mapped = {
      object,
      name,
      path,
      foundBy,
      loader,
      rpathInChain: hasRpath(object) || loader?.rpathInChain === true,
      requiredBy: [],
    };
    for (const one of [name, path]) {
      if (one !== '' && !this.names.has(one)) {
        this.names.set(one, mapped);
      }
    }
    const { soname } = object.elf;
    if (soname !== null && !this.sonames.has(soname)) {
      this.sonames.set(soname, mapped);
    }
    if (name !== '') {
      // The kernel maps the program itself, so the loader has no inode for it.
      this.byObject.set(object, mapped);
    }
    return mapped;
  }

  private map(
    object: LoadedObject,
    name: string,
    path: string,
    foundBy: FoundBy,
    loader: Mapped | null,
  ): Mapped {
    const mapped = this.known(object, name, path, foundBy, loader);
    this.mapped.push(mapped);
    return mapped;
  }

  private preload(main: Mapped): void {
    const wanted = (this.options.environment['LD_PRELOAD'] ?? '').split(/[ :]+/);
    const allowed = this.options.secure
      ? wanted.filter((name) => TRUSTED_ONLY_PLAIN_NAMES.test(name))
      : wanted;
    for (const name of [...allowed, ...this.places.preloads()]) {
      const finding =
        name === '' || this.loaded(name) !== undefined ? null : this.search.find(name, main);
      // The loader only remarks on a preload that it cannot load.
      if (
        finding?.candidate.kind === 'object' &&
        !this.byObject.has(finding.candidate.object) &&
        // Only the preload file can name a path then, and root wrote it (`do_preload`).
        (!this.options.secure || name.includes('/') || isSetuid(finding.candidate.object))
      ) {
        this.map(finding.candidate.object, name, finding.candidate.path, 'preload', main);
      }
    }
  }
}

function isSetuid(object: LoadedObject): boolean {
  const S_ISUID = 0o4000;
  return (object.mode & S_ISUID) !== 0;
}
