import type { DependencyReport } from '../../../shared/elf.ts';
import { glibcOf } from './libc-text.ts';
import type { ElfFile } from './types.ts';
import {
  architectureOf,
  hostProcessor,
  isNative,
  type Architecture,
  type Processor,
} from './loader/architecture.ts';
import {
  describeMissing,
  describeObjects,
  describeSymbols,
  emptyReport,
  unusable,
  type Verdict,
} from './loader/describe.ts';
import { isExecutable, mayBeStarted } from './loader/executable.ts';
import { mixedGlibc } from './loader/glibc-set.ts';
import { simulateMusl } from './loader/musl-report.ts';
import { SimulatedProcess, type Mapped, type ProcessOptions } from './loader/process.ts';
import { isOnNosuid, startsSecure, type Starter } from './loader/secure.ts';
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
  /** Who starts programs of the running system; in another root nobody knows. Default: unknown. */
  readonly user?: Starter;
}

export interface SimulationOptions {
  /** Also look every symbol up, not only the versions. Default true. */
  readonly symbols?: boolean;
  /** The file has capabilities, so it starts in secure-execution mode as setuid ones may. */
  readonly capabilities?: boolean;
}

type Start = ProcessOptions & { readonly symbols: boolean };
type VersionError = DependencyReport['versionErrors'][number];

