import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { hashFile } from '../../../electron/engine/journal/capture.ts';
import { encodeLine } from '../../../electron/engine/journal/entries.ts';
import { listTransactions, showTransaction } from '../../../electron/engine/journal/history.ts';
import { takeLock } from '../../../electron/engine/journal/lock.ts';
import { recover, recoveryStatus } from '../../../electron/engine/journal/recover.ts';
import { undo } from '../../../electron/engine/journal/undo.ts';
import { message } from '../../../shared/message.ts';
import type { Change, Plan } from '../../../shared/plan.ts';
import {
  apply,
  code,
  copyTree,
  editJson,
  job,
  passing,
  planOf,
  removeTree,
  value,
  workbench,
  type Workbench,
} from './workbench.ts';

let bench: Workbench;
let settings: string;
beforeEach(() => {
  bench = workbench();
  settings = bench.at('settings.json');
  writeFileSync(settings, '{\n  "a": 1\n}\n');
});
afterEach(() => bench.dispose());

const stop = { onConflict: 'stop' } as const;
const edit = (): ReturnType<typeof editJson> => editJson(settings, 'a', 1, 2);
const journal = (...parts: string[]): string =>
  join(bench.machine.directories.state, 'journal', ...parts);
const tryPlan = async (own: Partial<Plan>): Promise<string> =>
  code(await applyPlan(bench.machine, planOf(bench, own.changes ?? [edit()], own), job(), passing));

describe('a plan', () => {
  it('A3.6 is refused when what it relies on has changed', async () => {
    const sha256 = await hashFile(settings);
    const target = bench.at('link');
    symlinkSync('settings.json', target);
    const reliesOn: Plan['reliesOn'] = [
      { path: settings, state: 'file', sha256 },
      { path: target, state: 'link', target: 'settings.json' },
      { path: bench.at('absent'), state: 'absent' },
    ];
    writeFileSync(bench.at('absent'), '');
    expect(await tryPlan({ reliesOn })).toBe('plan-stale');
    expect(readFileSync(settings, 'utf8')).toContain('"a": 1');
    expect(readdirSync(journal())).toEqual([]);
    expect(await tryPlan({ reliesOn: reliesOn.slice(0, 2) })).toContain('applied');
  });

  it.each([
    ['another root', { root: '/mnt' }],
    ['another home', { home: '/home/other' }],
    ['no change at all', { changes: [] }],
  ])('is refused when it is for %s', async (_what, own) => {
    expect(await tryPlan(own)).toBe('plan-invalid');
  });

  it.each([
    ['program outside the copy', { path: '../sh' }],
    ['loader variable', { environment: { LD_PRELOAD: '/tmp/x.so' } }],
    ['variable for Node', { environment: { NODE_OPTIONS: '--require=/tmp/x.js' } }],
  ])('is refused when its trial run has a %s', async (_what, own) => {
    const trial = { path: '.', args: [], environment: {}, timeoutMs: 1000, ...own };
    const changes = [{ ...copyTree(settings, bench.at('copy')), trial }];
    expect(await tryPlan({ changes })).toBe('plan-invalid');
  });

  it.each(['/bin/sh', 'sandbox-2/lib/ld.so', 'sandbox/lib/../../x', 'sandbox'])(
    'is refused when a private glibc would be asked through %s, which is not its own',
    async (name) => {
      const verification = {
        kind: 'private-glibc',
        title: message('verify.title.private'),
        path: bench.at('sandbox'),
      } as const;
      const ask = async (interpreter: string): Promise<string> =>
        tryPlan({ verifications: [{ ...verification, interpreter }] });
      expect(await ask(name.startsWith('/') ? name : `${bench.at()}/${name}`)).toBe('plan-invalid');
      expect(await ask(bench.at('sandbox/lib/ld.so'))).toContain('verified');
    },
  );

  it('is refused when it holds what undo and redo alone are made of', async () => {
    const root = bench.at('root');
    mkdirSync(join(root, 'etc'), { recursive: true });
    const { id, title, privilege, reversibility, reversibilityReason, bytes } = edit();
    const change: Change = {
      ...{ id, title, privilege, reversibility, reversibilityReason, bytes },
      kind: 'restore-effect',
      effect: { kind: 'loader-cache', root, value: 'absent' },
      wanted: 'absent',
      onConflict: 'restore',
    };
    expect(await tryPlan({ changes: [change] })).toBe('plan-invalid');
  });

  it('is refused when it has a change that no repair shows', async () => {
    const [repair] = planOf(bench, []).repairs;
    expect(await tryPlan({ repairs: [repair!] })).toBe('plan-invalid');
  });

  it('is refused where the store is somebody else’s, as with root in a user’s home', async () => {
    const { state } = bench.machine.directories;
    mkdirSync(state, { recursive: true });
    const machine = { ...bench.machine, user: { ...bench.machine.user, uid: 4242 } };
    // Root's own directories are believed, so that root has to give this one away.
    if (process.getuid?.() === 0) chownSync(state, 4243, 0);
    const refused = await applyPlan(machine, planOf(bench, [edit()]), job(), passing);
    expect(code(refused)).toBe('not-permitted');
    expect(readdirSync(state)).toEqual([]);
  });

  it('is refused when one change lies inside another', async () => {
    mkdirSync(bench.at('tree'));
    const changes = [copyTree(settings, bench.at('tree/copy')), removeTree(bench.at('tree'))];
    expect(await tryPlan({ changes })).toBe('plan-invalid');
  });

  it('goes back as a whole when a later change of it fails', async () => {
    const outcome = await apply(
      bench,
      [
        copyTree(settings, bench.at('copy/settings.json')),
        edit(),
        editJson(settings, 'b', undefined, '\u0000'),
      ].slice(0, 2),
      {
        verifications: [
          { kind: 'loader-simulation', title: { key: 'x', params: {} }, path: settings },
        ],
      },
    );
    expect(outcome.status).toBe('verified');
    const failing = {
      runVerification: async () => Promise.resolve({ passed: false, output: 'no', error: null }),
    };
    const plan = planOf(
      bench,
      [editJson(settings, 'a', 2, 3), copyTree(settings, bench.at('second/settings.json'))],
      {
        verifications: [
          { kind: 'loader-simulation', title: { key: 'x', params: {} }, path: settings },
        ],
      },
    );
    const told = job();
    const failed = value(await applyPlan(bench.machine, plan, told, failing));
    expect([failed.status, failed.failure?.code]).toEqual(['rolled-back', 'verification-failed']);
    expect(readFileSync(settings, 'utf8')).toContain('"a": 2');
    expect(existsSync(bench.at('second'))).toBe(false);
    const states = told.events.flatMap((event) =>
      event.type === 'step' && event.state !== 'running' ? [event.state] : [],
    );
    expect(states).toEqual(['done', 'done', 'done', 'failed', 'undone', 'undone']);
  });
});

