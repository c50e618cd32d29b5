import type { DependencyReport, FoundBy } from '../../../shared/elf.ts';
import type { KnownProgram } from '../../../shared/inspection.ts';
import { GIT, HOME, LIBRARIES } from './machine.ts';

const DLV = `${HOME}/go/bin/dlv`;
const GOPLS = `${HOME}/go/bin/gopls`;
const EDITOR = '/usr/share/code/code';
const PTY = '/usr/share/code/resources/app/node_modules/node-pty/build/Release/pty.node';

function object(soname: string, foundBy: FoundBy, requiredBy: readonly string[]) {
  return { soname, path: `${LIBRARIES}/${soname}`, foundBy, requiredBy: [...requiredBy] };
}

const plain: DependencyReport = {
  schema: 'devmend.deps/1',
  file: GIT,
  root: '/',
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  verdict: 'starts',
  reason: null,
  objects: [],
  missing: [],
  versionErrors: [],
  symbolErrors: [],
  mixedGlibc: [],
};

const gitReport: DependencyReport = {
  ...plain,
  verdict: 'fails',
  objects: [
    object('libpcre2-8.so.0', 'cache', [GIT]),
    object('libz.so.1', 'cache', [GIT]),
    object('libc.so.6', 'cache', [GIT, `${LIBRARIES}/libpcre2-8.so.0`, `${LIBRARIES}/libz.so.1`]),
    object('ld-linux-x86-64.so.2', 'already-loaded', [`${LIBRARIES}/libc.so.6`]),
  ],
  versionErrors: [
    {
      library: 'libc.so.6',
      version: 'GLIBC_2.38',
      requiredBy: GIT,
      weak: false,
      path: `${LIBRARIES}/libc.so.6`,
      symbols: ['__isoc23_strtol', '__isoc23_strtoul', '__isoc23_strtoumax'],
    },
  ],
};

const dlvReport: DependencyReport = {
  ...plain,
  file: DLV,
  verdict: 'fails',
  objects: [object('libc.so.6', 'cache', [DLV])],
  missing: [
    {
      soname: 'libunwind.so.8',
      requiredBy: [DLV],
      searched: [LIBRARIES, '/usr/lib/x86_64-linux-gnu', '/lib', '/usr/lib'],
    },
  ],
};

/** As many libraries as an editor's own program can bring; three of them are in trouble. */
const largeReport: DependencyReport = {
  ...plain,
  file: EDITOR,
  verdict: 'fails',
  objects: Array.from({ length: 297 }, (_, index) => {
    const place = (other: number) => `${LIBRARIES}/libpart-${other}.so.1`;
    const parent = index < 24 ? EDITOR : place(Math.floor(index / 5));
    const others = index < 40 ? [] : [place(index % 17), place(index % 29)];
    return object(`libpart-${index}.so.1`, index % 9 === 0 ? 'runpath' : 'cache', [
      parent,
      ...others.filter((other) => other !== parent),
    ]);
  }),
  missing: [
    { soname: 'libgone.so.2', requiredBy: [`${LIBRARIES}/libpart-41.so.1`], searched: [LIBRARIES] },
  ],
  versionErrors: [
    {
      library: 'libpart-3.so.1',
      version: 'PART_2.0',
      requiredBy: `${LIBRARIES}/libpart-17.so.1`,
      weak: false,
      path: `${LIBRARIES}/libpart-3.so.1`,
      symbols: ['part_open', 'part_close'],
    },
  ],
  mixedGlibc: [
    {
      soname: 'libpart-5.so.1',
      path: `${LIBRARIES}/libpart-5.so.1`,
      expected: '/opt/glibc/libc.so.6',
    },
  ],
};

const goplsReport: DependencyReport = {
  ...plain,
  file: GOPLS,
  objects: [object('libc.so.6', 'cache', [GOPLS])],
};

const ptyReport: DependencyReport = {
  ...gitReport,
  file: PTY,
  objects: [object('libc.so.6', 'already-loaded', [PTY])],
  versionErrors: gitReport.versionErrors.map((error) => ({ ...error, requiredBy: PTY })),
};

/** What each program of the fake machine loads, by the program's id. */
export const dependencyReports: Readonly<Record<string, DependencyReport>> = {
  'module-pty': ptyReport,
  'program-code': largeReport,
  'program-dlv': dlvReport,
  'program-git': gitReport,
  'program-gopls': goplsReport,
};

export const knownPrograms: readonly KnownProgram[] = Object.entries(dependencyReports).map(
  ([id, { file, verdict, objects }]) => ({
    id,
    name: file.slice(file.lastIndexOf('/') + 1),
    path: file,
    kind: file === PTY ? 'module' : 'program',
    verdict,
    editor: file === EDITOR || file === PTY ? 'VS Code' : null,
    libraries: objects.length,
  }),
);
