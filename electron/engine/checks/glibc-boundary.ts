import type { ForcedNeed } from '../../../shared/component.ts';
import type { Finding } from '../../../shared/finding.ts';
import { message } from '../../../shared/message.ts';
import type { ProbeData, Program, Snapshot } from '../../../shared/snapshot.ts';
import { glibcMarkers } from '../data/runtime-versions.ts';
import { compareNumbers } from '../numeric-version.ts';
import type { Check } from './check.ts';
import { findingId } from './identity.ts';
import { compareVersionNames } from './versions.ts';

type Packages = ProbeData<'packages'>;
type Candidate = Packages['candidates'][number];

const GLIBC_PACKAGES: ReadonlySet<string> = new Set(['libc6', 'glibc']);

/**
 * The package manager offers an older glibc that lacks versions which programs
 * here depend on. The candidate's file is not here, so its versions follow from
 * its upstream release; the needs are those that were read from the programs.
 */
export const glibcBoundary: Check = {
  id: 'glibc-boundary',
  title: message('check.boundary.name'),
  reads: ['packages', 'programs', 'libc'],
  run: (snapshot) => {
    const candidates = snapshot.probes.packages.data?.candidates ?? [];
    const glibcs = candidates.filter(({ name }) => GLIBC_PACKAGES.has(name));
    const findings = glibcs.flatMap((candidate) => judge(candidate, snapshot) ?? []);
    return { findings, unchecked: [], passed: glibcs.length - findings.length };
  },
};

function judge(candidate: Candidate, snapshot: Snapshot): Omit<Finding, 'repairs'> | null {
  const release = /^(?:\d+:)?(\d+\.\d+)/.exec(candidate.version)?.[1];
  if (release === undefined || candidate.direction !== 'downgrade') return null;
  const programs = (snapshot.probes.programs.data?.programs ?? []).flatMap((program) => {
    const need = lostNeed(program, release);
    return need === null ? [] : [{ program, need }];
  });
  const [first] = programs;
  if (first === undefined) return null;
  const [symbol] = first.need.symbols;
  const params = {
    package: candidate.name,
    candidate: candidate.version,
    origin: candidate.origin,
    count: programs.length,
    program: first.program.name,
    what: symbol === undefined ? first.need.version : `${symbol}@${first.need.version}`,
  };
  return {
    id: findingId('glibc-boundary', [candidate.name, candidate.version, candidate.origin]),
    check: 'glibc-boundary',
    severity: 'warning',
    title: message('check.boundary.title', params),
    summary: message('check.boundary.summary', params),
    headline: message('check.boundary.headline', params),
    impact: message('check.boundary.impact', params),
    evidence: programs.map(({ program, need }) => ({
      kind: 'measured',
      label: message('check.boundary.needs', { program: program.name }),
      value: `${need.version} ${need.symbols.join(' ')} (${need.requiredBy})`.replace(
        / {2,}/g,
        ' ',
      ),
      at: snapshot.takenAt,
    })),
    affected: programs.map(({ program }) => program.path),
  };
}

/** The newest version that a program which starts today would no longer find. */
function lostNeed({ report, elf }: Program, release: string): ForcedNeed | null {
  if (report?.verdict !== 'starts') return null;
  const lost = (elf?.needs ?? []).filter(({ version }) => {
    const number = glibcMarkers[version]?.earliest ?? /^GLIBC_(\d+\.\d+)/.exec(version)?.[1];
    return number !== undefined && compareNumbers(number, release) > 0;
  });
  return lost.sort((a, b) => compareVersionNames(b.version, a.version))[0] ?? null;
}
