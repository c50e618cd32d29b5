import type { MatrixReport, MatrixSystem, MatrixVerdict } from '../../../shared/matrix.ts';
import { GIT, HOME, NOW, words } from './machine.ts';

type Row = MatrixReport['rows'][number];

/** Name, first release, its glibc, and how many releases follow, each with the next glibc. */
const families: readonly (readonly [string, number, number, number])[] = [
  ['Debian', 10, 28, 4],
  ['Ubuntu', 20, 31, 7],
  ['Fedora', 28, 27, 17],
  ['Rocky Linux', 8, 28, 3],
  ['openSUSE Leap', 15, 31, 6],
  ['Oracle Linux', 7, 17, 4],
  ['Mageia', 5, 20, 6],
  ['Slackware', 13, 15, 3],
  ['Amazon Linux', 1, 17, 4],
  ['Photon OS', 1, 22, 5],
  ['CentOS', 6, 12, 3],
  ['SLES', 12, 22, 4],
  ['Linux Mint', 18, 23, 5],
  ['Raspberry Pi OS', 8, 19, 6],
  ['Pop!_OS', 18, 27, 5],
  ['elementary OS', 5, 27, 4],
  ['RHEL', 6, 12, 5],
  ['Arch Linux', 2024, 40, 3],
  ['Gentoo', 2023, 37, 4],
];

const here: MatrixSystem = {
  ...{ id: 'this-machine', name: 'Debian GNU/Linux 12 (bookworm)', version: '12', libc: 'glibc' },
  ...{ libcVersion: '2.36', endOfLife: null, verified: true, source: '/lib/libc.so.6' },
};
const systems: readonly MatrixSystem[] = [
  here,
  ...families.flatMap(([name, first, glibc, count]) =>
    Array.from({ length: count }, (_, index): MatrixSystem => {
      const minor = glibc + index * (name === 'Debian' || name === 'Ubuntu' ? 3 : 1);
      const newest = index >= count - 2;
      return {
        id: `${name.toLowerCase().replaceAll(/\W+/g, '-')}-${first + index}`,
        ...{ name, version: String(first + index), libc: 'glibc', libcVersion: `2.${minor}` },
        endOfLife: newest ? '2029-05-31' : '2024-05-31',
        verified: name !== 'Pop!_OS',
        source: 'pep600_compliance, glibc of the distribution image',
      };
    }),
  ),
];

function rowOf(id: string, path: string, minor: number | null, symbol: string): Row {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const what = `${symbol}@GLIBC_2.${minor}`;
  const needs =
    minor === null
      ? []
      : [
          ...[{ library: 'libc.so.6', version: `GLIBC_2.${minor}` }].map((need) => ({
            ...need,
            symbols: [symbol],
            requiredBy: path,
          })),
        ];
  const verdictOn = (
    system: MatrixSystem,
  ): { verdict: MatrixVerdict; reason: Row['cells'][0]['reason'] } => {
    const params = {
      ...{ asking: path, what, library: 'libc.so.6', has: system.libcVersion },
      system: `${system.name} ${system.version}`,
    };
    if (minor === null) return { verdict: 'runs', reason: words('matrix.reason.static') };
    const enough = Number(system.libcVersion.slice(2)) >= minor;
    return {
      verdict: enough ? 'runs' : 'fails',
      reason: words(enough ? 'matrix.reason.enough' : 'matrix.reason.lacks', params),
    };
  };
  return {
    ...{ id, name, path, kind: path.endsWith('.node') ? 'module' : 'program', needs },
    glibcFloor: minor === null ? null : `2.${minor}`,
    cells: systems.map((system) => ({ system: system.id, ...verdictOn(system) })),
  };
}