describe('the store', () => {
  it('A3.11 is for its owner only, also under umask 000', async () => {
    const umask = process.umask(0);
    try {
      chmodSync(settings, 0o666);
      const { id } = await apply(bench, [edit()]);
      const open: string[] = [];
      const look = (path: string): void => {
        if ((statSync(path).mode & 0o077) !== 0) open.push(path);
        if (statSync(path).isDirectory())
          readdirSync(path).forEach((name) => look(join(path, name)));
      };
      look(bench.machine.directories.state);
      expect(open).toEqual([]);
      value(await undo(bench.machine, id, stop, job()));
      expect(statSync(settings).mode & 0o777).toBe(0o666);
    } finally {
      process.umask(umask);
    }
  });

  it('A3.9 refuses an undo with one damaged before-image, and touches no other path either', async () => {
    const other = bench.at('other.json');
    writeFileSync(other, '{ "a": 1 }');
    const { id } = await apply(bench, [edit(), editJson(other, 'a', 1, 2)]);
    // The first one: undo begins with the last.
    writeFileSync(journal(id, 'images/0'), '{\n  "a": 9\n}\n');
    const seen = [settings, other].map((path) => statSync(path, { bigint: true }).ctimeNs);
    expect(code(await undo(bench.machine, id, stop, job()))).toBe('before-image-damaged');
    expect([settings, other].map((path) => statSync(path, { bigint: true }).ctimeNs)).toEqual(seen);
    expect(readdirSync(journal())).toEqual([id]);
    expect(readdirSync(bench.at()).sort()).toEqual(['.local', 'other.json', 'settings.json']);
  });

  it('from a newer Devmend is read-only', async () => {
    const { id } = await apply(bench, [edit()]);
    mkdirSync(journal('20990101T000000.000Z'));
    writeFileSync(
      journal('20990101T000000.000Z/journal.jsonl'),
      '{"seq":1,"type":"begin","format":3,"shape":"unknown"}\n',
    );
    expect(code(await undo(bench.machine, id, stop, job()))).toBe('journal-from-the-future');
    expect(await tryPlan({})).toBe('journal-from-the-future');
    expect(value(await recoveryStatus(bench.machine)).readOnly).toBe(true);
    expect(value(await listTransactions(bench.machine)).map((one) => one.id)).toEqual([id]);
  });

  it('does not trust an altered line, and says so for that repair alone', async () => {
    const { id } = await apply(bench, [edit()]);
    const path = journal(id, 'journal.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"type":"start"', '"type":"START"'));
    expect(code(await undo(bench.machine, id, stop, job()))).toBe('journal-damaged');
    const second = await apply(bench, [editJson(settings, 'a', 2, 3)]);
    expect(second.status).toBe('applied');
    expect(value(await undo(bench.machine, second.id, stop, job())).status).toBe('verified');
  });

  it.each([
    ['no JSON', '{"seq":3,"type":}'],
    ['no number', '{"seq":"3","at":"2026-11-23T00:00:00.000Z","type":"start","change":"x"}'],
    ['no time', '{"seq":3,"type":"start","change":"x"}'],
    ['nothing', 'null}'],
  ])('counts a line with %s as damage, though its checksum is right', async (_what, text) => {
    const { id } = await apply(bench, [edit()]);
    const sum = createHash('sha256').update(text).digest('hex').slice(0, 16);
    const path = journal(id, 'journal.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    lines[2] = `${text.slice(0, -1)},"sum":"${sum}"}`;
    writeFileSync(path, lines.join('\n'));
    expect(code(await undo(bench.machine, id, stop, job()))).toBe('journal-damaged');
    const second = await apply(bench, [editJson(settings, 'a', 2, 3)]);
    expect(value(await undo(bench.machine, second.id, stop, job())).status).toBe('verified');
    expect(value(await listTransactions(bench.machine)).map((one) => one.id)).toContain(id);
  });

  it('forgives a torn last line, which a power cut leaves', async () => {
    const { id } = await apply(bench, [edit()]);
    const line = encodeLine(99, '2026-11-23T00:00:00.000Z', { type: 'start', change: 'x' });
    appendFileSync(journal(id, 'journal.jsonl'), line.slice(0, 30));
    expect(value(await showTransaction(bench.machine, id)).canUndo).toBe(true);
    expect(value(await undo(bench.machine, id, stop, job())).status).toBe('verified');
  });
});

