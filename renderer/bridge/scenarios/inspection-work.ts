import type { JobProgress } from '../../../shared/job.ts';
import type { LibcChangeReport } from '../../../shared/libc-change.ts';
import type { TraceReport } from '../../../shared/trace.ts';
import { GIT, HOME, LIBRARIES, NOW, words } from './machine.ts';
import { dependencyReports } from './programs.ts';

const asked = (path: string, version: string, symbol: string) => ({
  ...{ library: 'libc.so.6', version, symbols: [symbol], requiredBy: path },
});

/** What going back to Debian 11's glibc would mean for the fake machine. */
export const changeReport: LibcChangeReport = {
  schema: 'devmend.upgrade/1',
  takenAt: NOW,
  direction: 'downgrade',
  from: {
    ...{ origin: `${LIBRARIES}/libc.so.6`, packageVersion: '2.36-9+deb12u14' },
    ...{ release: '2.36', buildId: null },
  },
  to: {
    ...{ origin: `${HOME}/Downloads/libc6_2.31-13_amd64.deb`, packageVersion: '2.31-13' },
    ...{ release: '2.31', buildId: null },
  },
  libraries: [
    {
      soname: 'libc.so.6',
      gained: [],
      lost: ['GLIBC_2.32', 'GLIBC_2.33', 'GLIBC_2.34', 'GLIBC_2.35', 'GLIBC_2.36'],
      lostSymbols: ['__libc_start_main@GLIBC_2.34', 'pthread_create@GLIBC_2.34'],
    },
  ],
  programs: ['gopls', 'dlv'].map((name) => {
    const path = `${HOME}/go/bin/${name}`;
    return {
      ...{ name, path, before: 'starts', after: 'fails' },
      because: [asked(path, 'GLIBC_2.34', '__libc_start_main')],
      reason: words('upgrade.reason.stops', {
        ...{ asking: path, library: 'libc.so.6', what: '__libc_start_main@GLIBC_2.34' },
      }),
    };
  }),
  examined: 18,
};

/** What the launch of a program of the fake machine tells while it runs. */
export function traceScript(id: string, args: readonly string[]): readonly JobProgress[] {
  const program = dependencyReports[id]?.file ?? GIT;
  return [
    { type: 'phase', phase: words('trace.phase.running', { program }) },
    { type: 'output', stream: 'command', text: [program, ...args].join(' ') },
    {
      type: 'output',
      stream: 'data',
      text: `${program}: error while loading shared libraries\r\n`,
    },
    { type: 'phase', phase: words('trace.phase.explaining') },
  ];
}

/** What the launch showed. */
export function traceReport(id: string, args: readonly string[]): TraceReport {
  const known = dependencyReports[id];
  const program = known?.file ?? GIT;
  const fails = known?.verdict === 'fails';
  const process = { pid: 7301, program };
  const missing = words('trace.text.library-not-found', {
    ...{ requiredBy: program, soname: 'libunwind.so.8' },
  });
  return {
    schema: 'devmend.trace/1',
    takenAt: NOW,
    program,
    arguments: [...args],
    tools: { strace: false, ltrace: false },
    notes: [words('trace.note.no-strace'), words('trace.note.environment')],
    end: { code: fails ? 127 : 0, signal: null, timedOut: false, cancelled: false, ms: 42 },
    processes: [{ pid: 7301, parent: null, program }],
    loaded: [{ path: `${LIBRARIES}/libc.so.6`, opened: 'at-start' }],
    explanations: [
      fails
        ? {
            ...{ kind: 'library-not-found', text: missing, process, subject: 'libunwind.so.8' },
            searched: [
              { path: `${LIBRARIES}/libunwind.so.8`, answer: 'ENOENT' },
              { path: '/usr/lib/libunwind.so.8', answer: 'ENOENT' },
            ],
            evidence: [
              'openat(AT_FDCWD, "/lib/x86_64-linux-gnu/libunwind.so.8", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)',
            ],
          }
        : {
            ...{ kind: 'all-well', text: words('trace.text.all-well', { program }), process },
            ...{ subject: null, searched: [], evidence: [] },
          },
    ],
    simulation: {
      verdict: known?.verdict ?? 'unknown',
      agrees: !fails,
      differences: fails
        ? [
            {
              ...{ soname: 'libz.so.1', simulated: `${LIBRARIES}/libz.so.1` },
              observed: `${HOME}/opt/lib/libz.so.1`,
              reason: words('trace.reason.ld-library-path', { directory: `${HOME}/opt/lib` }),
            },
          ]
        : [],
    },
  };
}
