import type { DependencyReport } from '../../../shared/elf.ts';
import type { Evidence, Finding } from '../../../shared/finding.ts';
import { message } from '../../../shared/message.ts';
import type { Program, Snapshot } from '../../../shared/snapshot.ts';
import { brokenChain } from './chain.ts';
import type { Check } from './check.ts';
import { findingId } from './identity.ts';
import { builtForOtherLibc } from './other-libc.ts';
import { judgePrograms, uncheckedPrograms, usageOf } from './programs.ts';
import { isRuntimeVersion } from './versions.ts';

/**
 * A library that a program needs is nowhere the loader looks, is there in a
 * version that other libraries refuse, or the loader itself is missing.
 */
export const libraryMissing: Check = {
  id: 'library-missing',
  title: message('check.library.name'),
  reads: ['programs', 'libc'],
  run: (snapshot) => ({
    ...judgePrograms(snapshot, judge),
    unchecked: uncheckedPrograms(libraryMissing.id, snapshot),
  }),
};

function judge(program: Program, snapshot: Snapshot): Omit<Finding, 'repairs'>[] {
  const { report } = program;
  if (report === null || builtForOtherLibc(program, snapshot) !== null) return [];
  const broken = [...missingLibraries(report), ...missingLoader(report), ...otherVersions(report)];
  const [first] = broken;
  if (first === undefined) return [];
  const usage = usageOf(program);
  const params = {
    program: program.name,
    library: first.name,
    more: broken.length - 1,
    count: broken.length,
    editor: usage.editor,
    version: first.version,
  };
  return [
    {
      id: findingId('library-missing', [
        program.realPath ?? program.path,
        ...broken.map((item) => `${item.name} ${item.version}`).sort(),
      ]),
      check: 'library-missing',
      severity: report.verdict === 'starts' ? 'warning' : 'error',
      title: message('check.library.title', params),
      summary: message(`check.library.summary.${first.kind}`, params),
      headline: message(`check.library.headline.${first.kind}`, params),
      impact: message(`check.impact.${usage.kind}.library`, params),
      evidence: [
        ...broken.map((item) => item.evidence),
        ...program.references.map((reference): Evidence => ({ kind: 'reference', reference })),
        measuredAt(snapshot),
      ],
      affected: [program.path],
    },
  ];
}

interface Broken {
  readonly kind: 'missing' | 'refused' | 'loader' | 'version';
  readonly name: string;
  readonly version: string;
  readonly evidence: Evidence;
}

function missingLibraries(report: DependencyReport): Broken[] {
  return report.missing.map(({ soname, requiredBy, searched, found = null }) => ({
    kind: found === null ? 'missing' : 'refused',
    name: soname,
    version: '',
    evidence: {
      kind: 'missing-chain',
      hops: brokenChain(report, requiredBy[0] ?? report.file, { name: soname, path: found }),
      soname,
      searched,
    },
  }));
}

function missingLoader(report: DependencyReport): Broken[] {
  const { interpreter, reason } = report;
  if (reason !== 'interpreter-missing' && reason !== 'interpreter-unusable') return [];
  const name = interpreter ?? '';
  return [
    {
      kind: 'loader',
      name,
      version: '',
      evidence: {
        kind: 'missing-chain',
        hops: brokenChain(report, report.file, { name, path: null }),
        soname: name,
        searched: [name],
      },
    },
  ];
}

/** Missing versions of libraries outside the C and C++ runtime, such as OPENSSL_3.2.0. */
function otherVersions(report: DependencyReport): Broken[] {
  return report.versionErrors
    .filter((error) => !isRuntimeVersion(error.version))
    .map((error) => ({
      kind: 'version',
      name: error.library,
      version: error.version,
      evidence: {
        kind: 'version-chain',
        hops: brokenChain(report, error.requiredBy, { name: error.library, path: error.path }),
        library: error.library,
        version: error.version,
        weak: error.weak,
        symbols: error.symbols,
        present: null,
      },
    }));
}

function measuredAt(snapshot: Snapshot): Evidence {
  return {
    kind: 'measured',
    label: message('check.evidence.scanned'),
    value: snapshot.root,
    at: snapshot.takenAt,
  };
}
