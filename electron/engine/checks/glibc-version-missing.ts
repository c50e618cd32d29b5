import type { DependencyReport } from '../../../shared/elf.ts';
import type { Evidence, Finding } from '../../../shared/finding.ts';
import { message } from '../../../shared/message.ts';
import type { Program, Snapshot } from '../../../shared/snapshot.ts';
import { brokenChain } from './chain.ts';
import type { Check } from './check.ts';
import { findingId } from './identity.ts';
import { judgePrograms, uncheckedPrograms, usageOf } from './programs.ts';
import { compareVersionNames, isRuntimeVersion, versionFamily } from './versions.ts';

type VersionError = DependencyReport['versionErrors'][number];

/**
 * A program asks for a version of glibc or of the C++ runtime that the library
 * it would really load does not define. Judged by the version definitions
 * themselves, never by release numbers: distributions add nodes of their own.
 */
export const glibcVersionMissing: Check = {
  id: 'glibc-version-missing',
  title: message('check.glibc.name'),
  reads: ['programs', 'libc'],
  run: (snapshot) => ({
    ...judgePrograms(snapshot, judge),
    unchecked: uncheckedPrograms(glibcVersionMissing.id, snapshot),
  }),
};

function judge(program: Program, snapshot: Snapshot): Omit<Finding, 'repairs'>[] {
  const { report } = program;
  if (report === null) return [];
  const errors = worstFirst(
    report.versionErrors.filter((error) => isRuntimeVersion(error.version)),
  );
  const [worst] = errors;
  if (worst === undefined) return [];
  const starts = report.verdict === 'starts';
  const evidence = [
    ...errors.map((error) => versionEvidence(error, report, snapshot)),
    ...program.references.map((reference): Evidence => ({ kind: 'reference', reference })),
  ];
  const usage = usageOf(program);
  const params = {
    program: program.name,
    version: worst.version,
    library: worst.library,
    present: presentVersion(worst, snapshot) ?? '',
    editor: usage.editor,
  };
  const family = versionFamily(worst.version) === 'GLIBC' ? 'c' : 'cxx';
  const state = starts ? 'weak' : 'fails';
  return [
    {
      id: findingId('glibc-version-missing', [
        program.realPath ?? program.path,
        ...errors.map((error) => `${error.library} ${error.version} ${error.requiredBy}`).sort(),
      ]),
      check: 'glibc-version-missing',
      severity: starts ? 'warning' : 'error',
      title: message(`check.glibc.title.${state}`, params),
      summary: message(params.present ? 'check.glibc.summary' : 'check.glibc.summary.none', params),
      headline: message(`check.glibc.headline.${state}.${family}`, params),
      impact: message(`check.impact.${usage.kind}.${state}`, params),
      evidence,
      affected: [program.path, ...new Set(errors.map((error) => error.path))],
    },
  ];
}

function versionEvidence(
  error: VersionError,
  report: DependencyReport,
  snapshot: Snapshot,
): Evidence {
  return {
    kind: 'version-chain',
    hops: brokenChain(report, error.requiredBy, { name: error.library, path: error.path }),
    library: error.library,
    version: error.version,
    weak: error.weak,
    symbols: error.symbols,
    present: presentVersion(error, snapshot),
  };
}

/** Highest version of the same family that the loaded library has, in the words of the summary. */
function presentVersion(error: VersionError, snapshot: Snapshot): string | null {
  const libc = snapshot.probes.libc.data;
  const library = [libc?.libc, libc?.libstdcxx].find(
    (candidate) => candidate?.soname === error.library,
  );
  return library?.highest[versionFamily(error.version)] ?? null;
}

function worstFirst(errors: readonly VersionError[]): readonly VersionError[] {
  return [...errors].sort(
    (left, right) =>
      Number(left.weak) - Number(right.weak) || compareVersionNames(right.version, left.version),
  );
}
