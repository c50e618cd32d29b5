import type { ErrorData } from '../../../shared/error.ts';
import type { TransactionDetail, TransactionOutcome } from '../../../shared/history.ts';
import type { Plan } from '../../../shared/plan.ts';
import { translateError } from '../../../shared/messages/translate.ts';
import { wrap } from './layout.ts';
import { outputLines } from './untrusted.ts';
import { duration, paragraph, put, say, type View } from './view.ts';

/** Longest proof shown, in lines; the whole of it is in `devmend show`. */
const PROOF_LINES = 6;

/** What was asked for, and how this program is called in the commands it suggests. */
export type Deed = { readonly program: string } & (
  | { readonly type: 'recover' }
  | { readonly type: 'apply'; readonly plan: Plan }
  | { readonly type: 'undo' | 'redo'; readonly of: string }
);

/** How a transaction ended, what proves it, and how to take it back. */
export function renderOutcome(
  view: View,
  outcome: TransactionOutcome,
  deed: Deed,
): readonly string[] {
  const good = isWhole(outcome);
  const paint = good ? view.style.good : view.style.bad;
  const words = { title: put(view, outcome.title), time: duration(view, outcome.durationMs) };
  const status =
    deed.type === 'undo' && good
      ? say(view, 'cli.outcome.undone', words)
      : say(view, `cli.outcome.${outcome.status}`, words);
  return [
    ...wrap(`${paint(good ? '+' : 'x')} ${view.style.strong(status)}`, view.columns),
    ...renderVerifications(view, outcome.verifications, PROOF_LINES),
    ...renderKept(view, outcome),
    ...(good ? nextHint(view, outcome, deed) : []),
  ];
}

/** Whether it ended as it was meant to, and nothing is left that could not be put back. */
export function isWhole({ failure, unrestored = [] }: TransactionOutcome): boolean {
  return failure === null && unrestored.length === 0;
}

/** What was left as it is: somebody's work, and with its reason what could not be put back. */
function renderKept(view: View, { kept, unrestored = [] }: TransactionOutcome): readonly string[] {
  const lost = new Set(unrestored.map(({ target }) => target));
  return [
    ...kept
      .filter((path) => !lost.has(path))
      .flatMap((path) => paragraph(view, 'cli.outcome.kept', { path }, '  ')),
    ...unrestored.flatMap(({ reason }) => wrap(put(view, reason), view.columns, '  ')),
  ];
}

function nextHint(view: View, outcome: TransactionOutcome, deed: Deed): readonly string[] {
  if (deed.type === 'undo') {
    return ['', say(view, 'cli.outcome.redo-hint'), `  ${deed.program} redo ${deed.of}`];
  }
  if (deed.type === 'recover' || !['verified', 'applied'].includes(outcome.status)) return [];
  const id = deed.type === 'redo' ? deed.of : outcome.id;
  return [
    ...(deed.type === 'apply' ? repairedPrograms(view, deed.plan) : []),
    '',
    say(view, 'cli.outcome.undo-hint'),
    `  ${deed.program} undo ${id}`,
  ];
}

/** Where the programs lie that now start: for a copy, not where the broken one was. */
function repairedPrograms(view: View, plan: Plan): readonly string[] {
  const paths = startedPrograms(plan);
  if (paths.length === 0) return [];
  return ['', ...paragraph(view, 'cli.outcome.programs'), ...paths.map((path) => `  ${path}`)];
}

/** The programs whose start a plan verifies. */
export function startedPrograms(plan: Plan): readonly string[] {
  return plan.verifications.flatMap((verification) =>
    verification.kind === 'program-starts' ? [verification.path] : [],
  );
}

/** Each check that was made, with what the program answered. */
export function renderVerifications(
  view: View,
  verifications: TransactionDetail['verifications'],
  limit: number,
): readonly string[] {
  return verifications.flatMap((verification) => {
    const mark = verification.passed ? view.style.good('+') : view.style.bad('x');
    const word = verification.passed ? '' : ` (${say(view, 'cli.outcome.check-failed')})`;
    // A bare number is a count for programs; a person is told it in the log, with its unit.
    const lines = outputLines(verification.output).filter((line) => /[^\d\s]/u.test(line));
    const shown = lines.slice(0, limit);
    return [
      ...wrap(`${mark} ${put(view, verification.title)}${word}`, view.columns, '  '),
      ...shown.map((line) => view.style.quiet(`      ${line}`)),
      ...(lines.length > shown.length
        ? [
            view.style.quiet(
              `      ${say(view, 'cli.outcome.more-lines', { count: lines.length - shown.length })}`,
            ),
          ]
        : []),
      ...(verification.notes ?? []).flatMap((note) =>
        wrap(`${view.style.warning('!')} ${put(view, note)}`, view.columns, '    '),
      ),
    ];
  });
}

/** The sentence for a failure. */
export function renderError(view: View, error: ErrorData): string {
  return translateError(view.language, error);
}
