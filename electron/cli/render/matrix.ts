import { isCurrentSystem } from '../../../shared/inspection-words.ts';
import type { MatrixReport, MatrixSystem, MatrixVerdict } from '../../../shared/matrix.ts';
import { columnsOf, hanging, padTo, wrap } from './layout.ts';
import { matrixReleases } from './matrix-releases.ts';
import { paragraph, put, say, type View } from './view.ts';

type Row = MatrixReport['rows'][number];

/** Programs whose cells are the same all the way down: one column of the table. */
interface Group {
  readonly number: number;
  readonly rows: readonly Row[];
}

const SIGNS: Readonly<Record<MatrixVerdict, string>> = {
  runs: '+',
  fails: 'x',
  unknown: '?',
  'not-applicable': '-',
};

/**
 * Systems down, programs across: programs with the same answers share a column,
 * which is named above the table. Below it, why.
 */
export function renderMatrix(view: View, report: MatrixReport, all: boolean): readonly string[] {
  const systems = report.systems.filter((system) => all || isCurrentSystem(system, report.takenAt));
  const groups = groupsOf(report.rows, systems);
  return [
    ...paragraph(view, 'cli.matrix.programs').map(view.style.heading),
    ...(groups.length === 0 ? paragraph(view, 'cli.matrix.none', {}, '  ') : []),
    ...groups.flatMap((group) => groupLines(view, group)),
    '',
    ...(groups.length === 0 ? [] : tableLines(view, systems, groups)),
    ...(groups.length === 0 ? [] : reasonLines(view, systems, groups)),
    ...(all ? [] : [...paragraph(view, 'cli.matrix.more'), '']),
    ...matrixReleases(view, report, all),
    '',
    ...report.tables.flatMap((table) =>
      paragraph(view, 'cli.matrix.table', { ...table }).map(view.style.quiet),
    ),
  ];
}

function groupsOf(rows: readonly Row[], systems: readonly MatrixSystem[]): readonly Group[] {
  const shown = new Set(systems.map(({ id }) => id));
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const cells = row.cells.filter(({ system }) => shown.has(system));
    const key = `${row.glibcFloor} ${cells.map(({ verdict }) => SIGNS[verdict]).join('')}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group, index) => ({ number: index + 1, rows: group }));
}

function groupLines(view: View, { number, rows }: Group): readonly string[] {
  const [first] = rows;
  const floor = first?.glibcFloor ?? null;
  const title =
    floor === null
      ? say(view, 'cli.matrix.no-floor')
      : say(view, 'cli.matrix.floor', { version: floor });
  const names = rows.map(({ name }) => name).join(', ');
  return hanging(`  ${number}`, `${view.style.strong(title)}: ${names}`, view.columns, 6);
}

/** Columns of one sign, and of the C library of a system. */
const SIGN = 4;
const LIBC = 13;

/** One table, or as many as the width asks for, one below the other. */
function tableLines(
  view: View,
  systems: readonly MatrixSystem[],
  groups: readonly Group[],
): readonly string[] {
  const widest = Math.max(...systems.map((system) => columnsOf(nameOf(view, system))));
  const nameWidth = Math.min(widest + 2, view.columns - LIBC - SIGN);
  const across = Math.max(1, Math.floor((view.columns - nameWidth - LIBC) / SIGN));
  const lines: string[] = [];
  for (let at = 0; at < groups.length; at += across) {
    const some = groups.slice(at, at + across);
    const head = some.map(({ number }) => padTo(String(number), SIGN)).join('');
    lines.push(view.style.quiet(padTo('', nameWidth) + padTo('libc', LIBC) + head.trimEnd()));
    lines.push(...systems.flatMap((system) => systemLines(view, system, some, nameWidth)), '');
  }
  return [
    ...lines.slice(0, -1),
    ...paragraph(view, 'cli.matrix.legend').map(view.style.quiet),
    ...paragraph(view, 'cli.matrix.scope').map(view.style.quiet),
    '',
  ];
}

function systemLines(
  view: View,
  system: MatrixSystem,
  groups: readonly Group[],
  nameWidth: number,
): readonly string[] {
  const [name = '', ...rest] = wrap(nameOf(view, system), nameWidth - 2);
  const cells = groups.map(({ rows }, index) => {
    const cell = rows[0]?.cells.find((one) => one.system === system.id);
    const sign = cell === undefined ? '' : SIGNS[cell.verdict];
    const text = index === groups.length - 1 ? sign : padTo(sign, SIGN);
    return cell === undefined ? text : paint(view, cell.verdict, text);
  });
  const libc = padTo(`${system.libc} ${system.libcVersion}`, LIBC);
  return [`${padTo(name, nameWidth)}${libc}${cells.join('')}`, ...rest];
}

function nameOf(view: View, { id, name, version }: MatrixSystem): string {
  return id === 'this-machine' ? say(view, 'cli.matrix.here') : `${name} ${version}`;
}

function paint({ style }: View, verdict: MatrixVerdict, text: string): string {
  switch (verdict) {
    case 'runs':
      return style.good(text);
    case 'fails':
      return style.bad(text);
    default:
      return style.warning(text);
  }
}

/** For every column: the first system of each kind of answer other than "runs", with its reason. */
function reasonLines(
  view: View,
  systems: readonly MatrixSystem[],
  groups: readonly Group[],
): readonly string[] {
  const lines = groups.flatMap(({ number, rows }) => {
    const seen = new Set<string>();
    return systems.flatMap((system) => {
      const cell = rows[0]?.cells.find((one) => one.system === system.id);
      if (cell === undefined || cell.verdict === 'runs') return [];
      const kind = `${cell.verdict} ${cell.reason.key}`;
      if (seen.has(kind)) return [];
      seen.add(kind);
      const text = `${nameOf(view, system)}: ${put(view, cell.reason)}`;
      return hanging(`  ${number} ${SIGNS[cell.verdict]}`, text, view.columns, 8);
    });
  });
  return lines.length === 0
    ? []
    : [...wrap(say(view, 'cli.matrix.why'), view.columns), ...lines, ''];
}
