import { join } from 'node:path';
import type { Message } from '../../../shared/message.ts';
import type {
  TransactionDetail,
  TransactionStatus,
  TransactionSummary,
  UndoPreview,
} from '../../../shared/history.ts';
import { padTo, sizeInWords, wrap } from './layout.ts';
import { renderError, renderVerifications } from './outcome.ts';
import { renderDiff, renderPreview } from './plan.ts';
import { renderThreeWay } from './three-way.ts';
import { duration, moment, paragraph, put, say, type CliKey, type View } from './view.ts';

const WHOLE_OUTPUT = 10_000;

/** The list, newest first. */
export function renderHistory(
  view: View,
  transactions: readonly TransactionSummary[],
  journal: string,
): readonly string[] {
  if (transactions.length === 0) return paragraph(view, 'cli.history.empty');
  return transactions.flatMap((transaction, index) => [
    ...(index === 0 ? [] : ['']),
    ...historyEntry(view, transaction, '', journal),
  ]);
}

/**
 * One entry: when, what, state, changes, id. Where the journal's directory is given,
 * a damaged entry says where its before-images lie.
 */
export function historyEntry(
  view: View,
  transaction: TransactionSummary,
  lead: string,
  journal: string | null,
): readonly string[] {
  const indent = ' '.repeat(lead.length);
  const title = say(view, `cli.history.type.${transaction.type}`, {
    title: put(view, transaction.title),
  });
  const what = `${moment(view, transaction.at)}  ${view.style.strong(title)}`;
  const [first = '', ...rest] = wrap(what, view.columns, indent);
  const state = [
    statusWord(view, transaction.status),
    say(view, 'cli.plan.changes', { count: transaction.changes.length }),
    sizeInWords(transaction.imageBytes),
    transaction.undoneBy === null
      ? null
      : say(view, 'cli.history.undone-at', { at: moment(view, transaction.undoneBy.at) }),
    transaction.undoes === null
      ? null
      : say(view, 'cli.history.undoes', { id: transaction.undoes }),
    transaction.pinned ? say(view, 'cli.history.pinned') : null,
  ].filter((part) => part !== null);
  return [
    lead + first.slice(indent.length),
    ...rest,
    ...wrap(state.join(', '), view.columns, `${indent}  `),
    ...(transaction.damaged ? damagedNotice(view, transaction.id, indent, journal) : []),
    view.style.quiet(`${indent}  ${transaction.id}`),
  ];
}

function damagedNotice(
  view: View,
  id: string,
  indent: string,
  journal: string | null,
): readonly string[] {
  const text = say(view, 'cli.history.damaged');
  return [
    ...wrap(view.style.bad(text), view.columns, `${indent}  `),
    ...(journal === null ? [] : [`${indent}  ${join(journal, id, 'images')}`]),
  ];
}

function statusWord(view: View, status: TransactionStatus): string {
  const word = say(view, `cli.status.${status}`);
  switch (status) {
    case 'verified':
    case 'applied':
      return view.style.good(word);
    case 'undone':
      return view.style.quiet(word);
    case 'interrupted':
    case 'conflict':
    case 'rolled-back':
      return view.style.warning(word);
  }
}

/** Everything the journal knows of one transaction. */
export function renderTransaction(
  view: View,
  detail: TransactionDetail,
  journal: string,
): readonly string[] {
  const { summary, explanation } = detail;
  return [
    ...historyEntry(view, summary, '', journal),
    ...(summary.expiresAt === null
      ? []
      : paragraph(view, 'cli.history.expires', { at: moment(view, summary.expiresAt) }, '  ')),
    ...(summary.durationMs === null
      ? []
      : [`  ${say(view, 'cli.history.took', { time: duration(view, summary.durationMs) })}`]),
    ...(detail.failure === null
      ? []
      : wrap(view.style.bad(renderError(view, detail.failure)), view.columns, '  ')),
    ...sentences(view, 'cli.history.done', explanation.done),
    ...detail.previews.flatMap((preview, index) => [
      '',
      ...renderPreview(view, preview, index + 1),
    ]),
    ...(detail.verifications.length === 0
      ? []
      : [
          '',
          view.style.heading(say(view, 'cli.history.proof')),
          ...renderVerifications(view, detail.verifications, WHOLE_OUTPUT),
        ]),
    ...sentences(
      view,
      detail.canUndo ? 'cli.undo.heading' : 'cli.history.redo-heading',
      explanation.next,
    ),
    '',
    ...paragraph(view, nextKey(detail), { id: summary.id }),
  ];
}

