import type { Evidence, Finding } from '../../../shared/finding.ts';
import { message } from '../../../shared/message.ts';
import type { Program, Snapshot } from '../../../shared/snapshot.ts';
import { brokenChain } from './chain.ts';
import type { Check } from './check.ts';
import { findingId } from './identity.ts';

/** Enough to recognise the matter; a large program can ask for hundreds. */
const MOST_NAMED = 12;

/**
 * A program built for the other C library: glibc's on a musl system (Alpine), or
 * musl's where musl is not installed. No library and no private glibc mends that;
 * another build of the program does.
 */
export const otherLibc: Check = {
  id: 'other-libc',
  title: message('check.otherLibc.name'),
  reads: ['programs', 'libc'],
  run: (snapshot) => {
    const programs = snapshot.probes.programs.data?.programs ?? [];
    const findings = programs.flatMap((program) => {
      const builtFor = builtForOtherLibc(program, snapshot);
      return builtFor === null ? [] : [finding(program, builtFor, snapshot)];
    });
    // What could not be judged at all, the check for libraries says.
    return {
      findings,
      unchecked: [],
      passed: programs.filter((program) => program.report?.verdict === 'starts').length,
    };
  },
};

/** The C library that a failing program was built for, where this system has the other one. */
export function builtForOtherLibc(program: Program, snapshot: Snapshot): 'glibc' | 'musl' | null {
  const { report, elf } = program;
  if (report?.verdict !== 'fails' || elf === null) return null;
  const kind = snapshot.probes.libc.data?.kind ?? 'none';
  const noLoader =
    report.reason === 'interpreter-missing' || report.reason === 'interpreter-unusable';
  if (report.reason === 'musl' || (elf.libc === 'glibc' && kind === 'musl' && noLoader)) {
    return 'glibc';
  }
  return elf.libc === 'musl' && kind === 'glibc' && noLoader ? 'musl' : null;
}

function finding(
  program: Program,
  builtFor: 'glibc' | 'musl',
  snapshot: Snapshot,
): Omit<Finding, 'repairs'> {
  const params = { program: program.name };
  return {
    id: findingId('other-libc', [program.realPath ?? program.path, builtFor]),
    check: 'other-libc',
    severity: 'error',
    title: message('check.otherLibc.title', params),
    summary: message(`check.otherLibc.summary.${builtFor}`, params),
    headline: message(`check.otherLibc.headline.${builtFor}`, params),
    impact: message(`check.otherLibc.impact.${builtFor}`, params),
    evidence: [
      ...loaderEvidence(program),
      ...symbolEvidence(program, snapshot),
      ...program.references.map((reference): Evidence => ({ kind: 'reference', reference })),
    ],
    affected: [program.path],
  };
}

/** The interpreter that is not there, or the libraries that musl's loader does not find. */
function loaderEvidence({ report }: Program): Evidence[] {
  if (report === null) return [];
  const lost =
    report.reason === 'musl'
      ? report.missing.map(({ soname, searched }) => ({ soname, searched }))
      : [{ soname: report.interpreter ?? '', searched: [report.interpreter ?? ''] }];
  return lost.map(({ soname, searched }) => ({
    kind: 'missing-chain',
    hops: brokenChain(report, report.file, { name: soname, path: null }),
    soname,
    searched,
  }));
}

function symbolEvidence({ report }: Program, snapshot: Snapshot): Evidence[] {
  const symbols = [...new Set(report?.symbolErrors.map((error) => error.symbol))];
  if (symbols.length === 0) return [];
  const more = symbols.length > MOST_NAMED ? ` … (${symbols.length})` : '';
  return [
    {
      kind: 'measured',
      label: message('check.evidence.symbols'),
      value: `${symbols.slice(0, MOST_NAMED).join(', ')}${more}`,
      at: snapshot.takenAt,
    },
  ];
}