const rows: readonly Row[] = [
  rowOf('program-git', GIT, 38, '__isoc23_strtol'),
  rowOf('program-dlv', `${HOME}/go/bin/dlv`, 34, '__libc_start_main'),
  rowOf('program-gopls', `${HOME}/go/bin/gopls`, 34, 'pthread_create'),
  rowOf('program-code', '/usr/share/code/code', 28, 'fcntl64'),
  rowOf('program-go', '/usr/local/go/bin/go', null, ''),
  ...Array.from({ length: 55 }, (_, index) =>
    rowOf(
      `module-${index}`,
      `/usr/share/code/modules/part-${index}.node`,
      17 + (index % 18),
      'memcpy',
    ),
  ),
];

const installedFit = words('matrix.editor.runs', { versions: 'GLIBC_2.28, GLIBCXX_3.4.25' });
const editors: MatrixReport['editors'] = Array.from({ length: 40 }, (_, index) => {
  const old = index < 12;
  return {
    version: `1.${100 + index}.1`,
    date: `${2023 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}-05`,
    ...{ electron: `${30 + Math.floor(index / 3)}.1.0`, node: '22.21.1' },
    serverGlibc: old ? '2.17' : '2.28',
    serverGlibcxx: old ? '3.4.18' : '3.4.25',
    desktopGlibc: old ? null : '2.28',
    verified: !old,
    source: 'VS Code docs (remote/linux)',
    server: { verdict: 'runs', reason: installedFit },
    desktop: old
      ? { verdict: 'unknown', reason: words('matrix.editor.not-stated') }
      : { verdict: 'runs', reason: words('matrix.editor.runs', { versions: 'GLIBC_2.28' }) },
    installed: index === 39,
  };
});

const goFit = words('matrix.go.fits', { minimum: '1.21', go: '1.24.4' });
const tooOld = words('matrix.go.too-old', {
  ...{ tool: 'gopls', version: '0.24.0', minimum: '1.26', go: '1.24.4' },
});

/** What runs where, for the fake machine. */
export const matrixReport: MatrixReport = {
  schema: 'devmend.matrix/1',
  takenAt: NOW,
  systems: [...systems],
  rows: [...rows],
  editors,
  goExtensions: ['0.52.2', '0.53.1', '0.54.0'].map((version, index) => ({
    version,
    ...{ date: `2026-0${index + 6}-11`, preRelease: index === 2, engine: '^1.90.0' },
    minimumGo: '1.21',
    gopls: { latest: '0.24.0', minimumGo: '1.26' },
    dlv: { latest: '1.26.0', minimumGo: '1.22' },
    ...{ source: 'golang/vscode-go', notes: [], installed: index === 0 },
    engineFit: {
      verdict: 'runs',
      reason: words('matrix.go.engine-fits', {
        ...{ version, engine: '^1.90.0', editor: 'VS Code', found: '1.139.1' },
      }),
    },
    goFit: { verdict: 'runs', reason: goFit },
    goplsFit: { verdict: index === 2 ? 'fails' : 'runs', reason: index === 2 ? tooOld : goFit },
    dlvFit: { verdict: 'runs', reason: goFit },
  })),
  goTools: (['gopls', 'dlv'] as const).flatMap((tool) =>
    ['0.20.0', '0.22.1', '0.24.0'].map((version, index) => ({
      ...{ tool, version, date: `2026-0${index + 3}-02`, maximumGo: null, buildGo: null },
      minimumGo: index === 2 ? '1.26' : '1.21',
      fit:
        index === 2
          ? { verdict: 'fails' as const, reason: tooOld }
          : { verdict: 'runs' as const, reason: goFit },
      installed: index === 1,
    })),
  ),
  tables: [
    ['distributions', 'pep600_compliance (glibc of distribution images), release pages'],
    ['vscode-releases', 'vscode-versions; VS Code docs (remote/linux, requirements)'],
    ['go-extension-releases', 'golang/vscode-go git tags, package.json, goToolsInformation.ts'],
    ['go-tools', 'golang/tools gopls tags (go.mod); go-delve/delve compat.go'],
  ].map(([name, source]) => ({ name: name ?? '', built: '2026-11-23', source: source ?? '' })),
};
