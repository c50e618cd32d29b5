import type { ChangePreview, DiffLine, PlanReview } from '../../../shared/plan.ts';
import type { Reversibility } from '../../../shared/finding.ts';
import type { Message } from '../../../shared/message.ts';
import { sizeInWords, wrap } from './layout.ts';
import { duration, paragraph, put, say, type View } from './view.ts';

/** Everything a person needs to decide on a plan, change by change, with its diffs. */
export function renderPlan(view: View, review: PlanReview): readonly string[] {
  const { plan } = review;
  let number = 0;
  const repairs = plan.repairs.flatMap((repair) => [
    '',
    ...wrap(view.style.heading(put(view, repair.title)), view.columns),
    ...wrap(put(view, repair.problem), view.columns, '  '),
    ...repair.changes.flatMap((id) => {
      const preview = review.previews.find((each) => each.change === id);
      if (preview === undefined) return [];
      number += 1;
      return ['', ...renderPreview(view, preview, number)];
    }),
  ]);
  return [
    view.style.heading(
      say(view, 'cli.plan.heading', {
        repairs: say(view, 'cli.plan.repairs', { count: plan.repairs.length }),
        changes: say(view, 'cli.plan.changes', { count: plan.changes.length }),
      }),
    ),
    ...paragraph(view, 'cli.plan.recorded'),
    ...repairs,
    '',
    ...renderCosts(view, review),
  ];
}

/** One change: what, where, whether it can be undone, commands, diff. */
export function renderPreview(
  view: View,
  preview: ChangePreview,
  number: number,
): readonly string[] {
  const { style } = view;
  const indent = ' '.repeat(`${number}. `.length);
  return [
    ...wrap(`${number}. ${style.strong(put(view, preview.title))}`, view.columns),
    `${indent}${style.path(preview.target)}`,
    ...(preview.through === null
      ? []
      : wrap(say(view, 'cli.plan.through', { path: preview.through }), view.columns, indent)),
    ...renderReversibility(view, preview.reversibility, preview.reversibilityReason, indent),
    ...(preview.privilege === 'root' ? paragraph(view, 'cli.plan.as-root', {}, indent) : []),
    ...preview.notes.flatMap((note) => wrap(put(view, note), view.columns, indent)),
    ...preview.commands.map((command) => `${indent}${style.quiet('$')} ${commandLine(command)}`),
    ...renderDiff(view, preview.diff, indent),
  ];
}

/** The label every change carries before it is applied. */
function renderReversibility(
  view: View,
  reversibility: Reversibility,
  reason: Message | null,
  indent: string,
): readonly string[] {
  const paint = reversibility === 'full' ? view.style.good : view.style.warning;
  const word = say(view, `cli.reversibility.${reversibility}`);
  const text = reason === null ? word : `${word}: ${put(view, reason)}`;
  return wrap(text, view.columns, indent).map(paint);
}

/** A diff with signs, line numbers and colour; lines are never shortened. */
export function renderDiff(
  view: View,
  diff: readonly DiffLine[],
  indent: string,
): readonly string[] {
  const numbers = diff.flatMap((line) => (line.line === null ? [] : [String(line.line).length]));
  const width = Math.max(0, ...numbers);
  return diff.map((line) => {
    const number =
      width === 0 ? '' : `${(line.line === null ? '' : String(line.line)).padStart(width)} `;
    const text = `${line.sign} ${number}${line.text}`;
    const paint =
      line.sign === '+'
        ? view.style.added
        : line.sign === '-'
          ? view.style.removed
          : view.style.quiet;
    return indent + paint(text);
  });
}

function renderCosts(view: View, review: PlanReview): readonly string[] {
  const { plan } = review;
  return [
    ...paragraph(view, review.needsRoot ? 'cli.plan.needs-root' : 'cli.plan.needs-no-root'),
    ...(review.freeBytes === null
      ? paragraph(view, 'cli.plan.takes', { size: sizeInWords(plan.bytes) })
      : paragraph(view, 'cli.plan.takes-of', {
          size: sizeInWords(plan.bytes),
          free: sizeInWords(review.freeBytes),
        })),
    ...paragraph(view, 'cli.plan.lasts', { time: duration(view, plan.seconds * 1000) }),
  ];
}

/** A command as it could be typed, quoted where a shell would read it differently. */
export function commandLine(command: readonly string[]): string {
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
