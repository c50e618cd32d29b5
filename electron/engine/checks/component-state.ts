import type { Component, ComponentLine } from '../../../shared/component.ts';
import type { DependencyReport } from '../../../shared/elf.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import { baseName } from './chain.ts';
import { refusedFor } from './start-refused.ts';
import { compareVersionNames, versionFamily } from './versions.ts';

type VersionError = DependencyReport['versionErrors'][number];

/**
 * How a component stands. What the editor would never load is `not-used`, and no finding;
 * what it asks for and does not have fails.
 */
export function componentState({ variant, problem, report }: Component): ComponentLine['state'] {
  if (variant === 'required-absent') return 'fails';
  if (variant !== 'loads') return 'not-used';
  if (problem !== null) return 'unknown';
  if (report === null) return 'works';
  switch (report.verdict) {
    case 'fails':
      return 'fails';
    case 'unknown':
      return report.reason === 'no-interpreter' ? 'works' : 'unknown';
    case 'starts':
      return report.versionErrors.length > 0 || lacksOwnSymbol(report) ? 'weak' : 'works';
  }
}

/** What a library lacks would be said of everything that uses it; only its own needs count. */
function lacksOwnSymbol({ symbolErrors, file }: DependencyReport): boolean {
  return symbolErrors.some(({ requiredBy }) => requiredBy === file);
}

/** Why it has its state, in one line; null for what works. */
export function componentReason(component: Component, snapshot: Snapshot): Message | null {
  const { variant, problem, report, role, path } = component;
  if (variant === 'optional-absent' && problem !== null && role !== 'opened-library') {
    return message(`component.reason.absent.${problem.code}`, {
      path: problem.path ?? path,
      detail: problem.detail,
    });
  }
  if (variant === 'required-absent') {
    const way = problem?.code === 'unsupported' ? 'unbuilt' : 'missing';
    return message(`component.reason.${way}`, { path, asking: problem?.detail ?? '' });
  }
  if (variant !== 'loads') return message(`component.reason.${variant}`);
  if (problem !== null) {
    return message(`check.gap.reason.${problem.code}`, {
      path: problem.path ?? path,
      detail: problem.detail,
    });
  }
  if (report === null || componentState(component) === 'works') return null;
  return failureOf(report, snapshot);
}

/** What the loader lacks first: a library, then a version, then a symbol. */
function failureOf(report: DependencyReport, snapshot: Snapshot): Message {
  const [missing] = report.missing;
  const [version] = worstVersions(report.versionErrors);
  const [symbol] = report.symbolErrors;
  if (report.reason === 'interpreter-missing' || report.reason === 'interpreter-unusable') {
    return message('component.reason.interpreter', { path: report.interpreter ?? '' });
  }
  const refused = refusedFor(report);
  if (refused !== null) {
    const path = report.refused ?? report.file;
    return message(`component.reason.refused.${refused}`, { file: baseName(path) });
  }
  if (version !== undefined && (missing === undefined || !version.weak)) {
    const present = presentVersion(version, snapshot);
    const params = { version: version.version, library: version.library, present: present ?? '' };
    return message(`component.reason.version${present === null ? '.none' : ''}`, params);
  }
  if (missing !== undefined) {
    return message('component.reason.library', {
      library: missing.soname,
      more: report.missing.length - 1,
    });
  }
  if (symbol !== undefined) return message('component.reason.symbol', { symbol: symbol.symbol });
  return message(`check.program.unchecked.${report.reason ?? 'malformed'}`, { path: report.file });
}

/** Strong needs before weak ones, higher versions first. */
export function worstVersions(errors: readonly VersionError[]): readonly VersionError[] {
  return [...errors].sort(
    (left, right) =>
      Number(left.weak) - Number(right.weak) || compareVersionNames(right.version, left.version),
  );
}

/** Highest version of the same family that this system's library has; null for other libraries. */
export function presentVersion(error: VersionError, snapshot: Snapshot): string | null {
  const libc = snapshot.probes.libc.data;
  const library = [libc?.libc, libc?.libstdcxx].find((one) => one?.soname === error.library);
  return library?.highest[versionFamily(error.version)] ?? null;
}
