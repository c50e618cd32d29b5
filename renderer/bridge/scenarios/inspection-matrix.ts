import type { MatrixReport, MatrixSystem, MatrixVerdict } from '../../../shared/matrix.ts';
import { GIT, HOME, NOW, words } from './machine.ts';

type Row = MatrixReport['rows'][number];

/** Releases and the minor number of their glibc, oldest first; the last two are looked after. */
const releases: Readonly<Record<string, readonly (readonly [version: string, glibc: number])[]>> = {
  Debian: [
    ['10', 28],
    ['11', 31],
    ['12', 36],
    ['13', 41],
  ],
  Ubuntu: [
    ['20.04', 31],
    ['22.04', 35],
    ['24.04', 39],
    ['26.04', 43],
  ],
  Fedora: counted(28, 27, 17),
  'Rocky Linux': [
    ['8', 28],
    ['9', 34],
    ['10', 39],
  ],
  'openSUSE Leap': [
    ['15.5', 31],
    ['15.6', 38],
    ['16.0', 40],
  ],
  'Amazon Linux': [
    ['2', 26],
    ['2023', 34],
  ],
  Mageia: counted(1, 15, 10),
  'Oracle Linux': counted(1, 5, 10),
  'Photon OS': counted(1, 22, 15),
  Slackware: counted(1, 3, 15),
  'Linux Mint': counted(13, 15, 10),
  RHEL: counted(1, 3, 10),
};

/** Release after release, each with the next glibc. */
function counted(first: number, glibc: number, count: number): readonly [string, number][] {
  return Array.from({ length: count }, (_, index) => [String(first + index), glibc + index]);
}

const here: MatrixSystem = {
  ...{ id: 'this-machine', name: 'Debian GNU/Linux 12 (bookworm)', version: '12', libc: 'glibc' },
  ...{ libcVersion: '2.36', endOfLife: null, verified: true, source: '/lib/libc.so.6' },
};
const systems: readonly MatrixSystem[] = [
  here,
  ...Object.entries(releases).flatMap(([name, all]) =>
    all.map(([version, minor], index): MatrixSystem => ({
      id: `${name.toLowerCase().replaceAll(/\W+/g, '-')}-${version}`,
      ...{ name, version, libc: 'glibc', libcVersion: `2.${minor}` },
      endOfLife: index >= all.length - 2 ? '2029-05-31' : '2024-05-31',
      verified: name !== 'Linux Mint',
      source: 'pep600_compliance, glibc of the distribution image',
    })),
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

const goTools = ['staticcheck', 'golangci-lint', 'goimports', 'gotests', 'gomodifytags', 'impl'];
const modules = [
  ...['pty', 'spdlog', 'watcher', 'keymapping', 'kerberos', 'vscode-sqlite3'],
  ...['vscode-policy-watcher', 'watchdog', 'deviceid', 'is-elevated', 'fs-copyfile', 'sign'],
  'vsda',
];

const rows: readonly Row[] = [
  rowOf('program-git', GIT, 38, '__isoc23_strtol'),
  rowOf('program-dlv', `${HOME}/go/bin/dlv`, 34, '__libc_start_main'),
  rowOf('program-gopls', `${HOME}/go/bin/gopls`, 34, 'pthread_create'),
  rowOf('program-code', '/usr/share/code/code', 28, 'fcntl64'),
  rowOf('program-go', '/usr/local/go/bin/go', null, ''),
  ...goTools.map((name) => rowOf(`tool-${name}`, `${HOME}/go/bin/${name}`, 34, 'pthread_create')),
  ...modules.map((name, index) =>
    rowOf(`module-${index}`, `/usr/share/code/modules/${name}.node`, 28 - (index % 4), 'fcntl64'),
  ),
  ...Array.from({ length: 36 }, (_, index) =>
    rowOf(`other-${index}`, `${HOME}/go/bin/tool-${index}`, 17 - (index % 3), 'memcpy'),
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

const goFit = words('matrix.go.fits', {
  ...{ tool: 'vscode-go', version: '0.52.2', minimum: '1.21', go: '1.24.4' },
});
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
      byPackage: null,
    })),
  ),
  tables: [
    ['distributions', 'pep600_compliance (glibc of distribution images), release pages'],
    ['vscode-releases', 'vscode-versions; VS Code docs (remote/linux, requirements)'],
    ['go-extension-releases', 'golang/vscode-go git tags, package.json, goToolsInformation.ts'],
    ['go-tools', 'golang/tools gopls tags (go.mod); go-delve/delve compat.go'],
  ].map(([name, source]) => ({ name: name ?? '', built: '2026-11-23', source: source ?? '' })),
};
