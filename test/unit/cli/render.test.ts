import { describe, expect, it } from 'vitest';
import { renderDependencies } from '../../../electron/cli/render/deps.ts';
import { renderElfFile } from '../../../electron/cli/render/elf.ts';
import { findingDetail } from '../../../electron/cli/render/finding.ts';
import {
  conflictingPaths,
  renderConflictChoices,
  renderHistory,
  renderTransaction,
  renderUndoPreview,
} from '../../../electron/cli/render/history.ts';
import { columnsOf } from '../../../electron/cli/render/layout.ts';
import { renderVerifications } from '../../../electron/cli/render/outcome.ts';
import { renderPlan } from '../../../electron/cli/render/plan.ts';
import { renderRetention, renderRetentionOutcome } from '../../../electron/cli/render/retention.ts';
import { renderNextSteps, renderScan } from '../../../electron/cli/render/scan.ts';
import { renderTrace } from '../../../electron/cli/render/trace.ts';
import type { PathVersion } from '../../../shared/history.ts';
import { dependencies, detail, program, report, review, undoPreview, view } from './fixtures.ts';

const [finding] = report.findings;
const text = (lines: readonly string[]): string => lines.join('\n');

/** Lines may be longer than the screen only where one unbreakable word makes them so. */
function fits(lines: readonly string[], columns: number): void {
  for (const line of lines) {
    if (columnsOf(line) > columns) expect(line).toMatch(/\S{30,}/u);
  }
}

