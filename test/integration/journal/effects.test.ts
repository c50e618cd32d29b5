import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kernelValues } from '../../../electron/engine/data/kernel-values.ts';
import { bindEffect } from '../../../electron/engine/effects/registry.ts';
import { applyPlan, reviewPlan } from '../../../electron/engine/journal/apply.ts';
import { listTransactions, showTransaction } from '../../../electron/engine/journal/history.ts';
import { recover } from '../../../electron/engine/journal/recover.ts';
import { previewUndo } from '../../../electron/engine/journal/undo-preview.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import { message } from '../../../shared/message.ts';
import type { Change, ChangeOf } from '../../../shared/plan.ts';
import {
  apply,
  code,
  job,
  passing,
  planOf,
  value,
  workbench,
  type Workbench,
} from './workbench.ts';

/** Harmless, and only for new watches: how many events an inotify queue holds. */
const KEY = 'fs.inotify.max_queued_events';
const FILE = '/proc/sys/fs/inotify/max_queued_events';
const stop = { onConflict: 'stop' } as const;

const common = {
  title: message('repair.sandbox.title', { program: 'git' }),
  privilege: 'user',
  reversibility: 'full',
  reversibilityReason: null,
  bytes: 0,
} as const;

let bench: Workbench;
let original: string;

beforeEach(() => {
  bench = workbench();
  original = now();
});
afterEach(() => {
  writeFileSync(FILE, original);
  bench.dispose();
});

function now(): string {
  return readFileSync(FILE, 'utf8').trim();
}

function sysctl(before: string, after: string): ChangeOf<'set-sysctl'> {
  return {
    ...common,
    kind: 'set-sysctl',
    id: `sysctl-${KEY}`,
    before,
    effect: { kind: 'kernel-value', key: KEY, value: after },
  };
}

const more = (): string => String(Number(original) + 17);

