import type { DependencyReport } from '../../../../shared/elf.ts';
import type { Mapped, Unanswered } from './process.ts';
import type { Candidate } from './store.ts';
import type { MissingSymbol } from './symbol-check.ts';

export type Verdict = Pick<DependencyReport, 'verdict' | 'reason'>;

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

/** The report of a file of which nothing is known yet. */
export function emptyReport(file: string, root: string): DependencyReport {
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

/** Why a file can be no program. */
export function unusable(candidate: Exclude<Candidate, { kind: 'object' }>): Verdict {
  const reason =
    candidate.kind !== 'broken' || candidate.error.code === 'unreadable'
      ? 'unreadable'
      : candidate.error.code === 'not-elf'
        ? 'not-elf'
        : 'malformed';
  return { verdict: 'unknown', reason };
}