describe('a scan in words', () => {
  it('draws the chain from the program to the link that breaks', () => {
    const lines = renderScan(view(), report).map((line) => line.trim());
    const from = lines.findIndex((line) => line === '+ git');
    expect(lines.slice(from, from + 7)).toEqual([
      '+ git',
      `|   ${program}`,
      '|',
      '+ libpcre2-8.so.0  /lib/x86_64-linux-gnu/libpcre2-8.so.0  (library cache)',
      '|',
      'x libc.so.6  /lib/x86_64-linux-gnu/libc.so.6  (library cache)',
      'lacks GLIBC_2.38 (its newest is GLIBC_2.36)',
    ]);
    expect(text(lines)).toContain('3 symbols need it: __isoc23_strtol, __isoc23_strtoul,');
  });

  it('names severity by word and sign, and where the program was set', () => {
    const lines = text(renderScan(view({ columns: 110 }), report));
    expect(lines).toContain('x Problem  git does not start');
    expect(lines).toContain('! Warning  dlv lacks a library');
    expect(lines).toContain('settings.json:14');
    expect(lines).toContain('/home/user/dotfiles/settings.json');
    expect(lines).toContain('1 problem, 1 warning.');
  });

  it('lists what could not be checked, and does not call it fine', () => {
    const unknown = { ...report, findings: [] };
    const lines = text(renderScan(view(), unknown));
    expect(lines).toContain('? Could not be checked (1)');
    expect(lines).toContain('/root/go/bin/gopls');
    expect(lines).not.toContain('All clear');
    expect(text(renderScan(view(), { ...unknown, unchecked: [] }))).toContain('All clear');
  });

  it('ends, for a log, with commands that can be typed as they stand', () => {
    const lines = renderNextSteps(view(), report, 'devmend');
    expect(lines).toContain('  devmend apply glibc-version-missing:0a1b2c3d --yes');
  });

  it('fits 80 columns, 40 columns and Chinese, and never shortens a path', () => {
    for (const columns of [40, 80, 110]) {
      for (const language of ['en', 'zh-CN'] as const) {
        const lines = renderScan(view({ columns, language }), report);
        fits(lines, columns);
        expect(text(lines)).toContain(program);
      }
    }
  });

  it('has the same words with and without colour', () => {
    const plain = text(renderScan(view(), report));
    const coloured = text(renderScan(view({ colour: true }), report));
    expect(coloured).toContain('\u001b[');
    expect(coloured.replaceAll(/\u001b\[\d+m/gu, '')).toBe(plain);
  });
});

describe('a finding explained', () => {
  it('says evidence, impact, files, repairs and what they leave to decide', () => {
    const lines = text(findingDetail(view(), finding!));
    for (const part of [
      'git does not start: the C library is too old for it',
      'Source control in VS Code stays empty',
      'Give git its own C library (recommended, can be undone)',
      '--choice use=..., otherwise copy',
      'use=in-place  in place - needs root',
    ])
      expect(lines).toContain(part);
  });

  it('says why a repair is refused, and offers none of its choices', () => {
    const [repair] = finding!.repairs;
    const refused = { ...repair!, refused: { key: 'the file is setuid', params: {} } };
    const lines = text(findingDetail(view(), { ...finding!, repairs: [refused] }));
    expect(lines).toContain('Not possible here: the file is setuid');
    expect(lines).not.toContain('--choice');
    expect(lines).not.toContain('recommended');
  });
});

describe('a plan in words', () => {
  const lines = text(renderPlan(view(), review));

  it('A4.4 lists every file and command with its diff, by sign', () => {
    expect(lines).toContain('1. Change the settings of VS Code');
    expect(lines).toContain('follows a link to /home/user/dotfiles/settings.json');
    expect(lines).toContain("$ /usr/bin/patchelf --set-rpath '/a b' ");
    expect(lines).toMatch(/^ {3}- 14 {3}"git\.path": .*team build$/mu);
    expect(lines).toMatch(/^ {3}\+ 14 {3}"git\.path": .*team build$/mu);
  });

  it('A3.8 labels a change that can be taken back only in part, with the reason', () => {
    expect(lines).toContain('can be undone in part: the time stamps of the directory change');
  });

  it('says what it costs', () => {
    expect(lines).toContain('1 repair, 1 change');
    expect(lines).toContain('Takes 41 MB of 80 GB free on disk.');
    expect(lines).toContain('No administrator rights needed.');
  });
});

describe('the history in words', () => {
  it('tells an empty history from a missing one', () => {
    expect(text(renderHistory(view(), [], '/journal'))).toBe(
      'Devmend has not changed anything yet.',
    );
  });

  it('shows state, size, proof and how to take it back', () => {
    const lines = text(renderTransaction(view(), detail, '/journal'));
    for (const part of ['verified, 1 change, 1.9 MB', 'git version 2.47.3', 'devmend undo 2026'])
      expect(lines).toContain(part);
  });

  it('A4.10 says in words what was done, what undo will do, and how long it is kept', () => {
    const lines = text(renderTransaction(view(), detail, '/journal'));
    expect(lines).toMatch(/What was done\n- settings\.json was changed\.\n/u);
    expect(lines).toMatch(/What undo will do\n- Restore it\n/u);
    expect(lines).toContain('Kept until Nov 23, 2027');
    expect(lines).toContain('"devmend pin"');
    const pinned = { ...detail, summary: { ...detail.summary, pinned: true, expiresAt: null } };
    expect(text(renderTransaction(view(), pinned, '/journal'))).toContain('kept for good');
  });

  it('calls a damaged entry damaged, and names where its before-images lie', () => {
    const lines = text(renderHistory(view(), [{ ...detail.summary, damaged: true }], '/journal'));
    expect(lines).toContain('Its record is damaged');
    expect(lines).toContain(`/journal/${detail.summary.id}/images`);
  });

  it('A3.5 names the file that somebody else has changed, and the three options', () => {
    const lines = text(renderUndoPreview(view(), undoPreview));
    expect(lines).toContain('changed by somebody else since (content, mode)');
    expect(conflictingPaths(undoPreview)).toEqual([undoPreview.items[0]!.target]);
    const options = renderConflictChoices(view(), undoPreview, 'devmend');
    for (const option of ['keep', 'restore', 'stop'])
      expect(options).toContain(`  devmend undo ${undoPreview.id} --on-conflict ${option}`);
  });

  it('A3.5 compares the three versions of every sort, in both languages', () => {
    const nothing = { bytes: null, files: null, digest: null, target: null, text: null };
    const versions: readonly PathVersion[] = [
      { ...nothing, type: 'absent' },
      { ...nothing, type: 'file', bytes: 33, digest: 'a'.repeat(64), text: ['x'] },
      { ...nothing, type: 'link', target: '/etc/hostname' },
      { ...nothing, type: 'directory', files: 2, bytes: 1_000_000, digest: 'b'.repeat(64) },
      { ...nothing, type: 'value', text: ['8192'] },
      { ...nothing, type: 'other' },
      { ...nothing, type: 'unreadable' },
    ];
    const since = [{ sign: '+', line: 2, text: 'theirs' }] as const;
    const shown = (language: 'en' | 'zh-CN', now: PathVersion): string => {
      const [before, left] = versions as [PathVersion, PathVersion];
      const threeWay = { before, left, now, repaired: [], since: [...since] };
      const [item] = undoPreview.items;
      if (item === undefined) throw new Error('an item expected');
      const preview = { ...undoPreview, items: [{ ...item, threeWay }] };
      return text(renderUndoPreview({ ...view(), language }, preview));
    };
    const english = versions.map((now) => shown('en', now));
    for (const [index, words] of [
      'now: not there',
      'now: a file, 33 B, SHA-256 aaaaaaaaaaaaaaaa…',
      'now: a link to /etc/hostname',
      'now: a directory with 2 files, 1.0 MB',
      'now: 8192',
      'now: a device, socket or pipe',
      'now: cannot be read',
    ].entries())
      expect(english[index]).toContain(words);
    expect(english[0]).toContain('before the repair: not there');
    expect(english[0]).toContain('What has been changed since the repair:');
    expect(english[0]).toContain('+ 2 theirs');
    expect(english[0]).toContain('What restoring would change:');
    for (const lines of versions.map((now) => shown('zh-CN', now)))
      expect(lines).not.toMatch(/cli\.|before the|SHA-256 …/u);
  });

  it('A3.7 names a later repair that touched the same file', () => {
    const lines = text(renderUndoPreview(view(), undoPreview));
    expect(lines).toMatch(/have? to be taken back first|has to be taken back first/u);
    expect(lines).toContain('later-1  Another repair');
    expect(lines).not.toContain('same files');
  });
});

describe('A3.10 retention in words', () => {
  const expired = {
    id: 'old-1',
    title: detail.summary.title,
    at: '2025-01-01T00:00:00.000Z',
    bytes: 2_000_000,
    because: 'days',
    inEffect: true,
    onlyCopy: false,
  } as const;
  const preview = {
    limits: { repairs: 500, days: 365, megabytes: null },
    repairs: 12,
    usedBytes: 34_000_000,
    freedBytes: 2_000_000,
    expired: [expired],
  };

  it('says what would go, why, what it frees, and what could not be undone any more', () => {
    const lines = text(renderRetention(view(), preview));
    for (const part of [
      'The history holds 12 repairs, 34 MB.',
      '500 repairs, 365 days',
      '1 repair would leave the history, and free 2.0 MB',
      'older than the limit',
      'it could not be undone any more',
      'old-1',
    ])
      expect(lines).toContain(part);
    fits(renderRetention(view({ columns: 40 }), preview), 40);
  });

  it('A3.10 says of which the only copy of somebody’s work would be gone', () => {
    const holding = { ...expired, inEffect: false, onlyCopy: true };
    const lines = text(renderRetention(view(), { ...preview, expired: [holding] }));
    expect(lines).toContain('holds the only copy of what somebody had changed');
    expect(lines).toContain('"devmend redo ID" brings it back');
    expect(lines).not.toContain('could not be undone');
    fits(renderRetention(view({ columns: 40 }), preview), 40);
  });

  it('says that nothing has to go, and which repair could not be removed', () => {
    expect(text(renderRetention(view(), { ...preview, freedBytes: 0, expired: [] }))).toContain(
      'Nothing has to go',
    );
    const error = { code: 'disk-full', params: { path: '/x' }, correlationId: '' } as const;
    const lines = text(
      renderRetentionOutcome(view(), {
        removed: [],
        freedBytes: 0,
        failures: [{ id: 't', error }],
      }),
    );
    expect(lines).toContain('0 repairs have left the history');
    expect(lines).toContain('x t: ');
  });
});

describe('dependencies in words', () => {
  it('draws the tree with provenance, every subtree once, and the verdict', () => {
    expect(renderDependencies(view({ columns: 110 }), dependencies)).toEqual([
      program,
      '|-- libpcre2-8.so.0 => /lib/x86_64-linux-gnu/libpcre2-8.so.0 (library cache)',
      '|   |-- libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (library cache)',
      '|   `-- libfoo.so.1 => not found',
      '`-- libc.so.6 (see above)',
      '    lacks GLIBC_2.38',
      '      1 symbol needs it: __isoc23_strtol',
      '',
      'libfoo.so.1 was not found; it is needed by /lib/x86_64-linux-gnu/libpcre2-8.so.0.',
      '  searched in:',
      '    /lib',
      '    /usr/lib',
      `${program} needs gone@V_1, which no loaded`,
      'library has.',
      '',
      'x does not start',
    ]);
  });
});

describe('an ELF file in words', () => {
  it('leaves out what the file does not have, and shows an error with its offset', () => {
    const bare = {
      path: '/x',
      class: 'ELF64',
      machine: 'x86-64',
      type: 'DYN',
      interpreter: null,
      soname: 'libx.so.1',
      needed: ['libc.so.6'],
      rpath: [],
      runpath: [],
      versionNeeds: [{ library: 'libc.so.6', versions: [{ name: 'GLIBC_2.38', weak: false }] }],
      versionDefines: [],
      linkage: 'dynamic',
      libc: 'glibc',
      go: null,
      error: null,
    } as const;
    const lines = renderElfFile(view(), structuredClone(bare) as never);
    expect(text(lines)).toContain('needs versions      libc.so.6: GLIBC_2.38');
    expect(text(lines)).not.toContain('RUNPATH');
    const broken = { ...bare, error: { code: 'truncated', offset: 64, detail: 'ends early' } };
    expect(text(renderElfFile(view(), broken as never))).toContain('truncated: ends early (0x40)');
  });
});

describe('a proof with something to know beside it', () => {
  it('says what it means below the check, which still passed', () => {
    const note = { key: 'verify.private.no-user', params: { user: 'ada', uid: 54_321 } };
    const title = { key: 'verify.title.private', params: {} };
    const proof = { title, passed: true, output: 'getpwuid: 54321', notes: [note] };
    const lines = renderVerifications(view(), [proof], 6);
    expect(lines[0]).toMatch(/^ *\+ Check user names/);
    expect(text(lines).replace(/\s+/g, ' ')).toContain(
      '! The private glibc does not find user ada, which the system knows.',
    );
  });
});

it('a launch says in words what was met where a library was looked for', () => {
  const lines = renderTrace(view(), {
    ...{ schema: 'devmend.trace/1', takenAt: '', program: '/bin/x', arguments: [], notes: [] },
    ...{ tools: { strace: true, ltrace: false }, processes: [], loaded: [] },
    end: { code: 127, signal: null, timedOut: false, cancelled: false, ms: 1 },
    explanations: [
      {
        ...{ kind: 'library-not-found', text: { key: 'x', params: {} }, process: null },
        ...{ subject: 'libx.so.1', evidence: [] },
        searched: [
          { path: '/lib/libx.so.1', answer: 'ENOENT' },
          { path: '/opt/libx.so.1', answer: 'EACCES' },
          { path: '/usr/lib/libx.so.1', answer: 'EIO' },
        ],
      },
    ],
    simulation: { verdict: 'fails', agrees: true, differences: [] },
  });
  expect(text(lines)).toContain('/lib/libx.so.1 (nothing there)');
  expect(text(lines)).toContain('/opt/libx.so.1 (no permission)');
  expect(text(lines)).toContain('/usr/lib/libx.so.1 (EIO)');
});
