import { posix } from 'node:path';
import type { ElfPatch } from '../../../shared/plan.ts';
import type { SandboxChoice, SandboxRequest, SurveyedExecutable } from './repair.ts';

/** Families of versions that a glibc sandbox brings with libc6, libgcc-s1 and libstdc++6. */
const broughtFamilies = /^(GLIBC|GLIBCXX|CXXABI|GCC)_/;

/** Whether a missing version can come from a sandbox. */
export function patchableVersion(version: string): boolean {
  return broughtFamilies.test(version);
}

/** The loaders of glibc and musl: when the loader itself is missing, no copy of glibc mends it. */
export function isSystemLoader(soname: string): boolean {
  return /^(\/.*\/)?ld-(linux|musl)[\w.-]*\.so[.\d]*$/.test(soname);
}

/** What several programs need together. */
export function needsOf(
  executables: readonly SurveyedExecutable[],
): Pick<SandboxRequest, 'versions' | 'libraries'> {
  const versions = new Map<string, Set<string>>();
  const libraries = new Set<string>();
  for (const executable of executables) {
    executable.libraries.forEach((library) => libraries.add(library));
    for (const [library, names] of Object.entries(executable.versions)) {
      const known = versions.get(library) ?? new Set<string>();
      names.forEach((name) => known.add(name));
      versions.set(library, known);
    }
  }
  return {
    versions: Object.fromEntries(
      [...versions].map(([library, names]) => [library, [...names].sort()]),
    ),
    libraries: [...libraries].sort(),
  };
}

/**
 * How an executable is pointed to a sandbox. The sandbox comes first, so that
 * glibc's parts all come from one set; what the program named before stays
 * behind it. Written as DT_RPATH, which reaches the program's own libraries too
 * (DT_RUNPATH does not: ld.so(8)).
 */
export function elfPatch(executable: SurveyedExecutable, sandbox: SandboxChoice): ElfPatch {
  return {
    path: executable.path,
    interpreter: { before: executable.interpreter, after: sandbox.interpreter },
    rpath: {
      before: [...executable.rpath],
      after: [
        sandbox.libraryDirectory,
        ...executable.rpath.filter((entry) => posix.normalize(entry) !== sandbox.libraryDirectory),
      ],
    },
  };
}
