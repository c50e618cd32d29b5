import type { ComponentLine, ComponentReport, RuntimeNeeds } from '../../../shared/component.ts';
import { wrap } from './layout.ts';
import { put, say, type View } from './view.ts';

type Group = ComponentReport['groups'][number];

/**
 * Components by editor, worst first. What is for other systems is counted, not
 * listed; what is not installed is, with what a person does without.
 */
export function renderComponents(view: View, report: ComponentReport): readonly string[] {
  const present = Object.entries(report.present)
    .filter(([family]) => ['GLIBC', 'GLIBCXX'].includes(family))
    .map(([family, number]) => {
      const release = family === 'GLIBC' ? report.glibcRelease : null;
      const version = `${family}_${number}`;
      // Said where the versions do not say it: glibc 2.31 defines none of its own.
      return release === null || release === number
        ? version
        : say(view, 'cli.components.release', { version, release: `glibc ${release}` });
    })
    .join(', ');
  return [
    ...(present === '' ? [] : wrap(say(view, 'cli.components.present', { present }), view.columns)),
    ...(report.groups.length === 0 ? [say(view, 'cli.components.none')] : []),
    ...report.groups.flatMap((group) => ['', ...renderGroup(view, group)]),
  ];
}

function renderGroup(view: View, group: Group): readonly string[] {
  const { style } = view;
  const title =
    group.editorId === null
      ? say(view, 'cli.components.go')
      : [group.name, group.version].filter((part) => part !== '').join(' ');
  const absent = group.components.filter(isAbsent);
  const unused = group.components.filter(
    (line) => line.state === 'not-used' && !absent.includes(line),
  );
  const needs = needsInWords(group.needs);
  return [
    style.heading(title),
    ...(group.directory === '' ? [] : [`  ${style.quiet(group.directory)}`]),
    ...(needs === '' ? [] : wrap(say(view, 'cli.components.needs', { needs }), view.columns, '  ')),
    ...group.components
      .filter(({ state }) => state !== 'not-used')
      .flatMap((line) => renderLine(view, line)),
    ...absent.flatMap((line) => renderAbsent(view, line)),
    ...(unused.length === 0
      ? []
      : wrap(
          style.quiet(say(view, 'cli.components.unused', { count: unused.length })),
          view.columns,
          '  ',
        )),
  ];
}

const SIGNS: Readonly<Record<ComponentLine['state'], string>> = {
  fails: 'x',
  unknown: '?',
  weak: '!',
  works: '+',
  'not-used': '-',
};

/** Nothing for another system, but something that is missing here and that the editor, or Go, can do without. */
function isAbsent({ state, reason }: ComponentLine): boolean {
  return state === 'not-used' && /^component\.reason\.(?:optional-)?absent/.test(reason?.key ?? '');
}

function renderAbsent(view: View, line: ComponentLine): readonly string[] {
  return [
    ...wrap(headingOf(view, line, ''), view.columns, '  '),
    ...(line.reason === null ? [] : wrap(put(view, line.reason), view.columns, '      ')),
    ...wrap(put(view, line.breaks), view.columns, '      '),
  ];
}

function headingOf(view: View, { state, name, role }: ComponentLine, needs: string): string {
  return [
    paintOf(view, state)(`${SIGNS[state]} ${say(view, `cli.components.${state}`)}`),
    view.style.strong(name),
    say(view, `cli.role.${role}`),
    ...(needs === '' ? [] : [view.style.quiet(needs)]),
  ].join('  ');
}

function renderLine(view: View, line: ComponentLine): readonly string[] {
  const { style } = view;
  const needs = line.needs === null ? '' : needsInWords(line.needs);
  const lines = [...wrap(headingOf(view, line, needs), view.columns, '  ')];
  if (line.state === 'works') return lines;
  return [
    ...lines,
    `      ${line.path}`,
    ...(line.reason === null ? [] : wrap(put(view, line.reason), view.columns, '      ')),
    ...(line.state === 'unknown' ? [] : wrap(put(view, line.breaks), view.columns, '      ')),
    ...forcedBy(view, line),
    ...(line.finding === null ? [] : [style.quiet(`      ${line.finding}`)]),
  ];
}

/** Who asks for the highest versions, and with which symbols. */
function forcedBy(view: View, { needs, path }: ComponentLine): readonly string[] {
  return (needs?.forcedBy ?? [])
    .filter(({ symbols }) => symbols.length > 0)
    .flatMap(({ version, symbols, requiredBy }) =>
      wrap(
        say(view, requiredBy === path ? 'cli.components.forced' : 'cli.components.forced-by', {
          version,
          symbols: symbols.slice(0, 4).join(', '),
          path: requiredBy,
        }),
        view.columns,
        '      ',
      ),
    );
}

function needsInWords({ glibc, glibcxx }: RuntimeNeeds): string {
  return [
    ...(glibc === null ? [] : [`GLIBC_${glibc}`]),
    ...(glibcxx === null ? [] : [`GLIBCXX_${glibcxx}`]),
  ].join(', ');
}

function paintOf({ style }: View, state: ComponentLine['state']): (text: string) => string {
  switch (state) {
    case 'fails':
      return style.bad;
    case 'unknown':
    case 'weak':
      return style.warning;
    case 'works':
      return style.good;
    case 'not-used':
      return style.quiet;
  }
}
