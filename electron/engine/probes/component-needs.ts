import type { ForcedNeed, RuntimeNeeds } from '../../../shared/component.ts';
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
): { readonly needs: RuntimeNeeds; readonly allNeeds: ForcedNeed[] } {
  const objects = (report?.objects ?? []).filter(({ foundBy }) => foundBy !== 'already-loaded');
  const allNeeds = ownNeeds(realPath, objects, files);
  const highest = highestVersions(allNeeds.map(({ version }) => version));
  const family = (name: string): string | null => highest[name] ?? null;
  const families = ['GLIBC', 'GLIBCXX', 'CXXABI'];
  const telling = new Set(families.map((name) => `${name}_${highest[name]}`));
  const needs = {
    glibc: family('GLIBC'),
    glibcxx: family('GLIBCXX'),
    cxxabi: family('CXXABI'),
    forcedBy: allNeeds.filter(({ version }) => telling.has(version) || !NUMBERED.test(version)),
  };
  return { needs, allNeeds };
}