/** A program of which it is known how it would be started. */
interface Startable {
  readonly rules: 'glibc' | 'musl';
  readonly report: DependencyReport;
  readonly object: LoadedObject;
  readonly interpreter: Extract<Candidate, { kind: 'object' }>;
  readonly start: Start;
  readonly loaderPath: string;
  readonly architecture: Architecture;
}
type Prepared = Startable | { readonly rules: 'none'; readonly report: DependencyReport };

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
  private readonly starter: Starter | null;
  private readonly store: ObjectStore;
  private readonly tables = new SymbolTables();
  private readonly places = new Map<string, LoaderPlaces>();
  private readonly processors = new Map<string, Processor>();
  private readonly started = new Map<string, SimulatedProcess | null>();

  constructor(root: string, options: LoaderSessionOptions = {}) {
    this.root = root;
    this.environment = options.environment ?? {};
    // Without the slash that every relative path has put before it.
    this.workingDirectory = (options.workingDirectory ?? '/').replace(/\/+$/, '');
    this.starter = root === '/' ? (options.user ?? null) : null;
    this.store = new ObjectStore(root);
  }

  /**
   * The libraries that starting `path` (a path inside the root) would load, how
   * each would be found, and what is missing. A shared object without an
   * interpreter is judged as its architecture's standard loader would load it.
   * Never throws for anything the file contains.
   */
  simulate(path: string, options: SimulationOptions = {}): DependencyReport {
    const report = this.simulateStart(path, options);
    const candidate = this.store.open(path);
    return candidate.kind === 'object' && !mayBeStarted(candidate.object)
      ? { ...report, verdict: 'fails', reason: 'not-executable' }
      : report;
  }

  private simulateStart(path: string, options: SimulationOptions): DependencyReport {
    const prepared = this.prepare(path, options);
    const { report } = prepared;
    if (prepared.rules === 'none') return report;
    const { interpreter, object, start } = prepared;
    if (prepared.rules === 'glibc') return this.judge(report, this.run(prepared), start.symbols);
    const { store, tables } = this;
    const musl = simulateMusl({ store, tables, interpreter, options: start }, object, path);
    return { ...report, ...musl };
  }

  /**
   * What dlopen(3) of `name` (a path, or a soname to look for) would load into a
   * process of `program` that has started, called by the program itself: what it
   * lacks besides what the program has loaded and defines already. Null where the
   * program is none that glibc's loader would start.
   */
  simulateOpening(program: string, name: string): DependencyReport | null {
    let started = this.started.get(program);
    if (started === undefined) {
      const prepared = this.prepare(program, {});
      started = prepared.rules === 'glibc' ? this.run(prepared) : null;
      this.started.set(program, started);
    }
    if (started === null) return null;
    const process = started.fork();
    const before = new Set(process.mapped);
    const opened = process.open(name);
    const report = emptyReport(opened?.path ?? name, this.root);
    const candidate = this.store.open(name);
    if (opened === null && candidate.kind === 'broken') {
      return { ...report, ...unusable(candidate) };
    }
    const asked = new Set(process.mapped.filter((one) => !before.has(one) || one === opened));
    const judged = this.judge(report, process, true, asked);
    return { ...judged, objects: judged.objects.filter((one) => one.path !== opened?.path) };
  }

  /** Opens a program and its loader, and tells whose rules hold; or the report where none do. */
  private prepare(path: string, options: SimulationOptions): Prepared {
    const empty = emptyReport(path, this.root);
    const candidate = this.store.open(path);
    const ended = (report: DependencyReport): Prepared => ({ rules: 'none', report });
    if (candidate.kind !== 'object') return ended({ ...empty, ...unusable(candidate) });
    const { object } = candidate;
    const { elf } = object;
    const report = { ...empty, interpreter: elf.interpreter };
    if (elf.linkage === 'static' || elf.linkage === 'static-pie') {
      return ended({ ...report, verdict: 'starts', reason: 'static' });
    }
    if (elf.linkage === null) {
      return ended({ ...report, verdict: 'unknown', reason: 'no-interpreter' });
    }
    const architecture = architectureOf(elf);
    if (architecture === null) {
      return ended({ ...report, verdict: 'unknown', reason: 'foreign-architecture' });
    }
    const loaderPath = elf.interpreter ?? this.defaultInterpreter(architecture, elf.libc);
    const interpreter = this.store.open(
      loaderPath.startsWith('/') ? loaderPath : `${this.workingDirectory}/${loaderPath}`,
    );
    const rules = this.kindOf(elf.interpreter, interpreter, object, architecture);
    if (typeof rules !== 'string' || interpreter.kind !== 'object') {
      return ended({ ...report, ...(typeof rules === 'string' ? {} : rules) });
    }
    const start = this.startOf(object, path, options);
    return { rules, report, object, interpreter, start, loaderPath, architecture };
  }

  private startOf(file: LoadedObject, path: string, options: SimulationOptions): Start {
    return {
      environment: this.environment,
      workingDirectory: this.workingDirectory,
      secure: startsSecure({
        file,
        capabilities: options.capabilities === true,
        starter: this.starter,
        nosuid: () => isOnNosuid(path),
      }),
      symbols: options.symbols !== false,
    };
  }

  private run({ report, object, interpreter, start, ...loader }: Startable): SimulatedProcess {
    const places = this.placesOf(loader.loaderPath, loader.architecture);
    const process = new SimulatedProcess(this.store, places, start);
    process.run(object, report.file, interpreter);
    return process;
  }

  /** Checks the needs of everything mapped, or only of the objects `asked` about. */
  private judge(
    report: DependencyReport,
    process: SimulatedProcess,
    withSymbols: boolean,
    asked?: ReadonlySet<Mapped>,
  ): DependencyReport {
    const shown =
      asked === undefined
        ? process.mapped.slice(1)
        : process.mapped.filter((one) => asked.has(one) || one.requiredBy.length > 0);
    const versionErrors = this.checkVersions(process, asked ?? new Set(process.mapped));
    const missing = [...process.unanswered.values()];
    const symbols = !withSymbols
      ? []
      : missingSymbols(this.tables, process.mapped, (name) => process.named(name), {
          complete: missing.length === 0,
          bindNow: (this.environment['LD_BIND_NOW'] ?? '') !== '',
          ...(asked === undefined ? {} : { asked }),
        });
    const refusal = missing.length > 0 ? null : process.refusal(asked ?? process.mapped);
    const fails =
      refusal !== null ||
      missing.some((one) => !one.denied) ||
      versionErrors.some((one) => !one.weak) ||
      symbols.some((one) => one.atStart);
    const denied = missing.some((one) => one.denied);
    const program = asked === undefined && report.interpreter === null;
    return {
      ...report,
      verdict: fails ? 'fails' : denied ? 'unknown' : 'starts',
      reason: denied
        ? 'library-unreadable'
        : (refusal?.reason ?? (program ? 'no-interpreter' : null)),
      ...(refusal === null ? {} : { refused: refusal.path }),
      objects: describeObjects(shown),
      missing: describeMissing(missing),
      versionErrors,
      symbolErrors: describeSymbols(symbols),
      mixedGlibc: mixedGlibc(process.mapped, {
        realDirectory: (path) => this.store.realDirectory(path),
        buildId: (path) => this.store.buildId(path),
        release: (path) => glibcOf(this.root, path),
      }).filter(({ path }) => asked === undefined || shown.some((one) => one.path === path)),
    };
  }

  /** Whose rules the interpreter follows, or the verdict where it decides that already. */
  private kindOf(
    named: string | null,
    interpreter: Candidate,
    object: LoadedObject,
    architecture: Architecture,
  ): 'glibc' | 'musl' | Verdict {
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
      interpreter.object.elf.class !== object.elf.class ||
      // The kernel opens an interpreter as it opens a program; a shared object has none to open.
      (named !== null && !isExecutable(interpreter.object))
    ) {
      return { verdict: 'fails', reason: 'interpreter-unusable' };
    }
    // The file decides, not its name: musl's loader may be installed under glibc's.
    switch (interpreter.object.elf.libc) {
      case 'glibc':
        return 'glibc';
      case 'musl':
        return 'musl';
      case 'none':
      case 'unknown':
        // musl's loader is its libc, which need not say so: no soname, no versions.
        return this.tables.of(interpreter.object)?.defined.has('__libc_start_main') === true
          ? 'musl'
          : { verdict: 'unknown', reason: 'interpreter-unusable' };
    }
  }

  private checkVersions(process: SimulatedProcess, asked: ReadonlySet<Mapped>): VersionError[] {
    const errors: VersionError[] = [];
    for (const mapped of asked) {
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
  private defaultInterpreter(architecture: Architecture, libc: ElfFile['libc']): string {
    const { defaultInterpreter, multiarch, plainLib, muslInterpreter } = architecture;
    if (libc === 'musl') {
      return muslInterpreter;
    }
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
