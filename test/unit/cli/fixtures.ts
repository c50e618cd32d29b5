import { dependencyReportSchema } from '../../../shared/elf.ts';
import { scanReportSchema, type ScanReport } from '../../../shared/finding.ts';
import { transactionDetailSchema, undoPreviewSchema } from '../../../shared/history.ts';
import { planReviewSchema } from '../../../shared/plan.ts';
import type { View } from '../../../electron/cli/render/view.ts';
import { createStyle } from '../../../electron/cli/render/style.ts';

export const home = '/home/user';
export const program = `${home}/opt/git-with-a-very-long-directory-name/that-still-matters/bin/git`;
const libc = '/lib/x86_64-linux-gnu/libc.so.6';
const pcre = '/lib/x86_64-linux-gnu/libpcre2-8.so.0';
const settings = `${home}/.config/Code/User/settings.json`;

export const view = (options: Partial<View & { colour: boolean }> = {}): View => ({
  language: options.language ?? 'en',
  style: createStyle(options.colour ?? false),
  columns: options.columns ?? 80,
});

/** Words are taken from the parameters, so that fixtures do not depend on other areas' texts. */
const words = (text: string): { key: string; params: Record<string, never> } => ({
  key: text,
  params: {},
});

export const report: ScanReport = scanReportSchema.parse({
  takenAt: '2026-11-23T14:02:00.000Z',
  machine: {
    distribution: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.1.0-18-amd64',
    architecture: 'x86-64',
    libc: 'glibc 2.36',
    libstdcxx: 'GLIBCXX_3.4.30',
    editors: [{ name: 'VS Code', version: '1.139.1', directory: '/usr/share/code' }],
    go: '1.24.4',
    root: '/',
    home,
    user: 'user',
  },
  probes: [{ id: 'libc', status: 'ok', reason: null, ms: 3 }],
  findings: [
    {
      id: 'glibc-version-missing:0a1b2c3d',
      check: 'glibc-version-missing',
      severity: 'error',
      title: words('git does not start'),
      summary: words('needs GLIBC_2.38, this system has 2.36'),
      headline: words('git does not start: the C library is too old for it'),
      impact: words('Source control in VS Code stays empty until this is fixed.'),
      evidence: [
        {
          kind: 'reference',
          reference: {
            kind: 'setting',
            file: settings,
            target: `${home}/dotfiles/settings.json`,
            line: 14,
            jsonPath: ['git.path'],
            setting: 'git.path',
            value: program,
            editorId: 'e1',
            editorName: 'VS Code',
          },
        },
        {
          kind: 'version-chain',
          hops: [
            { name: 'git', path: program, foundBy: null, state: 'ok' },
            { name: 'libpcre2-8.so.0', path: pcre, foundBy: 'cache', state: 'ok' },
            { name: 'libc.so.6', path: libc, foundBy: 'cache', state: 'broken' },
          ],
          library: 'libc.so.6',
          version: 'GLIBC_2.38',
          weak: false,
          symbols: ['__isoc23_strtol', '__isoc23_strtoul', '__isoc23_strtoumax'],
          present: 'GLIBC_2.36',
        },
      ],
      affected: [program, libc],
      repairs: [
        {
          repair: 'glibc-sandbox',
          title: words('Give git its own C library'),
          description: words('A private copy of Debian 13 glibc 2.41.'),
          recommended: true,
          reversibility: 'full',
          choices: [
            {
              key: 'use',
              label: words('how the program is repaired'),
              default: 'copy',
              options: [
                { value: 'copy', label: words('a patched copy'), note: null },
                { value: 'in-place', label: words('in place'), note: words('needs root') },
              ],
            },
          ],
          refused: null,
        },
      ],
    },
    {
      id: 'library-missing:9f8e7d6c',
      check: 'library-missing',
      severity: 'warning',
      title: words('dlv lacks a library'),
      summary: words('libfoo.so.1 was not found'),
      headline: words('dlv lacks a library'),
      impact: words('Debugging does not work.'),
      evidence: [
        {
          kind: 'missing-chain',
          hops: [
            { name: 'dlv', path: '/usr/bin/dlv', foundBy: null, state: 'ok' },
            { name: 'libfoo.so.1', path: null, foundBy: null, state: 'broken' },
          ],
          soname: 'libfoo.so.1',
          searched: ['/lib', '/usr/lib'],
        },
      ],
      affected: ['/usr/bin/dlv'],
      repairs: [],
    },
  ],
  unchecked: [
    {
      id: 'glibc-version-missing:gap',
      check: 'glibc-version-missing',
      title: words('gopls'),
      reason: words('the file cannot be read'),
      problem: { code: 'not-permitted', path: '/root/go/bin/gopls', detail: 'EACCES' },
    },
  ],
  passed: [{ check: 'library-missing', title: words('Libraries'), examined: 14 }],
});

