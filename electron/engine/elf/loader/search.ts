import type { FoundBy } from '../../../../shared/elf.ts';
import { readFileInRoot, resolveInRoot } from '../../rootfs.ts';
import { refusal, wantsNewerKernel } from './acceptance.ts';
import type { Architecture, Processor } from './architecture.ts';
import { parseLoaderCache, type LoaderCache } from './cache.ts';
import { readLoaderConstants, type LoaderConstants } from './interpreter.ts';
import type { Candidate, ObjectStore } from './store.ts';
import { expandTokens, type Tokens } from './tokens.ts';

/** A found file and the place that it was found in. */
export interface Finding {
  readonly candidate: Candidate;
  readonly foundBy: FoundBy;
}

const ABSENT: Candidate = { kind: 'absent' };
const NOTHING: Finding = { candidate: ABSENT, foundBy: 'default-directory' };
const MOST_CACHE_BYTES = 32 * 1024 * 1024;

/**
 * The search places that every object of a process shares: those which one
 * dynamic loader (by its path) brings, the cache it reads, and its
 * sub-directories for this processor.
 */
export class LoaderPlaces {
  readonly constants: LoaderConstants;
  readonly platform: string;
  /** Levels of the x86-64 architecture that what it loads may need; null where all may be. */
  readonly isa: number | null;
  private readonly store: ObjectStore;
  private readonly hwcaps: readonly string[];
  private readonly legacy: readonly string[];
  private readonly architecture: Architecture;
  private cache: LoaderCache | null = null;
  private preloadNames: readonly string[] | null = null;
  private readonly found = new Map<string, Finding>();
  private readonly variants = new Map<string, readonly string[]>();

  constructor(
    store: ObjectStore,
    interpreter: string,
    architecture: Architecture,
    processor: Processor,
  ) {
    this.store = store;
    this.constants = readLoaderConstants(store.root, interpreter, architecture);
    this.hwcaps = this.constants.hwcaps ? processor.hwcaps : [];
    this.legacy = this.constants.legacyHwcaps ? processor.legacy : [];
    this.platform =
      processor.platform === 'haswell' && !this.constants.haswell ? 'x86_64' : processor.platform;
    this.isa = this.constants.isaLevels ? processor.isa : null;
    this.architecture = architecture;
  }

  /** Looks in the cache, then in the compiled-in directories. */
  inDefaults(name: string): Finding {
    let finding = this.found.get(name);
    if (finding === undefined) {
      finding = this.lookUp(name);
      this.found.set(name, finding);
    }
    return finding;
  }

  /**
   * What the loader makes of one path (`open_verify` in elf/dl-load.c): a file
   * of another class or machine is passed over, one that is no shared object
   * ends the search.
   */
  open(path: string): Candidate {
    const candidate = this.store.open(path);
    if (candidate.kind !== 'object') {
      return candidate;
    }
    const { elf } = candidate.object;
    if (elf.machine !== this.architecture.machine || elf.class !== this.architecture.elfClass) {
      return ABSENT;
    }
    if (wantsNewerKernel(elf, this.constants)) {
      return ABSENT;
    }
    const error = refusal(elf, this.constants);
    return error === null ? candidate : { kind: 'broken', path, error };
  }

  /** The names in the loader's preload file (ld.so(8), /etc/ld.so.preload). */
  preloads(): readonly string[] {
    if (this.preloadNames === null) {
      const bytes = readFileInRoot(this.store.root, this.constants.preloadPath, 65536);
      const text = bytes.ok ? bytes.value.toString('utf8').replace(/#.*/g, '') : '';
      this.preloadNames = text.split(/[\s:]+/).filter((name) => name !== '');
    }
    return this.preloadNames;
  }

  private lookUp(name: string): Finding {
    const cached = this.readCache().get(name);
    if (cached !== undefined) {
      const candidate = this.open(cached);
      if (candidate.kind !== 'absent' && candidate.kind !== 'denied') {
        return { candidate, foundBy: 'cache' };
      }
    }
    return this.inDirectories(name, this.constants.systemDirectories, 'default-directory');
  }

  /**
   * Tries `name` in each directory, its processor-specific sub-directories
   * first. A file of another class or machine is passed over, as the loader does; at a
   * link that leads round in a circle it gives these directories up (`open_path`).
   */
  inDirectories(name: string, directories: readonly string[], foundBy: FoundBy): Finding {
    let denied: Candidate | null = null;
    for (const directory of directories) {
      for (const variant of this.variantsOf(directory)) {
        const candidate = this.open(`${variant}/${name}`);
        if (candidate.kind === 'denied') {
          denied ??= candidate;
        } else if (candidate.kind === 'absent' && candidate.loops === true) {
          return NOTHING;
        } else if (candidate.kind !== 'absent') {
          return { candidate, foundBy };
        }
      }
    }
    return denied === null ? NOTHING : { candidate: denied, foundBy };
  }

  /** The sub-directories that exist, best first, and the directory itself. */
  private variantsOf(directory: string): readonly string[] {
    let variants = this.variants.get(directory);
    if (variants === undefined) {
      variants = this.isDirectory(directory) ? this.listVariants(directory) : [];
      this.variants.set(directory, variants);
    }
    return variants;
  }

  private listVariants(directory: string): readonly string[] {
    const variants: string[] = [];
    if (this.hwcaps.length > 0 && this.isDirectory(`${directory}/glibc-hwcaps`)) {
      for (const level of this.hwcaps) {
        variants.push(`${directory}/glibc-hwcaps/${level}`);
      }
    }
    // All subsets of the names, the fullest first (elf/dl-hwcaps.c before 2.37).
    const { legacy } = this;
    if (legacy.some((name) => this.isDirectory(`${directory}/${name}`))) {
      for (let mask = 2 ** legacy.length - 1; mask > 0; mask -= 1) {
        const names = legacy.filter((_, bit) => (mask >> (legacy.length - 1 - bit)) % 2 === 1);
        variants.push(`${directory}/${names.join('/')}`);
      }
    }
    return [...variants.filter((one) => this.isDirectory(one)), directory];
  }

  private isDirectory(path: string): boolean {
    const resolved = resolveInRoot(this.store.root, path);
    return resolved.ok && resolved.value.stat.isDirectory();
  }

  private readCache(): LoaderCache {
    if (this.cache === null) {
      const bytes = readFileInRoot(this.store.root, this.constants.cachePath, MOST_CACHE_BYTES);
      const parsed = bytes.ok
        ? parseLoaderCache(bytes.value, {
            flags: this.architecture.cacheFlags,
            hwcaps: this.hwcaps,
            legacy: this.legacy,
            littleEndian: this.architecture.littleEndian,
          })
        : null;
      // The loader does without a cache that is missing or damaged.
      this.cache = parsed?.ok === true ? parsed.value : new Map<string, string>();
    }
    return this.cache;
  }
}

/**
 * The directories of an RPATH, RUNPATH or LD_LIBRARY_PATH: tokens replaced,
 * empty elements the working directory, trailing slashes and repetitions gone.
 */
export function expandDirectories(
  elements: readonly string[],
  tokens: Tokens,
  workingDirectory: string,
): readonly string[] {
  const directories = new Set<string>();
  for (const element of elements) {
    const expanded = expandTokens(element, tokens);
    if (expanded !== null) {
      const absolute = expanded.startsWith('/') ? expanded : `${workingDirectory}/${expanded}`;
      // `..` stays: behind a link it leads elsewhere than the text suggests.
      directories.add(absolute.replace(/(.)\/+$/, '$1'));
    }
  }
  return [...directories];
}
