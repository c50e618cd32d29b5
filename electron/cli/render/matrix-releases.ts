import type { MatrixReport, MatrixVerdict } from '../../../shared/matrix.ts';
import { message, type Message } from '../../../shared/message.ts';
import { hanging } from './layout.ts';
import { paragraph, put, say, type CliKey, type View } from './view.ts';

interface Line {
  readonly name: string;
  readonly verdict: MatrixVerdict;
  readonly text: string;
}

/** VS Code, the Go extension and its tools: what is installed and the newest, or everything. */
export function matrixReleases(view: View, report: MatrixReport, all: boolean): readonly string[] {
  const chosen = <Row extends { readonly installed: boolean }>(
    rows: readonly Row[],
  ): readonly Row[] =>
    all ? rows : rows.filter((row, index) => row.installed || index === rows.length - 1);
  const mark = (row: { readonly version: string; readonly installed: boolean }): string =>
    row.installed ? `${row.version} ${say(view, 'cli.matrix.installed')}` : row.version;
  const gopls = report.goTools.filter(({ tool }) => tool === 'gopls');
  const dlv = report.goTools.filter(({ tool }) => tool === 'dlv');
  return [
    ...part(
      view,
      'cli.matrix.editors',
      chosen(report.editors).flatMap((row): Line[] => [
        { name: mark(row), verdict: row.server.verdict, text: both(view, row) },
      ]),
    ),
    '',
    ...part(
      view,
      'cli.matrix.go-extension',
      chosen(report.goExtensions).flatMap((row) =>
        [row.engineFit, row.goFit, row.goplsFit, row.dlvFit].map((fit, index): Line => ({
          name: index === 0 ? mark(row) : '',
          verdict: fit.verdict,
          text: put(view, fit.reason),
        })),
      ),
    ),
    '',
    ...part(
      view,
      'cli.matrix.go-tools',
      [...chosen(gopls), ...chosen(dlv)].map((row): Line => ({
        name: `${row.tool} ${mark(row)}`,
        verdict: row.fit.verdict,
        text: [row.fit.reason, ...toldBy(row)].map((one) => put(view, one)).join(' '),
      })),
    ),
  ];
}

/** Where a release is known from, when the program itself does not state it. */
function toldBy({ byPackage }: MatrixReport['goTools'][number]): readonly Message[] {
  return byPackage === null ? [] : [message('matrix.go.by-package', { byPackage })];
}

function both(view: View, row: MatrixReport['editors'][number]): string {
  const server = say(view, 'cli.matrix.server', { reason: put(view, row.server.reason) });
  const desktop = say(view, 'cli.matrix.desktop', { reason: put(view, row.desktop.reason) });
  return `${server} ${desktop}`;
}

function part(view: View, title: CliKey, lines: readonly Line[]): readonly string[] {
  const SIGNS = { runs: '+', fails: 'x', unknown: '?', 'not-applicable': '-' } as const;
  return [
    ...paragraph(view, title).map(view.style.heading),
    ...lines.flatMap(({ name, verdict, text }) =>
      hanging(`  ${SIGNS[verdict]} ${name}`, text, view.columns, 28),
    ),
  ];
}