const copy = `${home}/.local/share/devmend/programs/git-2.47.3/bin/git`;

export const review = planReviewSchema.parse({
  plan: {
    schema: 'devmend.plan/1',
    id: 'p1',
    createdAt: '2026-11-23T14:02:00.000Z',
    devmend: '0.1.0',
    root: '/',
    home,
    repairs: [
      {
        repair: 'glibc-sandbox',
        finding: 'glibc-version-missing:0a1b2c3d',
        title: words('Give git its own C library'),
        subject: 'git',
        problem: words('GLIBC_2.38 missing'),
        choices: {},
        changes: ['c1'],
      },
    ],
    changes: [
      {
        kind: 'edit-json',
        id: 'c1',
        title: words('Change the settings of VS Code'),
        privilege: 'user',
        reversibility: 'full',
        reversibilityReason: null,
        bytes: 2048,
        path: settings,
        link: null,
        edits: [{ jsonPath: ['git.path'], before: '"a"', after: '"b"' }],
      },
    ],
    reliesOn: [],
    verifications: [],
    bytes: 41_000_000,
    seconds: 5,
  },
  previews: [
    {
      change: 'c1',
      kind: 'edit-json',
      title: words('Change the settings of VS Code'),
      target: settings,
      through: `${home}/dotfiles/settings.json`,
      privilege: 'user',
      reversibility: 'partial',
      reversibilityReason: words('the time stamps of the directory change'),
      bytes: 2048,
      commands: [['/usr/bin/patchelf', '--set-rpath', '/a b', program]],
      diff: [
        { sign: ' ', line: 13, text: '  "editor.formatOnSave": true,' },
        { sign: '-', line: 14, text: `  "git.path": "${program}", // team build` },
        { sign: '+', line: 14, text: `  "git.path": "${copy}", // team build` },
      ],
      notes: [],
    },
  ],
  needsRoot: false,
  freeBytes: 80_000_000_000,
});

const summary = {
  id: '20261123-140200-ab12',
  at: '2026-11-23T14:02:00.000Z',
  type: 'apply',
  title: words('Give git its own C library'),
  status: 'verified',
  changes: [
    {
      kind: 'edit-json',
      target: settings,
      title: words('Change the settings of VS Code'),
      reversibility: 'full',
    },
  ],
  undoes: null,
  undoneBy: null,
  durationMs: 4800,
  imageBytes: 1_900_000,
  subjects: ['git'],
  damaged: false,
  pinned: false,
  expiresAt: '2027-11-23T14:02:00.000Z',
};

export const detail = transactionDetailSchema.parse({
  summary,
  previews: review.previews,
  verifications: [{ title: words('git starts'), passed: true, output: 'git version 2.47.3\n' }],
  failure: null,
  explanation: { done: [words('settings.json was changed.')], next: [words('Restore it')] },
  canUndo: true,
  canRedo: false,
});

export const undoPreview = undoPreviewSchema.parse({
  id: summary.id,
  possible: true,
  reason: null,
  items: [
    {
      target: settings,
      title: words('Restore one line'),
      standing: 'changed',
      diff: [{ sign: '-', line: 14, text: 'x' }],
      bytes: 10,
      differences: ['content', 'mode'],
      reversibility: 'full',
    },
    {
      target: copy,
      title: words('Remove the copy of git'),
      standing: 'unchanged',
      diff: [],
      bytes: 10,
      differences: [],
      reversibility: 'full',
    },
  ],
  later: [{ id: 'later-1', title: words('Another repair'), at: '2026-11-23T15:02:00.000Z' }],
  afterwards: words('git will fail again as it did before'),
  problems: [],
  conflicts: 1,
});

export const dependencies = dependencyReportSchema.parse({
  schema: 'devmend.deps/1',
  file: program,
  root: '/',
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  verdict: 'fails',
  reason: null,
  objects: [
    { soname: 'libpcre2-8.so.0', path: pcre, foundBy: 'cache', requiredBy: [program] },
    { soname: 'libc.so.6', path: libc, foundBy: 'cache', requiredBy: [program, pcre] },
  ],
  missing: [{ soname: 'libfoo.so.1', requiredBy: [pcre], searched: ['/lib', '/usr/lib'] }],
  versionErrors: [
    {
      library: 'libc.so.6',
      version: 'GLIBC_2.38',
      requiredBy: program,
      weak: false,
      path: libc,
      symbols: ['__isoc23_strtol'],
    },
  ],
  symbolErrors: [{ symbol: 'gone', version: 'V_1', requiredBy: program }],
  mixedGlibc: [],
});
