import type { ProcessFacts, ProcessReport } from '../../../shared/process.ts';
import { HOME, LIBRARIES, NOW, SANDBOX, words } from './machine.ts';

const BUILD = '93ac61ec5a8eb1396f9fbd350e3169a558528a40';
const OLD_BUILD = '51657f818beb1ae70372216a99b7412b8a100a20';

const libc: ProcessFacts['libc'] = {
  kind: 'glibc',
  path: `${LIBRARIES}/libc.so.6`,
  version: '2.36',
  release: 'Debian GLIBC 2.36-9+deb12u14',
  buildId: BUILD,
  deleted: false,
};

function process(
  pid: number,
  parent: number,
  role: ProcessFacts['role'],
  path: string,
  rest: Partial<ProcessFacts> = {},
): ProcessFacts {
  return {
    pid,
    parent,
    role,
    name: path.slice(path.lastIndexOf('/') + 1),
    command: path,
    user: { uid: 1000, name: 'user' },
    startedAt: '2026-11-23T08:12:00.000Z',
    editor: 4210,
    executable: { path, deleted: false },
    context: { kind: 'host' },
    libc,
    replaced: [],
    environment: {},
    status: 'read',
    problems: [],
    ...rest,
  };
}

const CODE = '/usr/share/code/code';
const oldLibc = {
  ...libc,
  release: 'Debian GLIBC 2.36-9+deb12u10',
  buildId: OLD_BUILD,
  deleted: true,
};

/** What runs on the fake machine. */
export const processReport: ProcessReport = {
  schema: 'devmend.processes/1',
  takenAt: NOW,
  processes: [
    process(4210, 1, 'editor', CODE, {
      libc: oldLibc,
      replaced: [
        { path: `${LIBRARIES}/libc.so.6`, reason: 'replaced' },
        { path: `${LIBRARIES}/libstdc++.so.6.0.30`, reason: 'deleted' },
      ],
    }),
    process(4305, 4210, 'extension-host', CODE, { command: `${CODE} --type=utility` }),
    process(4390, 4305, 'gopls', `${HOME}/go/bin/gopls`, {
      context: { kind: 'private-libc', directory: SANDBOX },
      libc: {
        ...libc,
        path: `${SANDBOX}/lib/libc.so.6`,
        version: '2.41',
        release: 'Debian GLIBC 2.41-12',
      },
      environment: { LD_LIBRARY_PATH: `${HOME}/opt/lib` },
    }),
    process(4311, 4210, 'terminal-host', CODE, { command: `${CODE} --type=utility` }),
    process(4402, 4311, 'terminal', '/usr/bin/bash'),
    process(4330, 4210, 'file-watcher', CODE, {
      ...{ status: 'partial', libc: null },
      problems: [words('process.problem.maps-unreadable')],
    }),
    process(5120, 1, 'go-program', '/app/api', {
      ...{ editor: null, user: { uid: 0, name: 'root' } },
      context: { kind: 'container', runtime: 'docker', id: '9f2c7b61aa04' },
      libc: {
        ...{ kind: 'musl', path: '/lib/ld-musl-x86_64.so.1', version: '1.2.5' },
        ...{ release: null, buildId: null, deleted: false },
      },
    }),
    process(6001, 1, 'dlv', '/usr/bin/dlv', {
      ...{ editor: null, user: { uid: 0, name: 'root' }, command: null, executable: null },
      ...{ context: null, libc: null, status: 'not-permitted' },
      problems: [words('process.problem.not-permitted')],
    }),
  ],
  notPermitted: 1,
  asRoot: 'sudo devmend processes',
  system: { version: '2.36', buildId: BUILD },
};
