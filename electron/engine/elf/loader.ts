import type { DependencyReport } from '../../../shared/elf.ts';
import {
  architectureOf,
  hostProcessor,
  isNative,
  type Architecture,
  type Processor,
} from './loader/architecture.ts';
import { mixedGlibc } from './loader/glibc-set.ts';
import { SimulatedProcess, type Mapped } from './loader/process.ts';
import { LoaderPlaces } from './loader/search.ts';
import { ObjectStore, type Candidate, type LoadedObject } from './loader/store.ts';
import { missingSymbols, SymbolTables, symbolsWithVersion } from './loader/symbol-check.ts';
import { missingVersions } from './loader/versions.ts';

/** How a session sees the process that would be started. */
export interface LoaderSessionOptions {
  /** Only LD_LIBRARY_PATH, LD_PRELOAD and LD_BIND_NOW are looked at. Default: none set. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where relative and empty search path elements lead. Default `/`. */
  readonly workingDirectory?: string;
}

export interface SimulationOptions {
  /** Also look every symbol up, not only the versions. Default true. */
  readonly symbols?: boolean;
  /** The file has capabilities, so it starts in secure-execution mode as setuid ones do. */
  readonly capabilities?: boolean;
}

type Verdict = Pick<DependencyReport, 'verdict' | 'reason'>;
type VersionError = DependencyReport['versionErrors'][number];

/**
 * Works out what the dynamic loader would do with programs of one root
 * directory, without running anything (`ldd` runs what it looks at). Files are
 * parsed once per inode and the cache once per loader, so one session for many
 * programs is far cheaper than a session each; what it has read it does not
 * read again, so make a new one after a change on disk.
 */
export class LoaderSession {
  readonly root: string;
  private readonly environment: Readonly<Record<string, string>>;
  private readonly workingDirectory: string;
  private readonly store: ObjectStore;
  private readonly tables = new SymbolTables();
  private readonly places = new Map<string, LoaderPlaces>();
  private readonly processors = new Map<string, Processor>();

  constructor(root: string, options: LoaderSessionOptions = {}) {
    this.root = root;
    this.environment = options.environment ?? {};
    this.workingDirectory = options.workingDirectory ?? '/';
    this.store = new ObjectStore(root);
  }

  /**
   * The libraries that starting `path` (a path inside the root) would load, how
   * each would be found, and what is missing. A shared object without an
   * interpreter is judged as its architecture's standard loader would load it.
   * Never throws for anything the file contains.
   */
  simulate(path: string, options: SimulationOptions = {}): DependencyReport {
    const report = emptyReport(path, this.root);
    const candidate = this.store.open(path);
    if (candidate.kind !== 'object') {
      return { ...report, ...unusable(candidate) };
    }
    const { object } = candidate;
    const { elf } = object;
    const named = { ...report, interpreter: elf.interpreter };
    if (elf.linkage === 'static' || elf.linkage === 'static-pie') {
      return { ...named, verdict: 'starts', reason: 'static' };
    }
    if (elf.linkage === null) {
      return { ...named, verdict: 'unknown', reason: 'no-interpreter' };
    }
    const architecture = architectureOf(elf);
    if (architecture === null) {
      return { ...named, verdict: 'unknown', reason: 'foreign-architecture' };
    }
    const loaderPath = elf.interpreter ?? this.defaultInterpreter(architecture);
    const interpreter = this.store.open(loaderPath.startsWith('/') ? loaderPath : `/${loaderPath}`);
    const trouble = this.interpreterTrouble(elf.interpreter, interpreter, object, architecture);
    if (trouble !== null) {
      return { ...named, ...trouble };
    }
    return this.load(named, object, interpreter, this.placesOf(loaderPath, architecture), options);
  }

  private load(
    report: DependencyReport,
    object: LoadedObject,
    interpreter: Candidate,
    places: LoaderPlaces,
    options: SimulationOptions,
  ): DependencyReport {
    const SETUID_OR_SETGID = 0o6000;
    const process = new SimulatedProcess(this.store, places, {
      environment: this.environment,
      workingDirectory: this.workingDirectory,
      secure: options.capabilities === true || (object.mode & SETUID_OR_SETGID) !== 0,
    });
    process.run(object, report.file, interpreter);
    const versionErrors = this.checkVersions(process);
    const missing = [...process.unanswered.values()];
    const symbols =
      options.symbols === false
        ? []
        : missingSymbols(this.tables, process.mapped, (name) => process.named(name), {
            complete: missing.length === 0,
            bindNow: (this.environment['LD_BIND_NOW'] ?? '') !== '',
          });
    const fails =
      missing.some((one) => !one.denied) ||
      versionErrors.some((one) => !one.weak) ||
      symbols.some((one) => one.atStart);
    const denied = missing.some((one) => one.denied);
    return {
      ...report,
      verdict: fails ? 'fails' : denied ? 'unknown' : 'starts',
      reason: denied ? 'library-unreadable' : report.interpreter === null ? 'no-interpreter' : null,
      objects: process.mapped.slice(1).map(describe),
      missing: missing.map(({ name, requiredBy, searched }) => ({
        soname: name,
        requiredBy,
        searched: [...searched],
      })),
      versionErrors,
      symbolErrors: symbols.map(({ symbol, version, requiredBy }) => ({
        symbol,
        version,
        requiredBy,
      })),
      mixedGlibc: mixedGlibc(process.mapped, (path) => this.store.realDirectory(path)),
    };
  }

