import type { Finding, OfferedRepair, ScanReport, Unchecked } from '../../../shared/finding.ts';
import {
  bareMachine,
  cleanProbes,
  GIT,
  HOME,
  LIBRARIES,
  machine,
  NOW,
  probes,
  SETTINGS_FILE,
  words,
} from './machine.ts';

function sandboxRepair(program: string, refused: OfferedRepair['refused'] = null): OfferedRepair {
  const option = (value: string) => ({
    value,
    label: words(`repair.sandbox.choice.use.${value}`),
    note: words(`repair.sandbox.choice.use.${value}.note`, { program }),
  });
  return {
    repair: 'glibc-sandbox',
    title: words('repair.sandbox.title', { program }),
    description: words('repair.sandbox.description', { program }),
    recommended: true,
    reversibility: 'full',
    refused,
    choices: [
      {
        key: 'use',
        label: words('repair.sandbox.choice.use'),
        default: 'copy',
        options: [option('copy'), option('in-place')],
      },
      { key: 'release', label: words('repair.sandbox.choice.release'), default: '', options: null },
      { key: 'source', label: words('repair.sandbox.choice.source'), default: '', options: null },
    ],
  };
}

/** Debian 13's git on Debian 12: named by VS Code's settings, stopped by glibc. */
export const gitFinding: Finding = {
  id: 'glibc-version-missing:3f9c2a71',
  check: 'glibc-version-missing',
  severity: 'error',
  title: words('check.glibc.title.fails', { program: 'git' }),
  summary: words('check.glibc.summary', { version: 'GLIBC_2.38', present: '2.36' }),
  headline: words('check.glibc.headline.fails.c', { program: 'git' }),
  impact: words('check.impact.git.fails', { editor: 'VS Code' }),
  evidence: [
    {
      kind: 'version-chain',
      hops: [
        { name: 'git', path: GIT, foundBy: null, state: 'ok' },
        {
          name: 'libpcre2-8.so.0',
          path: `${LIBRARIES}/libpcre2-8.so.0`,
          foundBy: 'cache',
          state: 'ok',
        },
        { name: 'libc.so.6', path: `${LIBRARIES}/libc.so.6`, foundBy: 'cache', state: 'broken' },
      ],
      library: 'libc.so.6',
      version: 'GLIBC_2.38',
      weak: false,
      symbols: ['__isoc23_strtol', '__isoc23_strtoul', '__isoc23_strtoumax'],
      present: 'GLIBC_2.36',
    },
    {
      kind: 'reference',
      reference: {
        kind: 'setting',
        file: SETTINGS_FILE,
        target: null,
        line: 14,
        jsonPath: ['git.path'],
        setting: 'git.path',
        value: GIT,
        editorId: 'a1b2c3d4',
        editorName: 'VS Code',
      },
    },
  ],
  affected: [GIT],
  repairs: [sandboxRepair('git')],
};

/** A program the user added, with a library that is nowhere. */
export const libraryFinding: Finding = {
  id: 'library-missing:77aa01ce',
  check: 'library-missing',
  severity: 'error',
  title: words('check.library.title', { program: 'dlv' }),
  summary: words('check.library.summary.missing', { count: 1, library: 'libunwind.so.8' }),
  headline: words('check.library.headline.missing', {
    count: 1,
    program: 'dlv',
    library: 'libunwind.so.8',
  }),
  impact: words('check.impact.dlv.library', { editor: 'VS Code' }),
  evidence: [
    {
      kind: 'missing-chain',
      hops: [
        { name: 'dlv', path: `${HOME}/go/bin/dlv`, foundBy: null, state: 'ok' },
        { name: 'libunwind.so.8', path: null, foundBy: null, state: 'broken' },
      ],
      soname: 'libunwind.so.8',
      searched: [LIBRARIES, '/usr/lib/x86_64-linux-gnu', '/lib', '/usr/lib'],
    },
    { kind: 'reference', reference: { kind: 'path', directory: `${HOME}/go/bin`, name: 'dlv' } },
  ],
  affected: [`${HOME}/go/bin/dlv`],
  repairs: [],
};

/** Starts, but a part of it asks for more than there is. */
export const weakFinding: Finding = {
  id: 'glibc-version-missing:b04d17e2',
  check: 'glibc-version-missing',
  severity: 'warning',
  title: words('check.glibc.title.weak', { program: 'gopls' }),
  summary: words('check.glibc.summary', { version: 'GLIBC_2.37', present: '2.36' }),
  headline: words('check.glibc.headline.weak.c', { program: 'gopls' }),
  impact: words('check.impact.gopls.weak', { editor: 'VS Code' }),
  evidence: [
    {
      kind: 'version-chain',
      hops: [
        { name: 'gopls', path: `${HOME}/go/bin/gopls`, foundBy: null, state: 'ok' },
        { name: 'libc.so.6', path: `${LIBRARIES}/libc.so.6`, foundBy: 'cache', state: 'broken' },
      ],
      library: 'libc.so.6',
      version: 'GLIBC_2.37',
      weak: true,
      symbols: ['__libc_start_main'],
      present: 'GLIBC_2.36',
    },
    { kind: 'reference', reference: { kind: 'path', directory: `${HOME}/go/bin`, name: 'gopls' } },
  ],
  affected: [`${HOME}/go/bin/gopls`],
  repairs: [
    sandboxRepair('gopls'),
    {
      ...sandboxRepair('gopls'),
      repair: 'glibc-sandbox-shared',
      recommended: false,
      choices: [],
      refused: words('repair.sandbox.refused.privileged', { path: `${HOME}/go/bin/gopls` }),
    },
  ],
};

export const settingsUnchecked: Unchecked = {
  id: 'editor-settings:5511cc09',
  check: 'glibc-version-missing',
  title: words('scenario.unchecked.title'),
  reason: words('scenario.unchecked.reason'),
  problem: {
    code: 'not-permitted',
    path: `${HOME}/.config/VSCodium/User/settings.json`,
    detail: 'EACCES',
  },
};

const passed: ScanReport['passed'] = [
  { check: 'glibc-version-missing', title: words('check.glibc.name'), examined: 212 },
  { check: 'library-missing', title: words('check.library.name'), examined: 209 },
];

/** Two problems, a warning, and something that could not be checked. */
export const troubledReport: ScanReport = {
  takenAt: NOW,
  machine,
  probes,
  findings: [gitFinding, libraryFinding, weakFinding],
  unchecked: [settingsUnchecked],
  passed,
};

export const clearReport: ScanReport = {
  takenAt: NOW,
  machine,
  probes: cleanProbes,
  findings: [],
  unchecked: [],
  passed,
};

/** A machine without editors, Go or added programs: nothing was checked, which is not "fine". */
export const emptyReport: ScanReport = {
  takenAt: NOW,
  machine: bareMachine,
  probes: cleanProbes,
  findings: [],
  unchecked: [],
  passed: [],
};

function reportOf(count: number): ScanReport {
  return {
    ...troubledReport,
    findings: Array.from({ length: count }, (_, index) => ({
      ...(index % 3 === 0 ? weakFinding : gitFinding),
      id: `glibc-version-missing:${index.toString(16).padStart(8, '0')}`,
    })),
  };
}

/** As many findings as a bad day can bring. */
export const manyReport = reportOf(400);

/** More than anybody should have; the list is to hold them all the same. */
export const thousandsReport = reportOf(5_000);
