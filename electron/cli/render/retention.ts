import type {
  RetentionLimits,
  RetentionOutcome,
  RetentionPreview,
} from '../../../shared/history.ts';
import { sizeInWords, wrap } from './layout.ts';
import { renderError } from './outcome.ts';
import { moment, paragraph, put, say, type View } from './view.ts';

const MEGABYTE = 1_000_000;

/** What the limits let go, why, what that frees, and what could not be undone or brought back any more. */
export function renderRetention(view: View, preview: RetentionPreview): readonly string[] {
  const { expired, repairs, usedBytes, limits } = preview;
  const stock = [
    ...paragraph(view, 'cli.prune.stock', { count: repairs, size: sizeInWords(usedBytes) }),
    ...paragraph(view, 'cli.prune.limits', { limits: limitsInWords(view, limits) }),
  ];
  if (expired.length === 0) return [...stock, '', ...paragraph(view, 'cli.prune.nothing')];
  const lost = expired.filter(({ inEffect }) => inEffect).length;
  const copies = expired.filter(({ onlyCopy }) => onlyCopy).length;
  return [
    ...stock,
    '',
    ...paragraph(view, 'cli.prune.heading', {
      count: expired.length,
      size: sizeInWords(preview.freedBytes),
    }).map(view.style.heading),
    ...expired.flatMap((entry) => [
      ...wrap(`- ${view.style.strong(put(view, entry.title))}`, view.columns),
      ...wrap(
        [
          moment(view, entry.at),
          sizeInWords(entry.bytes),
          say(view, `cli.prune.because.${entry.because}`),
        ].join(', '),
        view.columns,
        '  ',
      ),
      ...(entry.inEffect
        ? wrap(view.style.warning(say(view, 'cli.prune.in-effect')), view.columns, '  ')
        : []),
      ...(entry.onlyCopy
        ? wrap(view.style.warning(say(view, 'cli.prune.only-copy')), view.columns, '  ')
        : []),
      view.style.quiet(`  ${entry.id}`),
    ]),
    ...(lost === 0 ? [] : ['', ...paragraph(view, 'cli.prune.lost', { count: lost })]),
    ...(copies === 0 ? [] : ['', ...paragraph(view, 'cli.prune.copies', { count: copies })]),
  ];
}

/** What went, and what could not. */
export function renderRetentionOutcome(view: View, outcome: RetentionOutcome): readonly string[] {
  return [
    ...paragraph(view, 'cli.prune.done', {
      count: outcome.removed.length,
      size: sizeInWords(outcome.freedBytes),
    }),
    ...outcome.failures.flatMap(({ id, error }) =>
      wrap(`${view.style.bad('x')} ${id}: ${renderError(view, error)}`, view.columns),
    ),
  ];
}

function limitsInWords(view: View, { repairs, days, megabytes }: RetentionLimits): string {
  const words = [
    repairs === null ? null : say(view, 'cli.prune.limit.repairs', { count: repairs }),
    days === null ? null : say(view, 'cli.prune.limit.days', { count: days }),
    megabytes === null ? null : sizeInWords(megabytes * MEGABYTE),
  ].filter((part) => part !== null);
  return words.length === 0 ? say(view, 'cli.prune.limit.none') : words.join(', ');
}
