import { fail, ok, type ErrorData, type Result } from '../../shared/error.ts';
import type { Finding, ScanReport, Unchecked } from '../../shared/finding.ts';
import type { ProbeId, Snapshot } from '../../shared/snapshot.ts';
import type { Check } from './checks/check.ts';
import { blockedCheck, probeGaps } from './checks/gaps.ts';
import { checks } from './checks/registry.ts';
import { repairs } from './repairs/registry.ts';

const severityOrder = ['error', 'warning', 'info'] as const;

/** The checks named, or all of them. */
export function selectChecks(
  only: readonly string[] | undefined,
): Result<readonly Check[], ErrorData> {
  if (only === undefined) return ok(checks);
  const unknown = only.find((id) => !checks.some((check) => check.id === id));
  if (unknown !== undefined) {
    const known = checks.map((check) => check.id).join(', ');
    return fail('unknown-check', { check: unknown, known });
  }
  return ok(checks.filter((check) => only.includes(check.id)));
}

/** Judges a snapshot: a pure function. */
export function judge(snapshot: Snapshot, selected: readonly Check[]): ScanReport {
  const findings: Finding[] = [];
  const unchecked: Unchecked[] = probeGaps(snapshot);
  const passed: ScanReport['passed'] = [];
  for (const check of selected) {
    const blocked = blockedCheck(check, snapshot);
    if (blocked !== null) {
      unchecked.push(blocked);
      continue;
    }
    const outcome = check.run(snapshot);
    findings.push(...outcome.findings.map((bare) => withRepairs(bare, snapshot)));
    unchecked.push(...outcome.unchecked);
    passed.push({ check: check.id, title: check.title, examined: outcome.passed });
  }
  findings.sort(
    (left, right) => severityOrder.indexOf(left.severity) - severityOrder.indexOf(right.severity),
  );
  return {
    takenAt: snapshot.takenAt,
    machine: machineFacts(snapshot),
    probes: probeFacts(snapshot),
    findings,
    unchecked: withoutRepeats(unchecked),
    passed,
  };
}

function withRepairs(bare: Omit<Finding, 'repairs'>, snapshot: Snapshot): Finding {
  const offered = repairs.flatMap((repair) => repair.offer(bare, snapshot) ?? []);
  return { ...bare, repairs: offered };
}

/** Two checks that read the same program have the same gap: it is one gap to a person. */
function withoutRepeats(unchecked: readonly Unchecked[]): Unchecked[] {
  const seen = new Set<string>();
  return unchecked.filter((gap) => {
    const key = JSON.stringify([gap.title, gap.reason]);
    return !seen.has(key) && seen.add(key);
  });
}

function probeFacts(snapshot: Snapshot): ScanReport['probes'] {
  const probes = Object.entries(snapshot.probes) as [ProbeId, Snapshot['probes'][ProbeId]][];
  return probes.map(([id, probe]) => ({
    id,
    status: probe.status,
    reason: probe.problems[0]?.detail ?? null,
    ms: probe.ms,
  }));
}

function machineFacts(snapshot: Snapshot): ScanReport['machine'] {
  const { distribution, kernel, libc, editors, packages } = snapshot.probes;
  const go = snapshot.probes['go-tools'].data?.tools.find((tool) => tool.name === 'go');
  return {
    distribution: distribution.data?.prettyName ?? null,
    kernel: kernel.data?.release ?? null,
    architecture: kernel.data?.architecture ?? 'other',
    // A release need not define a version of its own: the highest of 2.31 is GLIBC_2.30.
    libc: named(
      libc.data?.kind,
      packages.data?.libcFile?.release ?? libc.data?.libc?.highest['GLIBC'],
    ),
    libstdcxx: libc.data?.libstdcxx?.highest['GLIBCXX'] ?? null,
    editors: (editors.data?.editors ?? []).map(({ name, version, directory }) => ({
      name,
      version,
      directory,
    })),
    go: go?.goVersion?.replace(/^go/, '') ?? null,
    root: snapshot.root,
    home: snapshot.home,
    user: snapshot.user.name,
  };
}

function named(kind: string | undefined, version: string | undefined): string | null {
  if (kind === undefined || kind === 'none') return null;
  return version === undefined ? kind : `${kind} ${version}`;
}
