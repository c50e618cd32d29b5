import type { Finding, OfferedRepair } from '../../../shared/finding.ts';
import { columnsOf, wrap } from './layout.ts';
import { renderEvidence } from './chain.ts';
import { severityPaint } from './style.ts';
import { put, say, type View } from './view.ts';

/** Sign, severity word and title: `x Problem  git does not start`. */
export function findingHeading(view: View, finding: Finding): string {
  const paint = severityPaint(view.style, finding.severity);
  const word = `${signOf(finding)} ${say(view, `cli.severity.${finding.severity}`)}`;
  return `${paint(word)}  ${view.style.strong(put(view, finding.title))}`;
}

/** One entry of a list: heading, summary, id. */
export function findingEntry(view: View, finding: Finding, lead: string): readonly string[] {
  const indent = ' '.repeat(columnsOf(lead));
  const [first = '', ...rest] = wrap(findingHeading(view, finding), view.columns, indent);
  return [
    lead + first.slice(indent.length),
    ...rest,
    ...wrap(put(view, finding.summary), view.columns, `${indent}  `),
    view.style.quiet(`${indent}  ${finding.id}`),
  ];
}

/** Everything known about a finding. */
export function findingDetail(view: View, finding: Finding): readonly string[] {
  const { style } = view;
  return [
    ...wrap(
      `${severityPaint(style, finding.severity)(`${signOf(finding)} ${say(view, `cli.severity.${finding.severity}`)}`)}  ${style.heading(put(view, finding.headline))}`,
      view.columns,
    ),
    style.quiet(`  ${finding.id}`),
    '',
    ...wrap(put(view, finding.impact), view.columns),
    '',
    style.heading(say(view, 'cli.finding.evidence')),
    ...finding.evidence.flatMap((evidence) => renderEvidence(view, evidence)),
    '',
    style.heading(say(view, 'cli.finding.affected')),
    ...finding.affected.map((path) => `  ${path}`),
    '',
    style.heading(say(view, 'cli.finding.repairs')),
    ...repairs(view, finding),
  ];
}

function repairs(view: View, finding: Finding): readonly string[] {
  if (finding.repairs.length === 0)
    return wrap(say(view, 'cli.finding.no-repair'), view.columns, '  ');
  return finding.repairs.flatMap((repair, index) => [
    ...(index === 0 ? [] : ['']),
    ...repairEntry(view, repair),
  ]);
}

function repairEntry(view: View, repair: OfferedRepair): readonly string[] {
  const { style } = view;
  const marks = [
    repair.recommended && repair.refused === null ? say(view, 'cli.repair.recommended') : null,
    say(view, `cli.reversibility.${repair.reversibility}`),
  ].filter((mark) => mark !== null);
  return [
    ...wrap(`${style.strong(put(view, repair.title))} (${marks.join(', ')})`, view.columns, '  '),
    ...wrap(put(view, repair.description), view.columns, '    '),
    ...(repair.refused === null
      ? repair.choices.flatMap((choice) => choiceEntry(view, choice))
      : wrap(
          style.warning(say(view, 'cli.repair.refused', { reason: put(view, repair.refused) })),
          view.columns,
          '    ',
        )),
  ];
}

function choiceEntry(view: View, choice: OfferedRepair['choices'][number]): readonly string[] {
  const standard = say(view, 'cli.repair.choice', {
    key: choice.key,
    label: put(view, choice.label),
    value: choice.default === '' ? say(view, 'cli.repair.choice-automatic') : choice.default,
  });
  return [
    ...wrap(standard, view.columns, '    '),
    ...(choice.options ?? []).flatMap((option) =>
      wrap(
        [
          `${choice.key}=${option.value}  ${put(view, option.label)}`,
          option.note === null ? null : put(view, option.note),
        ]
          .filter((part) => part !== null)
          .join(' - '),
        view.columns,
        '      ',
      ),
    ),
  ];
}

function signOf(finding: Finding): string {
  return { error: 'x', warning: '!', info: 'i' }[finding.severity];
}