describe('a value of the running kernel', () => {
  it('is shown before it is set, set, undone and set again, each time read back', async () => {
    const change = sysctl(original, more());
    const [preview] = value(await reviewPlan(planOf(bench, [change]), bench.machine));
    expect(preview?.diff.map(({ sign, text }) => `${sign}${text}`)).toEqual([
      `-${original}`,
      `+${more()}`,
    ]);
    const { id, failure } = await apply(bench, [change]);
    expect([failure, now()]).toEqual([null, more()]);
    const items = value(await previewUndo(bench.machine, id)).items;
    expect(items.map(({ target, standing }) => [target, standing])).toEqual([[FILE, 'unchanged']]);
    expect(value(await undo(bench.machine, id, stop, job())).failure).toBeNull();
    expect(now()).toBe(original);
    expect(value(await redo(bench.machine, id, job())).failure).toBeNull();
    expect(now()).toBe(more());
    const { explanation } = value(await showTransaction(bench.machine, id));
    expect(explanation.done.map(({ key }) => key)).toEqual(['journal.done.set']);
  });

  it('is a conflict when somebody else has set it since', async () => {
    const { id } = await apply(bench, [sysctl(original, more())]);
    writeFileSync(FILE, '4242');
    expect(value(await previewUndo(bench.machine, id)).conflicts).toBe(1);
    expect(code(await undo(bench.machine, id, stop, job()))).toBe('conflict');
    expect(code(await undo(bench.machine, id, { onConflict: 'keep' }, job()))).toBe('conflict');
    expect(now()).toBe('4242');
    const undone = value(await undo(bench.machine, id, { onConflict: 'restore' }, job()));
    expect([undone.failure, now()]).toEqual([null, original]);
  });

  it('goes back when the repair fails behind it', async () => {
    const failing = {
      runVerification: async () => Promise.resolve({ passed: false, output: 'no', error: null }),
    };
    const plan = planOf(bench, [sysctl(original, more())], {
      verifications: [
        {
          kind: 'loader-simulation',
          title: message('verify.title.starts', { program: 'git' }),
          path: '/bin/true',
        },
      ],
    });
    const outcome = value(await applyPlan(bench.machine, plan, job(), failing));
    expect([outcome.status, now()]).toEqual(['rolled-back', original]);
  });

  it('is refused outside what the kernel takes, and for a key that is nobody’s business', async () => {
    for (const change of [
      sysctl(original, '-1'),
      { ...sysctl('0', '1'), effect: { kind: 'kernel-value', key: 'kernel.panic', value: '1' } },
    ] as Change[]) {
      const plan = planOf(bench, [change]);
      expect(code(await reviewPlan(plan, bench.machine))).toBe('plan-invalid');
      expect(code(await applyPlan(bench.machine, plan, job(), passing))).toBe('plan-invalid');
    }
    expect(now()).toBe(original);
    expect(value(await listTransactions(bench.machine))).toEqual([]);
  });

  it('is never Yama’s 3, which the kernel keeps until the next start', () => {
    expect(kernelValues.get('kernel.yama.ptrace_scope')?.most).toBe(2n);
  });

  it('is refused when it is not what the plan was made from', async () => {
    const answer = await applyPlan(
      bench.machine,
      planOf(bench, [sysctl('1', '2')]),
      job(),
      passing,
    );
    expect(code(answer)).toBe('target-changed');
    expect(now()).toBe(original);
  });

  it('is brought back by recovery after a kill between setting it and the commit', async () => {
    const { id } = await apply(bench, [sysctl(original, more())]);
    // What a kill right after the kernel took the value leaves of the journal.
    const path = join(bench.machine.directories.state, 'journal', id, 'journal.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    const announced = lines.findIndex((line) => line.includes('"type":"effect-step"'));
    writeFileSync(path, `${lines.slice(0, announced + 1).join('\n')}\n`);
    expect(value(await recover(bench.machine, job())).map(({ status }) => status)).toEqual([
      'rolled-back',
    ]);
    expect(now()).toBe(original);
    expect(value(await recover(bench.machine, job()))).toEqual([]);
  });
});

describe('the loader cache of a private root', () => {
  let root: string;
  const cached = (): string =>
    existsSync(join(root, 'etc/ld.so.cache'))
      ? execFileSync('ldconfig', ['-r', root, '-p'], { encoding: 'utf8' })
      : 'none';

  beforeEach(() => {
    root = bench.at('root');
    for (const directory of ['etc/ld.so.conf.d', 'opt/tool/lib', 'usr/lib'])
      mkdirSync(join(root, directory), { recursive: true });
    writeFileSync(join(root, 'etc/ld.so.conf'), 'include /etc/ld.so.conf.d/*.conf\n');
    const source = bench.at('one.c');
    writeFileSync(source, 'int one(void) { return 1; }\n');
    const library = join(root, 'opt/tool/lib/libone.so.1');
    execFileSync('gcc', ['-shared', '-Wl,-soname,libone.so.1', '-o', library, source]);
  });

  function changes(): Change[] {
    const path = join(root, 'etc/ld.so.conf.d/tool.conf');
    return [
      {
        ...common,
        kind: 'write-file',
        id: `write-${path}`,
        path,
        before: null,
        content: '/opt/tool/lib\n',
        mode: 0o644,
      },
      {
        ...common,
        kind: 'run-tool',
        id: 'ldconfig',
        tool: 'ldconfig',
        effect: { kind: 'loader-cache', root, value: 'rebuilt' },
      },
    ];
  }

  it('is made anew behind its files, and again when they are back', async () => {
    execFileSync('ldconfig', ['-X', '-r', root]);
    const before = readFileSync(join(root, 'etc/ld.so.cache'));
    expect(cached()).not.toContain('libone');
    const { id, failure } = await apply(bench, changes());
    expect(failure).toBeNull();
    expect(cached()).toContain('libone.so.1');
    expect(value(await undo(bench.machine, id, stop, job())).failure).toBeNull();
    expect(readFileSync(join(root, 'etc/ld.so.cache')).equals(before)).toBe(true);
    expect(value(await redo(bench.machine, id, job())).failure).toBeNull();
    expect(cached()).toContain('libone.so.1');
  });

  it('goes where there was none before', async () => {
    const { id } = await apply(bench, changes());
    expect(cached()).toContain('libone.so.1');
    value(await undo(bench.machine, id, stop, job()));
    expect(cached()).toBe('none');
  });

  it('is not looked for behind an etc that leads out of its root', async () => {
    const elsewhere = bench.at('elsewhere');
    renameSync(join(root, 'etc'), elsewhere);
    writeFileSync(join(elsewhere, 'ld.so.cache'), 'of another root');
    symlinkSync(elsewhere, join(root, 'etc'));
    const effect = { kind: 'loader-cache', root, value: 'absent' } as const;
    await expect(bindEffect(effect).read()).rejects.toThrow();
    await expect(bindEffect(effect).set()).rejects.toThrow();
    expect(readFileSync(join(elsewhere, 'ld.so.cache'), 'utf8')).toBe('of another root');
  });

  it('says before it is applied, and in the history, that it is made again and not put back', async () => {
    const [, preview] = value(await reviewPlan(planOf(bench, changes()), bench.machine));
    expect(preview?.reversibility).toBe('partial');
    expect(preview?.reversibilityReason?.key).toBe('change.reason.rebuiltCache');
    expect(preview?.commands).toEqual([['ldconfig', '-X', '-r', root]]);
    await apply(bench, changes());
    const [entry] = value(await listTransactions(bench.machine));
    expect(entry?.changes.map(({ reversibility }) => reversibility)).toEqual(['full', 'partial']);
  });

  it('is made from what is there: an undo after other libraries came says that it differs', async () => {
    execFileSync('ldconfig', ['-X', '-r', root]);
    const { id } = await apply(bench, changes());
    const other = join(root, 'usr/lib/libother.so.1');
    writeFileSync(bench.at('o.c'), 'int other(void) { return 2; }\n');
    execFileSync('gcc', ['-shared', '-Wl,-soname,libother.so.1', '-o', other, bench.at('o.c')]);
    const listening = job();
    value(await undo(bench.machine, id, stop, listening));
    expect(cached()).toContain('libother.so.1');
    expect(cached()).not.toContain('libone');
    expect(JSON.stringify(listening.events)).toContain('journal.step.effectDiffers');
  });
});