  /** What about the interpreter decides the verdict already, or null. */
  private interpreterTrouble(
    named: string | null,
    interpreter: Candidate,
    object: LoadedObject,
    architecture: Architecture,
  ): Verdict | null {
    if (interpreter.kind === 'absent') {
      return isNative(architecture) && named !== null
        ? { verdict: 'fails', reason: 'interpreter-missing' }
        : {
            verdict: 'unknown',
            reason: named === null ? 'no-interpreter' : 'foreign-architecture',
          };
    }
    if (interpreter.kind === 'denied') {
      return { verdict: 'unknown', reason: 'interpreter-unusable' };
    }
    if (
      interpreter.kind === 'broken' ||
      interpreter.object.elf.machine !== object.elf.machine ||
      interpreter.object.elf.class !== object.elf.class
    ) {
      return { verdict: 'fails', reason: 'interpreter-unusable' };
    }
    // The file decides, not its name: musl's loader may be installed under glibc's.
    switch (interpreter.object.elf.libc) {
      case 'glibc':
        return null;
      case 'musl':
        return { verdict: 'unknown', reason: 'musl' };
      case 'none':
      case 'unknown': {
        // musl's loader is its libc, which need not say so: no soname, no versions.
        const isLibc =
          this.tables.of(interpreter.object)?.defined.has('__libc_start_main') === true;
        return { verdict: 'unknown', reason: isLibc ? 'musl' : 'interpreter-unusable' };
      }
    }
  }

  private checkVersions(process: SimulatedProcess): VersionError[] {
    const errors: VersionError[] = [];
    for (const mapped of process.mapped) {
      for (const need of mapped.object.elf.versionNeeds) {
        const provider = process.named(need.library);
        if (provider === undefined) {
          // Versions of a library that is not loaded (an editor removed its DT_NEEDED): ld.so
          // ends with an assertion.
          process.lack(need.library, mapped);
          continue;
        }
        for (const { name, weak } of missingVersions(mapped.object, need, provider.object)) {
          const symbols = symbolsWithVersion(this.tables, mapped.object, need.library, name);
          errors.push({
            library: need.library,
            version: name,
            requiredBy: mapped.path,
            weak,
            path: provider.path,
            symbols: [...symbols],
          });
        }
      }
    }
    return errors;
  }

  /** The loader of a distribution may lie elsewhere than the ABI says; a shared object has no say. */
  private defaultInterpreter(architecture: Architecture): string {
    const { defaultInterpreter, multiarch, plainLib } = architecture;
    const name = defaultInterpreter.slice(defaultInterpreter.lastIndexOf('/') + 1);
    const places = [defaultInterpreter, `/lib/${multiarch}/${name}`, `/usr/${plainLib}/${name}`];
    return places.find((one) => this.store.open(one).kind === 'object') ?? defaultInterpreter;
  }

  private placesOf(interpreter: string, architecture: Architecture): LoaderPlaces {
    const key = `${architecture.name}:${interpreter}`;
    let places = this.places.get(key);
    if (places === undefined) {
      let processor = this.processors.get(architecture.name);
      if (processor === undefined) {
        processor = hostProcessor(architecture);
        this.processors.set(architecture.name, processor);
      }
      places = new LoaderPlaces(this.store, interpreter, architecture, processor);
      this.places.set(key, places);
    }
    return places;
  }
}

function emptyReport(file: string, root: string): DependencyReport {
  return {
    schema: 'devmend.deps/1',
    file,
    root,
    interpreter: null,
    verdict: 'unknown',
    reason: null,
    objects: [],
    missing: [],
    versionErrors: [],
    symbolErrors: [],
    mixedGlibc: [],
  };
}

function describe(mapped: Mapped): DependencyReport['objects'][number] {
  return {
    soname: mapped.name.includes('/') ? (mapped.object.elf.soname ?? mapped.name) : mapped.name,
    path: mapped.path,
    foundBy: mapped.foundBy,
    requiredBy: mapped.requiredBy,
  };
}

function unusable(candidate: Exclude<Candidate, { kind: 'object' }>): Verdict {
  const reason =
    candidate.kind !== 'broken' || candidate.error.code === 'unreadable'
      ? 'unreadable'
      : candidate.error.code === 'not-elf'
        ? 'not-elf'
        : 'malformed';
  return { verdict: 'unknown', reason };
}
