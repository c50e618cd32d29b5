import type { RuntimeNeeds } from '../../../shared/component.ts';
import type { DependencyReport } from '../../../shared/elf.ts';
import type { Files } from './files.ts';
import { highestVersions } from './libc.ts';
import { ownNeeds } from './own-needs.ts';

/** Versions with a number; `GLIBC_ABI_DT_RELR` and its like have no order, and always count. */
const NUMBERED = /^[A-Z]+_\d/;

/**
 * What a file and the libraries that it brings along need at least of the C and
 * C++ runtime, and which symbols force it. What its process has loaded before is
 * no need of its own.
 */
export function componentNeeds(
  realPath: string,
  report: DependencyReport | null,
  files: Files,
): RuntimeNeeds {
  const objects = (report?.objects ?? []).filter(({ foundBy }) => foundBy !== 'already-loaded');
  const needs = ownNeeds(realPath, objects, files);
  const highest = highestVersions(needs.map(({ version }) => version));
  const family = (name: string): string | null => highest[name] ?? null;
  const families = ['GLIBC', 'GLIBCXX', 'CXXABI'];
  const telling = new Set(families.map((name) => `${name}_${highest[name]}`));
  return {
    glibc: family('GLIBC'),
    glibcxx: family('GLIBCXX'),
    cxxabi: family('CXXABI'),
    forcedBy: needs.filter(({ version }) => telling.has(version) || !NUMBERED.test(version)),
  };
}
