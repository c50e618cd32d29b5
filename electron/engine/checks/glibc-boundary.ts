import type { Evidence, Finding } from '../../../shared/finding.ts';
import { message } from '../../../shared/message.ts';
import type { ProbeData, Snapshot } from '../../../shared/snapshot.ts';
import { subjectsOf, type Subject } from '../inspect/matrix-rows.ts';
import { newestFirst } from '../inspect/needs.ts';
import { effectOf, type Effect } from './boundary-effects.ts';
import type { Check } from './check.ts';
import { findingId } from './identity.ts';

type Candidate = ProbeData<'packages'>['candidates'][number];

const GLIBC_PACKAGES: ReadonlySet<string> = new Set(['libc6', 'glibc']);

/**
 * What the versions of glibc that the package manager offers would change for the
 * programs and modules here: stop them, or let them start. The candidate's file
 * is not here, so its versions follow from its upstream release; the needs are
 * those that were read from the files.
 */
export const glibcBoundary: Check = {
  id: 'glibc-boundary',
  title: message('check.boundary.name'),
  reads: ['packages', 'programs', 'libc'],
  run: (snapshot) => {
    const candidates = byVersion(snapshot.probes.packages.data?.candidates ?? []);
    const subjects = candidates.length === 0 ? [] : subjectsOf(snapshot);
    const findings = candidates.flatMap((one) => judge(one, subjects, snapshot) ?? []);
    return { findings, unchecked: [], passed: candidates.length - findings.length };
  },
};

/** The same version in several suites is one matter. */
function byVersion(candidates: readonly Candidate[]): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const candidate of candidates) {
    if (!GLIBC_PACKAGES.has(candidate.name)) continue;
    const key = `${candidate.name} ${candidate.version}`;
    const known = found.get(key);
    const origin = known === undefined ? candidate.origin : `${known.origin}, ${candidate.origin}`;
    found.set(key, { ...candidate, origin });
  }
  return [...found.values()];
}

function judge(
  candidate: Candidate,
  subjects: readonly Subject[],
  snapshot: Snapshot,
): Omit<Finding, 'repairs'> | null {
  const effects = worstFirst(subjects.flatMap((one) => effectOf(one, candidate, snapshot) ?? []));
  const [worst] = effects;
  if (worst === undefined) return null;
  const stops = effects.filter(({ kind }) => kind !== 'starts');
  const params = {
    package: candidate.name,
    candidate: candidate.version,
    origin: candidate.origin,
    count: stops.length || effects.length,
    program: worst.subject.name,
    what: whatOf(worst),
    asking: worst.need.requiredBy,
  };
  const way = stops.length === 0 ? '.starts' : candidate.direction === 'upgrade' ? '.upgrade' : '';
  return {
    id: findingId('glibc-boundary', [candidate.name, candidate.version]),
    check: 'glibc-boundary',
    severity: stops.length > 0 ? 'warning' : 'info',
    title: message(
      stops.length > 0 ? 'check.boundary.title' : 'check.boundary.title.starts',
      params,
    ),
    summary: message(
      worst.kind === 'loses' ? 'check.boundary.summary' : `check.boundary.summary.${worst.kind}`,
      params,
    ),
    headline: message(`check.boundary.headline${way}`, params),
    impact: message(`check.boundary.impact${way}`, params),
    evidence: effects.map((effect) => evidenceOf(effect, snapshot)),
    affected: (stops.length > 0 ? stops : effects).map(({ subject }) => subject.path),
  };
}

/** What would stop before what would start; within them, the newest version first. */
function worstFirst(effects: readonly Effect[]): readonly Effect[] {
  const order = ['loses', 'tied', 'mixed', 'starts'];
  const newest = newestFirst(effects.map(({ need }) => need));
  return [...effects].sort(
    (a, b) =>
      order.indexOf(a.kind) - order.indexOf(b.kind) ||
      newest.indexOf(a.need) - newest.indexOf(b.need),
  );
}

function whatOf({ need: { symbols, version } }: Effect): string {
  return symbols[0] === undefined ? version : `${symbols[0]}@${version}`;
}

function evidenceOf({ kind, subject, need }: Effect, snapshot: Snapshot): Evidence {
  const label = kind === 'starts' ? 'check.boundary.lacks' : 'check.boundary.needs';
  const what = [need.version, ...need.symbols].join(' ');
  return {
    kind: 'measured',
    label: message(label, { program: subject.name }),
    value: `${what} (${need.requiredBy})`,
    at: snapshot.takenAt,
  };
}
