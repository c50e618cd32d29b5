import type { Unchecked } from '../../../shared/finding.ts';
import { message } from '../../../shared/message.ts';
import type { ProbeId, ProbeProblem, Snapshot } from '../../../shared/snapshot.ts';
import type { Check } from './check.ts';
import { findingId } from './identity.ts';

/** Probes whose problems concern single programs; the checks report those themselves. */
const reportedByChecks: ReadonlySet<ProbeId> = new Set(['programs']);

/** Problems that say nothing a person could act on: most places simply do not exist. */
const harmless: ReadonlySet<ProbeProblem['code']> = new Set(['not-found', 'unsupported']);

/**
 * Versions on offer are a forecast, and no fault of this machine hides in a list
 * that was not read to the end: what is installed is known all the same.
 */
function isForecast(
  id: ProbeId,
  problem: ProbeProblem,
  { data }: Snapshot['probes'][ProbeId],
): boolean {
  return id === 'packages' && problem.code === 'timed-out' && data !== null;
}

/**
 * What could not be looked at, as far as it belongs to no single program: probes
 * without an answer, settings files that break off. A gap is never shown as fine.
 */
export function probeGaps(snapshot: Snapshot): Unchecked[] {
  const probes = Object.entries(snapshot.probes) as [ProbeId, Snapshot['probes'][ProbeId]][];
  const gaps = probes
    .filter(([id]) => !reportedByChecks.has(id))
    .flatMap(([id, probe]) =>
      probe.problems
        .filter((problem) => !harmless.has(problem.code) && !isForecast(id, problem, probe))
        .map((problem) => gapOf(id, problem)),
    );
  return [...gaps, ...brokenSettings(snapshot)];
}

/** A check that cannot run, because a probe it reads has no answer at all. */
export function blockedCheck(check: Check, snapshot: Snapshot): Unchecked | null {
  const blocking = check.reads.find((id) => snapshot.probes[id].data === null);
  if (blocking === undefined) return null;
  const probe = snapshot.probes[blocking];
  return {
    id: findingId(check.id, ['blocked', blocking]),
    check: check.id,
    title: check.title,
    reason: message(`check.gap.${probe.status === 'denied' ? 'denied' : 'failed'}`, {
      detail: probe.problems[0]?.detail ?? blocking,
    }),
    problem: probe.problems[0] ?? null,
  };
}

function gapOf(probe: ProbeId, problem: ProbeProblem): Unchecked {
  const path = problem.path ?? '';
  return {
    id: findingId('gap', [probe, problem.code, path]),
    check: `probe:${probe}`,
    title: message(`check.gap.title.${probe}`, { path }),
    reason: message(`check.gap.reason.${problem.code}`, { path, detail: problem.detail }),
    problem,
  };
}

function brokenSettings(snapshot: Snapshot): Unchecked[] {
  const files = snapshot.probes['editor-settings'].data?.files ?? [];
  return files.flatMap(({ file, errors, editorName }) => {
    const [first] = errors;
    if (first === undefined) return [];
    return [
      {
        id: findingId('gap', ['settings', file]),
        check: 'probe:editor-settings',
        title: message('check.gap.settings.title', { editor: editorName, path: file }),
        reason: message('check.gap.settings.reason', { path: file, line: first.line }),
        problem: null,
      },
    ];
  });
}
