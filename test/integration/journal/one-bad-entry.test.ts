import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { listTransactions, showTransaction } from '../../../electron/engine/journal/history.ts';
import { recover, recoveryStatus } from '../../../electron/engine/journal/recover.ts';
import { applyRetention } from '../../../electron/engine/journal/retention.ts';
import { undo } from '../../../electron/engine/journal/undo.ts';
import { message } from '../../../shared/message.ts';
import { translateError } from '../../../shared/messages/translate.ts';
import type { ChangeOf } from '../../../shared/plan.ts';
import {
  apply,
  code,
  copyTree,
  cutBehind,
  editJson,
  job,
  passing,
  planOf,
  value,
  workbench,
  type Workbench,
} from './workbench.ts';

let bench: Workbench;

beforeEach(() => {
  bench = workbench();
});

afterEach(() => bench.dispose());

const stop = { onConflict: 'stop' } as const;
const ORIGINAL = '{ "a": 0, "b": 0 }\n';
const REPAIRED = '{ "a": 1, "b": 0 }\n';

function file(name: string): string {
  const path = bench.at(name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, ORIGINAL);
  return path;
}

function inJournal(id: string, ...names: string[]): string {
  return join(bench.machine.directories.state, 'journal', id, ...names);
}

function mount(...words: string[]): void {
  execFileSync('mount', words);
}

async function applyElsewhere(name: string): Promise<string> {
  return code(
    await applyPlan(
      bench.machine,
      planOf(bench, [editJson(file(name), 'a', 0, 1)]),
      job(),
      passing,
    ),
  );
}

describe('a roll-back that cannot bring everything back', () => {
  const interruptThree = async (): Promise<{ id: string; paths: readonly string[] }> => {
    const paths = [file('one/1.json'), file('two/2.json'), file('three/3.json')];
    const { id } = await apply(
      bench,
      paths.map((path) => editJson(path, 'a', 0, 1)),
    );
    cutBehind(bench, id, 3);
    return { id, paths };
  };
  const contents = (paths: readonly string[]): string[] =>
    paths.map((path) => readFileSync(path, 'utf8'));

  it('A3.2 brings back all the others, names the lost one with the reason, and ends', async () => {
    const { id, paths } = await interruptThree();
    const images = inJournal(id, 'images');
    const [, lost = ''] = readdirSync(images).sort();
    rmSync(join(images, lost));
    const listener = job();
    const [outcome] = value(await recover(bench.machine, listener));
    const reason = message('journal.unrestored.copyDamaged', { path: paths[1] ?? '' });
    expect(outcome).toMatchObject({
      status: 'rolled-back',
      failure: null,
      kept: [paths[1]],
      unrestored: [{ target: paths[1], reason }],
    });
    expect(contents(paths)).toEqual([ORIGINAL, REPAIRED, ORIGINAL]);
    expect(listener.events).toContainEqual({ type: 'note', note: reason });
    expect(value(await recover(bench.machine, job()))).toEqual([]);
    expect(await applyElsewhere('other.json')).toMatch(/^ok/);
    expect(value(await showTransaction(bench.machine, id)).explanation.done).toContainEqual(reason);
  });

  it('A3.2 is told as one, in the outcome and in the history, in either language', async () => {
    const [first, second] = [file('one.json'), file('two.json')];
    const plan = planOf(bench, [editJson(first, 'a', 0, 1), editJson(second, 'a', 0, 1)], {
      verifications: [
        { kind: 'loader-simulation', title: message('verify.title.starts', {}), path: first },
      ],
    });
    const services = {
      runVerification: async () => {
        const id =
          readdirSync(join(bench.machine.directories.state, 'journal')).sort().at(-1) ?? '';
        rmSync(inJournal(id, 'images', '1'));
        return Promise.resolve({ passed: false, output: 'no', error: null });
      },
    };
    const { id, failure } = value(await applyPlan(bench.machine, plan, job(), services));
    const detail = value(await showTransaction(bench.machine, id));
    expect(detail.failure?.code).toBe('verification-failed');
    for (const told of [failure, detail.failure]) {
      if (told === null) throw new Error('a failure expected');
      expect(translateError('en', told)).toContain('Not everything could be put back');
      expect(translateError('en', told)).not.toContain('Everything was put back');
      expect(translateError('zh-CN', told)).toContain('未能全部恢复原状');
    }
  });

  it('A3.2 leaves the sentence alone where everything was put back', async () => {
    const path = file('one.json');
    const services = {
      runVerification: async () => Promise.resolve({ passed: false, output: 'no', error: null }),
    };
    const plan = planOf(bench, [editJson(path, 'a', 0, 1)], {
      verifications: [
        { kind: 'loader-simulation', title: message('verify.title.starts', {}), path },
      ],
    });
    const { id, failure } = value(await applyPlan(bench.machine, plan, job(), services));
    const { failure: shown } = value(await showTransaction(bench.machine, id));
    for (const told of [failure, shown])
      expect(told === null ? '' : translateError('en', told)).toContain(
        'Everything was put back as it was',
      );
  });

  it('A3.2 says where the copy is of a file whose directory is gone, and keeps that copy', async () => {
    const { paths } = await interruptThree();
    rmSync(bench.at('two'), { recursive: true });
    const [outcome] = value(await recover(bench.machine, job()));
    const [unrestored] = outcome?.unrestored ?? [];
    expect(unrestored).toMatchObject({
      target: paths[1],
      reason: { key: 'journal.unrestored.placeGone', params: { directory: bench.at('two') } },
    });
    const copy = String(unrestored?.reason.params['copy']);
    expect(readFileSync(copy, 'utf8')).toBe(ORIGINAL);
    await applyElsewhere('other.json');
    await applyElsewhere('another.json');
    value(await applyRetention(bench.machine, { repairs: 1, days: 0, megabytes: 0 }, null));
    expect(readFileSync(copy, 'utf8')).toBe(ORIGINAL);
  });

  it('A3.2 ends where a cache cannot be made anew, because its root is gone', async () => {
    const root = join(bench.directory, 'root');
    mkdirSync(join(root, 'etc'), { recursive: true });
    const change: ChangeOf<'run-tool'> = {
      kind: 'run-tool',
      tool: 'ldconfig',
      id: 'cache',
      title: message('repair.sandbox.title', { program: 'git' }),
      privilege: 'user',
      reversibility: 'partial',
      reversibilityReason: null,
      bytes: 0,
      effect: { kind: 'loader-cache', root, value: 'rebuilt' },
    };
    const { id } = await apply(bench, [change]);
    cutBehind(bench, id, 1, 'effect-step');
    rmSync(root, { recursive: true });
    const [outcome] = value(await recover(bench.machine, job()));
    expect(outcome).toMatchObject({
      status: 'rolled-back',
      unrestored: [{ target: outcome?.kept[0] }],
    });
    expect(await applyElsewhere('other.json')).toMatch(/^ok/);
  });

  it('what may pass stays interrupted, and stops only what has to do with it', async () => {
    const { id, paths } = await interruptThree();
    const two = bench.at('two');
    mount('--bind', two, two);
    try {
      mount('-o', 'remount,bind,ro', two);
      const [outcome] = value(await recover(bench.machine, job()));
      expect(outcome?.status).toBe('interrupted');
      expect(outcome?.failure?.code).toBe('read-only-file-system');
      expect(contents(paths)).toEqual([ORIGINAL, REPAIRED, ORIGINAL]);
      expect(await applyElsewhere('other.json')).toMatch(/^ok/);
      const again = planOf(bench, [editJson(paths[0] ?? '', 'b', 0, 1)]);
      expect(code(await applyPlan(bench.machine, again, job(), passing))).toBe('recovery-needed');
    } finally {
      execFileSync('umount', [two]);
    }
    const [outcome] = value(await recover(bench.machine, job()));
    expect(outcome).toMatchObject({ id, status: 'rolled-back', kept: [] });
    expect(contents(paths)).toEqual([ORIGINAL, ORIGINAL, ORIGINAL]);
  });
});