describe('two Devmends', () => {
  it('A3.12 exclude each other, and the second is told who works', async () => {
    const lock = value(await takeLock(bench.machine));
    const refused = await applyPlan(bench.machine, planOf(bench, [edit()]), job(), passing);
    expect(refused).toMatchObject({ error: { code: 'locked', params: { pid: process.pid } } });
    expect(code(await recover(bench.machine, job()))).toBe('locked');
    expect(value(await recoveryStatus(bench.machine)).lockedBy?.pid).toBe(process.pid);
    await lock.release();
    expect(await tryPlan({})).toContain('applied');
    expect(value(await recoveryStatus(bench.machine)).lockedBy).toBeNull();
  });

  it('A3.12 believes a lock in a link, as a full disk makes one, while its owner lives', async () => {
    const lock = value(await takeLock(bench.machine));
    const path = join(bench.machine.directories.state, 'lock');
    const { pid, startTime, boot, namespace } = JSON.parse(readFileSync(path, 'utf8')) as Record<
      'startTime' | 'boot' | 'namespace',
      string
    > & { pid: number };
    await lock.release();
    const words = [startTime, boot.slice(0, 13), namespace.replace(/\D/g, '')];
    symlinkSync([pid, ...words].join(' '), path);
    expect(await takeLock(bench.machine)).toMatchObject({
      error: { code: 'locked', params: { pid: process.pid } },
    });
    rmSync(path);
    symlinkSync([1 << 22, ...words].join(' '), path);
    const taken = value(await takeLock(bench.machine));
    await taken.release();
    expect(existsSync(path)).toBe(false);
  });

  it('A3.12 a lock that could not be removed when its work was done is no lock any more', async () => {
    const lock = value(await takeLock(bench.machine));
    const path = join(bench.machine.directories.state, 'lock');
    const text = readFileSync(path, 'utf8');
    rmSync(path);
    mkdirSync(path);
    await lock.release();
    rmdirSync(path);
    writeFileSync(path, text);
    expect(value(await recoveryStatus(bench.machine)).lockedBy).toBeNull();
    await value(await takeLock(bench.machine)).release();
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['a process that has ended', { pid: 4_194_000 }],
    ['a process id that now belongs to another', { startTime: '1' }],
    ['the time before a restart', { boot: 'earlier' }],
  ])('A3.12 take over a lock of %s', async (_what, other) => {
    const lock = value(await takeLock(bench.machine));
    const path = join(bench.machine.directories.state, 'lock');
    const owner = JSON.parse(readFileSync(path, 'utf8')) as object;
    await lock.release();
    writeFileSync(path, `${JSON.stringify({ ...owner, ...other })}\n`);
    expect(await tryPlan({})).toContain('applied');
    expect(existsSync(path)).toBe(false);
  });

  it('let only one of many through at the same moment', async () => {
    const taken = await Promise.all(Array.from({ length: 8 }, async () => takeLock(bench.machine)));
    expect(taken.filter((lock) => lock.ok)).toHaveLength(1);
  });
});

describe('a repair that others need', () => {
  it('A3.7 has to wait: what points into it is named', async () => {
    mkdirSync(bench.at('source'));
    const first = await apply(bench, [copyTree(bench.at('source'), bench.at('sandbox'))]);
    const copy = copyTree(settings, bench.at('program'));
    // Nothing is patched in this test; what counts is what the plan says it needs.
    const second = await apply(bench, [copy]);
    const path = journal(second.id, 'plan.json');
    const plan = JSON.parse(readFileSync(path, 'utf8')) as Plan;
    const patch = {
      path: '.',
      interpreter: { before: '/lib/ld.so', after: bench.at('sandbox/lib/ld.so') },
      rpath: { before: [], after: [bench.at('sandbox/lib')] },
    };
    writeFileSync(path, JSON.stringify({ ...plan, changes: [{ ...copy, patches: [patch] }] }));
    expect(code(await undo(bench.machine, first.id, stop, job()))).toBe('later-transaction');
    expect(await tryPlan({ changes: [removeTree(bench.at('sandbox'))] })).toBe('sandbox-in-use');
  });
});
