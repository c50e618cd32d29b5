import type { LibcChangeReport } from '../../../shared/libc-change.ts';
import { wrap } from './layout.ts';
import { paragraph, put, say, type View } from './view.ts';

type Side = LibcChangeReport['from'];
type Program = LibcChangeReport['programs'][number];

/** Symbols of a library that are listed one by one; more are counted. */
const MOST_LISTED = 6;

/** Both sides, what comes and goes with them, and the programs that would stop or start. */
export function renderUpgrade(view: View, report: LibcChangeReport): readonly string[] {
  const { from, to, direction, programs, examined } = report;
  const stops = programs.filter(({ after }) => after === 'fails');
  const others = programs.filter(({ after }) => after !== 'fails');
  return [
    view.style.heading(say(view, `cli.upgrade.title.${direction}`)),
    ...sideLines(view, 'cli.upgrade.from', from),
    ...sideLines(view, 'cli.upgrade.to', to),
    '',
    ...libraryLines(view, report),
    ...section(
      view,
      view.style.bad(say(view, 'cli.upgrade.stops', { count: stops.length })),
      stops,
    ),
    ...section(
      view,
      view.style.good(say(view, 'cli.upgrade.starts', { count: others.length })),
      others,
    ),
    ...paragraph(view, programs.length === 0 ? 'cli.upgrade.none' : 'cli.upgrade.rest', {
      count: examined - programs.length,
    }),
  ];
}

function sideLines(
  view: View,
  key: 'cli.upgrade.from' | 'cli.upgrade.to',
  side: Side,
): readonly string[] {
  return paragraph(
    view,
    key,
    { release: side.release ?? '?', package: side.packageVersion ?? '–', origin: side.origin },
    '  ',
  );
}

function libraryLines(view: View, { libraries }: LibcChangeReport): readonly string[] {
  const changed = libraries.filter(
    ({ gained, lost, lostSymbols }) => gained.length + lost.length + lostSymbols.length > 0,
  );
  const lines = changed.flatMap(({ soname, gained, lost, lostSymbols }) => [
    `  ${view.style.strong(soname)}`,
    ...gainLine(view, '+', gained),
    ...gainLine(view, '-', lost),
    ...(lostSymbols.length === 0
      ? []
      : paragraph(
          view,
          'cli.upgrade.lost-symbols',
          { count: lostSymbols.length, names: lostSymbols.slice(0, MOST_LISTED).join(' ') },
          '    ',
        )),
  ]);
  const hasCxx = libraries.some(({ soname }) => soname === 'libstdc++.so.6');
  return [
    ...lines,
    ...(hasCxx ? [] : paragraph(view, 'cli.upgrade.no-cxx', {}, '  ')),
    ...(lines.length > 0 || !hasCxx ? [''] : []),
  ];
}

function gainLine(view: View, sign: '+' | '-', names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const paint = sign === '+' ? view.style.added : view.style.removed;
  return wrap(`${sign} ${names.join(' ')}`, view.columns, '    ').map(paint);
}

function section(view: View, title: string, programs: readonly Program[]): readonly string[] {
  if (programs.length === 0) return [];
  return [title, ...programs.flatMap((program) => programLines(view, program)), ''];
}

function programLines(view: View, { name, path, reason }: Program): readonly string[] {
  return [
    `  ${view.style.strong(name)} ${view.style.quiet(path)}`,
    ...wrap(put(view, reason), view.columns, '    '),
  ];
}
