import type { Mapped, ProcessOptions } from './mapped.ts';
import { expandDirectories, type Finding, type LoaderPlaces } from './search.ts';
import type { Candidate, LoadedObject, ObjectStore } from './store.ts';
import { expandTokens, type Tokens } from './tokens.ts';

/** Where the needs of one object of a process are looked for (`_dl_map_object` in elf/dl-load.c). */
export class ObjectSearch {
  private readonly store: ObjectStore;
  private readonly places: LoaderPlaces;
  private readonly options: ProcessOptions;
  private libraryPath: readonly string[] | null = null;

  constructor(store: ObjectStore, places: LoaderPlaces, options: ProcessOptions) {
    this.store = store;
    this.places = places;
    this.options = options;
  }

  /** The tokens of a DT_NEEDED are replaced even where it is no path. */
  expanded(name: string, loader: Mapped): string {
    return (name.includes('$') ? expandTokens(name, this.tokens(loader)) : name) ?? name;
  }

  find(name: string, loader: Mapped): Finding {
    const { elf } = loader.object;
    if (name.includes('/') || name.includes('$')) {
      return this.findByPath(name, loader);
    }
    if (loader.rpathInChain && !elf.hasRunpath) {
      const finding = this.findByRpath(name, loader);
      if (finding !== null) {
        return finding;
      }
    }
    const libraryPath = this.libraryDirectories(loader);
    if (libraryPath.length > 0) {
      const finding = this.places.inDirectories(name, libraryPath, 'ld-library-path');
      if (finding.candidate.kind !== 'absent') {
        return finding;
      }
    }
    if (elf.runpath.length > 0) {
      const directories = this.directories(elf.runpath, loader);
      const finding = this.places.inDirectories(name, directories, 'runpath');
      if (finding.candidate.kind !== 'absent') {
        return finding;
      }
    }
    return this.inDefaults(name, elf.noDefaultLibraries);
  }

  private inDefaults(name: string, excluded: boolean): Finding {
    const finding = this.places.inDefaults(name);
    if (!excluded) {
      return finding;
    }
    const { candidate } = finding;
    const inSystem =
      candidate.kind !== 'absent' &&
      this.places.constants.systemDirectories.some((one) => candidate.path.startsWith(`${one}/`));
    return inSystem || finding.foundBy !== 'cache'
      ? { candidate: { kind: 'absent' }, foundBy: 'default-directory' }
      : finding;
  }

  private findByRpath(name: string, loader: Mapped): Finding | null {
    for (let one: Mapped | null = loader; one !== null; one = one.loader) {
      if (hasRpath(one.object)) {
        const directories = this.directories(one.object.elf.rpath, one);
        const finding = this.places.inDirectories(name, directories, 'rpath');
        if (finding.candidate.kind !== 'absent') {
          return finding;
        }
      }
    }
    return null;
  }

  private findByPath(name: string, loader: Mapped): Finding {
    const expanded = expandTokens(name, this.tokens(loader));
    const candidate: Candidate =
      expanded === null
        ? { kind: 'absent' }
        : this.places.open(
            expanded.startsWith('/') ? expanded : `${this.options.workingDirectory}/${expanded}`,
          );
    return { candidate, foundBy: 'absolute-path' };
  }

  private directories(elements: readonly string[], owner: Mapped): readonly string[] {
    return expandDirectories(elements, this.tokens(owner), this.options.workingDirectory);
  }

  private libraryDirectories(loader: Mapped): readonly string[] {
    if (this.libraryPath === null) {
      const text = this.options.secure ? '' : (this.options.environment['LD_LIBRARY_PATH'] ?? '');
      let main = loader;
      while (main.loader !== null) main = main.loader;
      this.libraryPath = text === '' ? [] : this.directories(text.split(/[:;]/), main);
    }
    return this.libraryPath;
  }

  private tokens(owner: Mapped): Tokens {
    // The kernel tells the loader where the program really lies; libraries keep the path found.
    const isProgram = owner.loader === null && owner.name === '';
    const directory = isProgram
      ? this.store.realDirectory(owner.path)
      : owner.path.slice(0, Math.max(1, owner.path.lastIndexOf('/')));
    return {
      origin: directory,
      lib: this.places.constants.lib,
      platform: this.places.platform,
      secure: this.options.secure,
      // Where a library came from was checked already.
      trusted: this.options.secure && isProgram ? this.places.constants.systemDirectories : null,
    };
  }

  searchedFor(name: string, loader: Mapped): readonly string[] {
    if (name.includes('/')) {
      return [expandTokens(name, this.tokens(loader)) ?? name];
    }
    const searched: string[] = [];
    const { elf } = loader.object;
    if (!elf.hasRunpath) {
      for (let one: Mapped | null = loader; one !== null; one = one.loader) {
        searched.push(...(hasRpath(one.object) ? this.directories(one.object.elf.rpath, one) : []));
      }
    }
    searched.push(...this.libraryDirectories(loader), ...this.directories(elf.runpath, loader));
    searched.push(this.places.constants.cachePath, ...this.places.constants.systemDirectories);
    return [...new Set(searched)];
  }
}

/** A DT_RPATH counts only where the same object has no DT_RUNPATH. */
export function hasRpath(object: LoadedObject): boolean {
  return object.elf.rpath.length > 0 && !object.elf.hasRunpath;
}