/** A repair that is in effect, or was taken back, and has no next step has to wait for something. */
function nextKey({ summary: { type, status }, canUndo, canRedo }: TransactionDetail): CliKey {
  if (canUndo) return 'cli.history.can-undo';
  if (canRedo) return 'cli.history.can-redo';
  if (type !== 'apply') return 'cli.history.cannot-undo';
  if (status === 'undone') return 'cli.history.redo-later';
  return ['applied', 'verified', 'conflict'].includes(status)
    ? 'cli.history.undo-later'
    : 'cli.history.cannot-undo';
}

function sentences(view: View, heading: CliKey, texts: readonly Message[]): readonly string[] {
  if (texts.length === 0) return [];
  return [
    '',
    view.style.heading(say(view, heading)),
    ...texts.flatMap((text) => wrap(`- ${put(view, text)}`, view.columns)),
  ];
}

/** What undo would do now, path by path, with what stands in its way. */
export function renderUndoPreview(view: View, preview: UndoPreview): readonly string[] {
  const { style } = view;
  const width = 2;
  return [
    ...(preview.items.length === 0 ? [] : [style.heading(say(view, 'cli.undo.heading'))]),
    ...preview.items.flatMap((item) => {
      const fine = item.standing === 'unchanged' || item.standing === 'already-restored';
      const standing = say(view, `cli.standing.${item.standing}`, {
        differences: item.differences.join(', '),
      });
      return [
        ...wrap(
          `${fine ? '-' : style.bad('x')} ${style.strong(put(view, item.title))}`,
          view.columns,
        ),
        padTo('', width) + item.target,
        ...wrap(fine ? style.quiet(standing) : style.bad(standing), view.columns, '  '),
        ...(item.reversibility === 'full'
          ? []
          : wrap(
              style.warning(say(view, `cli.reversibility.${item.reversibility}`)),
              view.columns,
              '  ',
            )),
        ...(item.threeWay === undefined ? [] : renderThreeWay(view, item.threeWay, '  ')),
        ...renderUndoDiff(view, item),
      ];
    }),
    ...(preview.later.length === 0
      ? []
      : [
          '',
          ...paragraph(view, 'cli.undo.later', { count: preview.later.length }),
          ...preview.later.map(
            (later) => `  ${later.id}  ${put(view, later.title)}, ${moment(view, later.at)}`,
          ),
        ]),
    ...(preview.afterwards === null
      ? []
      : ['', ...wrap(put(view, preview.afterwards), view.columns)]),
    ...preview.problems.flatMap((problem) => wrap(put(view, problem), view.columns, '  ')),
  ];
}

/** What undo would change there; said to be that where the comparison has its own lines. */
function renderUndoDiff(view: View, item: UndoPreview['items'][number]): readonly string[] {
  if (item.diff.length === 0) return [];
  return [
    ...(item.threeWay === undefined ? [] : paragraph(view, 'cli.three-way.restore', {}, '  ')),
    ...renderDiff(view, item.diff, '  '),
  ];
}

/** What may be done about paths that somebody else has changed. */
export function renderConflictChoices(
  view: View,
  preview: UndoPreview,
  program: string,
): readonly string[] {
  const command = `${program} undo ${preview.id} --on-conflict`;
  return [
    ...wrap(say(view, 'cli.undo.options'), view.columns),
    ...(['keep', 'restore', 'stop'] as const).flatMap((choice) => [
      `  ${command} ${choice}`,
      ...wrap(say(view, `cli.undo.option.${choice}`), view.columns, '      '),
    ]),
  ];
}

/** Paths that are not what the repair left. */
export function conflictingPaths(preview: UndoPreview): readonly string[] {
  return preview.items
    .filter((item) => ['changed', 'missing', 'unreadable'].includes(item.standing))
    .map((item) => item.target);
}
