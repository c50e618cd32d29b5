import type { Finding, ScanReport, Unchecked } from '../../../shared/finding.ts';
import { renderEvidence } from './chain.ts';
import { findingEntry } from './finding.ts';
import { wrap } from './layout.ts';
import { moment, narrower, paragraph, put, say, type View } from './view.ts';

/** The whole answer of a scan, worst first. */
export function renderScan(view: View, report: ScanReport): readonly string[] {
  return [
    ...renderMachine(view, report),
    '',
    ...report.findings.flatMap((finding) => [...withChain(view, finding), '']),
    ...renderUnchecked(view, report.unchecked),
    ...renderPassed(view, report),
    ...summary(view, report),
  ];
}

/** What was examined, in a line or two. */
export function renderMachine(view: View, report: ScanReport): readonly string[] {
  const { machine } = report;
  const facts = [
    machine.distribution,
    machine.libc,
    machine.libstdcxx === null ? null : `libstdc++ ${machine.libstdcxx}`,
    ...machine.editors.map((editor) => `${editor.name} ${editor.version}`),
    machine.go === null ? null : `Go ${machine.go}`,
    machine.kernel === null ? null : `Linux ${machine.kernel}`,
    machine.architecture,
  ].filter((fact) => fact !== null);
  return [
    ...wrap(view.style.heading(facts.join(', ')), view.columns),
    ...(machine.root === '/' ? [] : paragraph(view, 'cli.scan.root', { root: machine.root })),
  ];
}

/** An entry of the list with the evidence that carries it. */
function withChain(view: View, finding: Finding): readonly string[] {
  return [
    ...findingEntry(view, finding, ''),
    ...finding.evidence.flatMap((evidence) =>
      renderEvidence(narrower(view, 2), evidence).map((line) => `  ${line}`),
    ),
  ];
}

/** What has no answer; it is never counted as fine. */
export function renderUnchecked(view: View, unchecked: readonly Unchecked[]): readonly string[] {
  if (unchecked.length === 0) return [];
  return [
    view.style.warning(`? ${say(view, 'cli.scan.unchecked', { count: unchecked.length })}`),
    ...unchecked.flatMap((each) => [
      ...wrap(
        say(view, 'cli.scan.unchecked-entry', {
          title: put(view, each.title),
          reason: put(view, each.reason),
        }),
        view.columns,
        '  ',
      ),
      ...(each.problem?.path ? [`    ${each.problem.path}`] : []),
    ]),
    '',
  ];
}

function renderPassed(view: View, report: ScanReport): readonly string[] {
  return report.passed
    .filter((passed) => passed.examined > 0)
    .flatMap((passed) =>
      wrap(
        view.style.good('+ ') +
          say(view, 'cli.scan.passed-entry', {
            title: put(view, passed.title),
            count: passed.examined,
          }),
        view.columns,
      ),
    );
}

function summary(view: View, report: ScanReport): readonly string[] {
  const found = report.findings.length;
  const count = (severity: Finding['severity']): number =>
    report.findings.filter((finding) => finding.severity === severity).length;
  if (found === 0) {
    const key = report.unchecked.length === 0 ? 'cli.scan.clear' : 'cli.scan.clear-as-far';
    return ['', ...paragraph(view, key, { at: moment(view, report.takenAt) })];
  }
  const parts = (['error', 'warning', 'info'] as const)
    .filter((severity) => count(severity) > 0)
    .map((severity) => say(view, `cli.scan.count.${severity}`, { count: count(severity) }));
  return [
    '',
    ...wrap(`${parts.join(', ')}. ${say(view, 'cli.scan.nothing-changed')}`, view.columns),
  ];
}

/** The exact commands that come next, for somebody who reads this in a log. */
export function renderNextSteps(
  view: View,
  report: ScanReport,
  program: string,
): readonly string[] {
  const repairable = report.findings.find((finding) =>
    finding.repairs.some((repair) => repair.refused === null),
  );
  const first = repairable ?? report.findings[0];
  if (first === undefined) return [];
  const command = (verb: string, rest = ''): string => `  ${program} ${verb} ${first.id}${rest}`;
  return [
    '',
    view.style.heading(say(view, 'cli.next.heading')),
    command('explain'),
    ...(repairable === undefined
      ? []
      : [
          command('plan'),
          command('apply', ' --yes'),
          `  ${program} history`,
          `  ${program} undo ID --yes`,
        ]),
  ];
}
