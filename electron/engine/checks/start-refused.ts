import type { DependencyReport } from '../../../shared/elf.ts';
import type { Evidence, Finding } from '../../../shared/finding.ts';
import { message } from '../../../shared/message.ts';
import type { Program, Snapshot } from '../../../shared/snapshot.ts';
import { baseName, brokenChain } from './chain.ts';
import type { Check } from './check.ts';
import { findingId } from './identity.ts';
import { judgePrograms } from './programs.ts';

const REASONS = ['relr-unmarked', 'processor-level', 'not-executable'] as const;
type Reason = (typeof REASONS)[number];

/**
 * Everything a program needs is there, and yet it does not start: the kernel or the loader
 * does not take one of its files as it is. No other C library mends that.
 */
export const startRefused: Check = {
  id: 'start-refused',
  title: message('check.refused.name'),
  reads: ['programs'],
  // What could not be judged at all, the check for libraries says.
  run: (snapshot) => ({ ...judgePrograms(snapshot, judge), unchecked: [] }),
};

/** Why a start is refused though nothing is missing; null for every other reason. */
export function refusedFor({ verdict, reason }: DependencyReport): Reason | null {
  return verdict === 'fails' ? (REASONS.find((one) => one === reason) ?? null) : null;
}

function judge(program: Program, snapshot: Snapshot): Omit<Finding, 'repairs'>[] {
  const { report } = program;
  const reason = report === null ? null : refusedFor(report);
  if (report === null || reason === null) return [];
  const path = report.refused ?? report.file;
  const params = { program: program.name, file: baseName(path), path };
  return [
    {
      id: findingId('start-refused', [program.realPath ?? program.path, reason, path]),
      check: 'start-refused',
      severity: 'error',
      title: message('check.refused.title', params),
      summary: message(`check.refused.summary.${reason}`, params),
      headline: message(`check.refused.headline.${reason}`, params),
      impact: message(`check.refused.impact.${reason}`, params),
      evidence: [
        refusedEvidence(report, path, snapshot.takenAt),
        ...program.references.map((reference): Evidence => ({ kind: 'reference', reference })),
        {
          kind: 'measured',
          label: message('check.evidence.scanned'),
          value: snapshot.root,
          at: snapshot.takenAt,
        },
      ],
      affected: [...new Set([program.path, path])],
    },
  ];
}

/** How the loader came to the file that it does not take. */
function refusedEvidence(report: DependencyReport, path: string, at: string): Evidence {
  const object = report.objects.find((one) => one.path === path);
  if (object === undefined) {
    return { kind: 'measured', label: message('check.refused.evidence'), value: path, at };
  }
  const { soname, requiredBy } = object;
  const hops = brokenChain(report, requiredBy[0] ?? report.file, { name: soname, path });
  return { kind: 'missing-chain', hops, soname, searched: [path] };
}
