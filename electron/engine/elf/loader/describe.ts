import type { DependencyReport } from '../../../../shared/elf.ts';
import type { Mapped, Unanswered } from './process.ts';
import type { MissingSymbol } from './symbol-check.ts';

/** Loaded objects as the report names them. */
export function describeObjects(mapped: readonly Mapped[]): DependencyReport['objects'] {
  return mapped.map(({ name, path, foundBy, requiredBy, object }) => ({
    soname: name.includes('/') ? (object.elf.soname ?? name) : name,
    path,
    foundBy,
    requiredBy,
  }));
}

export function describeMissing(missing: readonly Unanswered[]): DependencyReport['missing'] {
  return missing.map(({ name, requiredBy, searched, found }) => ({
    soname: name,
    requiredBy,
    searched: [...searched],
    ...(found === null ? {} : { found }),
  }));
}

export function describeSymbols(
  symbols: readonly MissingSymbol[],
): DependencyReport['symbolErrors'] {
  return symbols.map(({ symbol, version, requiredBy }) => ({ symbol, version, requiredBy }));
}