describe('one entry that cannot be read', () => {
  it.each([
    ['is a directory', (path: string) => mkdirSync(path)],
    [
      'has become enormous',
      (path: string) => {
        writeFileSync(path, '');
        truncateSync(path, 3 * 2 ** 30);
      },
    ],
  ])('A3.9 its journal %s: it is damaged, and the others are not affected', async (_how, spoil) => {
    const bad = await apply(bench, [editJson(file('bad.json'), 'a', 0, 1)]);
    const path = file('good.json');
    const good = await apply(bench, [editJson(path, 'a', 0, 1)]);
    rmSync(inJournal(bad.id, 'journal.jsonl'));
    spoil(inJournal(bad.id, 'journal.jsonl'));
    const list = value(await listTransactions(bench.machine));
    expect(list.map(({ id, damaged }) => [id, damaged]).sort()).toEqual([
      [bad.id, true],
      [good.id, false],
    ]);
    expect(value(await recoveryStatus(bench.machine)).interrupted).toEqual([]);
    expect(value(await recover(bench.machine, job()))).toEqual([]);
    expect(value(await undo(bench.machine, good.id, stop, job())).failure).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe(ORIGINAL);
    expect(await applyElsewhere('other.json')).toMatch(/^ok/);
    expect(code(await undo(bench.machine, bad.id, stop, job()))).toMatch(/^journal-damaged|^io/);
  });

  it('A3.9 a plan of kinds that are not known stops no undo of another file', async () => {
    const bad = await apply(bench, [editJson(file('bad.json'), 'a', 0, 1)]);
    const path = file('good.json');
    const good = await apply(bench, [editJson(path, 'a', 0, 1)]);
    spoilPlan(bad.id);
    expect(value(await undo(bench.machine, good.id, stop, job())).failure).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe(ORIGINAL);
  });

  it('A3.7 but nothing is taken away that such a repair may stand on', async () => {
    mkdirSync(bench.at('program'));
    writeFileSync(bench.at('program', 'main'), 'main');
    const copy = await apply(bench, [copyTree(bench.at('program'), bench.at('copy'))]);
    const bad = await apply(bench, [editJson(file('bad.json'), 'a', 0, 1)]);
    spoilPlan(bad.id);
    const refused = await undo(bench.machine, copy.id, stop, job());
    expect(refused).toMatchObject({
      error: { code: 'journal-damaged', params: { path: inJournal(bad.id, 'plan.json') } },
    });
    expect(readdirSync(bench.at('copy'))).toEqual(['main']);
  });

  function spoilPlan(id: string): void {
    const path = inJournal(id, 'plan.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll('"edit-json"', '"of-the-next-version"'));
    expect(readFileSync(path, 'utf8')).not.toBe(text);
  }
});
