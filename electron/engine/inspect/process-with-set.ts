import { join } from 'node:path';
import type { ForcedNeed } from '../../../shared/component.ts';
import type { DependencyReport } from '../../../shared/elf.ts';
import { readElf } from '../elf/read.ts';
import { readDynamicSymbols, type DynamicSymbol } from '../elf/symbols.ts';
import type { ElfFile } from '../elf/types.ts';
import { openFiles } from '../probes/files.ts';
import type { RuntimeSet } from './runtime-set.ts';

/** What another runtime would lack for one process. */
export interface Lacking {
  /** Version definitions that something in the process needs and would not find. */
  readonly versions: readonly ForcedNeed[];
  /** Symbols that lose their definition though their version stays. */
  readonly symbols: readonly ForcedNeed[];
  /** sonames that no file answers, now or then. */
  readonly missing: readonly string[];
}

interface ReadObject {
  readonly elf: ElfFile;
  readonly undefined: readonly DynamicSymbol[];
}

/**
 * Works out what programs would find if the system's runtime were another set of
 * files. The system's own copies, and only those, are thought of as replaced: a
 * program with a C library of its own keeps it.
 */
export class Replacement {
  private readonly root: string;
  private readonly target: RuntimeSet;
  private readonly replaced: ReadonlyMap<string, string>;
  private readonly defined: ReadonlySet<string>;
  private readonly defines = new Map<string, ReadonlySet<string>>();
  private readonly objects = new Map<string, ReadObject | null>();
  private readonly realPath: (path: string) => string;

  constructor(root: string, current: RuntimeSet, target: RuntimeSet) {
    const files = openFiles(root);
    this.root = root;
    this.target = target;
    this.realPath = (path) => {
      const real = files.realPath(path);
      return real.ok ? real.value : path;
    };
    const both = [...current.values()].filter(({ soname }) => target.has(soname));
    this.replaced = new Map(both.map(({ path, soname }) => [path, soname]));
    this.defined = new Set([...target.values()].flatMap(({ symbols }) => [...symbols]));
  }

  /** Whether the process uses a file that would be replaced, or misses one that would come. */
  concerns(report: DependencyReport): boolean {
    return (
      report.objects.some(({ path }) => this.replaced.has(this.realPath(path))) ||
      report.missing.some(({ soname }) => this.target.has(soname))
    );
  }

  /** The needs of the whole process that the other set would not answer. */
  lacking(report: DependencyReport): Lacking {
    const providers = new Map<string, string>();
    for (const { soname, path } of report.objects) providers.set(soname, this.realPath(path));
    const ownC = this.ownLibc(providers);
    const missing = report.missing
      .map(({ soname }) => soname)
      .filter((soname) => ownC || !this.target.has(soname));
    if (ownC) return { versions: [], symbols: [], missing };
    const versions: ForcedNeed[] = [];
    const symbols: ForcedNeed[] = [];
    for (const [path, object] of this.objectsOf(report)) {
      for (const { library, versions: names } of object.elf.versionNeeds) {
        const offered = this.offered(library, providers);
        if (offered === null) continue;
        for (const { name, weak } of names) {
          const carried = object.undefined.filter(
            (one) => one.library === library && one.version === name,
          );
          const need = { library, version: name, requiredBy: path };
          if (!offered.has(name)) {
            if (!weak) versions.push({ ...need, symbols: carried.map((one) => one.name).sort() });
          } else if (this.target.has(library)) {
            const lost = carried.filter(
              (one) => !one.weak && !this.defined.has(`${one.name}@${name}`),
            );
            if (lost.length > 0)
              symbols.push({ ...need, symbols: lost.map((one) => one.name).sort() });
          }
        }
      }
    }
    return { versions, symbols, missing };
  }

  /** The process has a libc.so.6 that is not the system's, so nothing of it changes. */
  private ownLibc(providers: ReadonlyMap<string, string>): boolean {
    const libc = providers.get('libc.so.6');
    return libc !== undefined && !this.replaced.has(libc);
  }

  /** Version names a library would define; null where it would not be there, or has none. */
  private offered(
    soname: string,
    providers: ReadonlyMap<string, string>,
  ): ReadonlySet<string> | null {
    const path = providers.get(soname);
    const replacement = this.target.get(soname);
    if (replacement !== undefined && (path === undefined || this.replaced.has(path))) {
      return replacement.versions;
    }
    return path === undefined ? null : this.definesOf(path);
  }

  private definesOf(path: string): ReadonlySet<string> | null {
    let known = this.defines.get(path);
    if (known === undefined) {
      const object = this.read(path, join(this.root, path));
      // A library without any version definition satisfies every need (dl-version.c).
      if (object === null || object.elf.versionDefines.length === 0) return null;
      known = new Set(object.elf.versionDefines.map(({ name }) => name));
      this.defines.set(path, known);
    }
    return known;
  }

  /** The program and its libraries as they are; those of the set replaced are left out. */
  private *objectsOf(report: DependencyReport): Generator<[string, ReadObject]> {
    const paths = [report.file, ...report.objects.map(({ path }) => path)];
    for (const path of new Set(paths.map(this.realPath))) {
      if (this.replaced.has(path)) continue;
      const object = this.read(path, join(this.root, path));
      if (object !== null) yield [path, object];
    }
  }

  private read(path: string, hostPath: string): ReadObject | null {
    let object = this.objects.get(path);
    if (object === undefined) {
      const elf = readElf(hostPath);
      const symbols = elf.ok ? readDynamicSymbols(hostPath, elf.value) : null;
      object = elf.ok
        ? { elf: elf.value, undefined: symbols?.ok === true ? symbols.value.undefined : [] }
        : null;
      this.objects.set(path, object);
    }
    return object;
  }
}
