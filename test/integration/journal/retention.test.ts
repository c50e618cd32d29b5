import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { historyPage, listTransactions } from '../../../electron/engine/journal/history.ts';
import { setPinned } from '../../../electron/engine/journal/pin.ts';
import { recover } from '../../../electron/engine/journal/recover.ts';
import { applyRetention, previewRetention } from '../../../electron/engine/journal/retention.ts';
import { undo } from '../../../electron/engine/journal/undo.ts';
import type { RetentionLimits } from '../../../shared/history.ts';
import { cloneRepairs } from '../../fixtures/many-repairs.ts';
import { apply, editJson, job, removeTree, value, workbench, type Workbench } from './workbench.ts';

const none: RetentionLimits = { repairs: null, days: null, megabytes: null };
const DAY_MS = 86_400_000;

let bench: Workbench;
let settings: string;

beforeEach(() => {
  bench = workbench();
  settings = bench.at('settings.json');
  writeFileSync(settings, '{ "a": 0 }\n');
});
afterEach(() => bench.dispose());

/** Repairs one after the other on one file; ids, oldest first. */
async function repairs(count: number, from = 0): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let number = from; number < from + count; number += 1)
    ids.push((await apply(bench, [editJson(settings, 'a', number, number + 1)])).id);
  return ids;
}

/** So many old entries, and one real one on top of them. */
async function cloned(count: number): Promise<void> {
  const { id } = await apply(bench, [editJson(settings, 'a', 0, 1)]);
  const many = cloneRepairs(journalOf(bench), { id, file: settings, program: 'git' }, count);
  for (let number = 0; number < count; number += 1)
    many.write({ number, program: 'git', file: bench.at(`${number}.json`) });
}

function journalOf({ machine }: Workbench): string {
  return join(machine.directories.state, 'journal');
}

function stored(): readonly string[] {
  return readdirSync(journalOf(bench)).sort();
}

describe('A3.10 retention', () => {
  it('lets the oldest go beyond the number of repairs, and says before what it would free', async () => {
    const ids = await repairs(4);
    const limits = { ...none, repairs: 2 };
    const preview = value(await previewRetention(bench.machine, limits));
    expect(preview.expired.map(({ id, because, inEffect }) => [id, because, inEffect])).toEqual([
      [ids[0], 'repairs', true],
      [ids[1], 'repairs', true],
    ]);
    expect(preview.freedBytes).toBeGreaterThan(0);
    expect(stored()).toHaveLength(4);
    const outcome = value(await applyRetention(bench.machine, limits, null));
    expect(outcome).toEqual({
      removed: [ids[0], ids[1]],
      freedBytes: preview.freedBytes,
      failures: [],
    });
    expect(stored()).toEqual([ids[2], ids[3]]);
    expect(readFileSync(settings, 'utf8')).toBe('{ "a": 4 }\n');
  });

  it('takes no word of the index for what it removes', async () => {
    const [first = '', second = ''] = await repairs(3);
    const content = {
      begin: {
        type: 'begin',
        format: 1,
        operation: 'undo',
        undoes: '20200101T000000.000Z',
        title: { key: 'journal.title.unknown', params: {} },
        changes: [],
        subjects: [],
        imageBytes: 0,
      },
    };
    const ended = ['committed', '-', '2020-01-01T00:00:00.000Z'];
    const line = [first, 'undo', '20200101T000000.000Z', ...ended, '[]', '[]', '[]'];
    line.push(JSON.stringify(content));
    const head = ['devmend.history-index/3', '1', JSON.stringify(journalOf(bench))];
    mkdirSync(bench.machine.directories.cache, { recursive: true });
    writeFileSync(
      join(bench.machine.directories.cache, 'history-index'),
      `${head.join('\t')}\n${line.join('\t')}\n`,
    );
    value(await recover(bench.machine, job()));
    value(await applyRetention(bench.machine, none, null));
    expect(stored()).toContain(first);
    expect(stored()).toContain(second);
  });

  it('does not wait for an index that is a pipe', async () => {
    await repairs(1);
    mkdirSync(bench.machine.directories.cache, { recursive: true });
    execFileSync('mkfifo', [join(bench.machine.directories.cache, 'history-index')]);
    expect(value(await listTransactions(bench.machine))).toHaveLength(1);
  });

  it('never removes the newest, a pinned one or more than was shown', async () => {
    const ids = await repairs(4);
    value(await setPinned(bench.machine, ids[0] ?? '', true));
    const limits = { repairs: 1, days: 1, megabytes: 1 };
    const later = { ...bench.machine, clock: () => new Date(Date.now() + 9 * DAY_MS) };
    const preview = value(await previewRetention(later, limits));
    expect(preview.expired.map(({ id }) => id)).toEqual([ids[1], ids[2]]);
    const outcome = value(await applyRetention(later, limits, [ids[2] ?? '']));
    expect(outcome.removed).toEqual([ids[2]]);
    expect(stored()).toEqual([ids[0], ids[1], ids[3]]);
  });

  it('lets by age go what was last touched before the limit', async () => {
    const [first, second] = await repairs(2);
    const later = { ...bench.machine, clock: () => new Date(Date.now() + 30 * DAY_MS) };
    const expired = async (days: number): Promise<readonly string[]> =>
      value(await previewRetention(later, { ...none, days })).expired.map(({ id }) => id);
    expect(await expired(31)).toEqual([]);
    expect(await expired(29)).toEqual([first]);
    expect(second).toBeDefined();
  });

  it('by size lets go what is not in effect any more before what could still be undone', async () => {
    const one = bench.at('one.bin');
    const two = bench.at('two');
    writeFileSync(one, Buffer.alloc(3_000_000, 1));
    mkdirSync(two);
    writeFileSync(join(two, 'bin'), Buffer.alloc(3_000_000, 2));
    const kept = await apply(bench, [removeTree(one)]);
    const undone = await apply(bench, [removeTree(two)]);
    value(await undo(bench.machine, undone.id, { onConflict: 'stop' }, job()));
    const [newest] = await repairs(1);
    const preview = value(await previewRetention(bench.machine, { ...none, megabytes: 3 }));
    expect(preview.expired.map(({ id }) => id)).toEqual([undone.id, kept.id]);
    expect(preview.usedBytes - preview.freedBytes).toBeLessThan(3_000_000);
    expect(newest).toBeDefined();
  });

  it('a repair goes with its undo and redo, or not at all', async () => {
    const { id } = await apply(bench, [editJson(settings, 'a', 0, 1)]);
    value(await undo(bench.machine, id, { onConflict: 'stop' }, job()));
    const other = await apply(bench, [editJson(settings, 'a', 0, 7)]);
    value(await applyRetention(bench.machine, { ...none, repairs: 1 }, null));
    expect(stored()).toEqual([other.id]);
  });

  it('what an interrupted removal has left is not listed, and recovery finishes it', async () => {
    const { id } = await apply(bench, [editJson(settings, 'a', 0, 1)]);
    const undone = value(await undo(bench.machine, id, { onConflict: 'stop' }, job()));
    const other = await apply(bench, [editJson(settings, 'a', 0, 7)]);
    // As a kill after the first step leaves it: the repair is marked, its undo is still there.
    const directory = join(bench.machine.directories.state, 'journal', id);
    renameSync(join(directory, 'journal.jsonl'), join(directory, 'forgotten'));
    const list = value(await listTransactions(bench.machine));
    expect(list.map((one) => one.id)).toEqual([other.id]);
    expect(stored()).toEqual([id, undone.id, other.id]);
    value(await recover(bench.machine, job()));
    expect(stored()).toEqual([other.id]);
  });

  it('happens by itself after a repair, by the limits in the settings, and says so', async () => {
    mkdirSync(bench.machine.directories.config, { recursive: true });
    writeFileSync(
      join(bench.machine.directories.config, 'settings.json'),
      JSON.stringify({ retention: { repairs: 2 } }),
    );
    const ids = await repairs(3);
    expect(stored()).toEqual([ids[1], ids[2]]);
  });

  it('after a repair no more than fifty go at once, the oldest; the others with the next', async () => {
    await cloned(70);
    mkdirSync(bench.machine.directories.config, { recursive: true });
    writeFileSync(
      join(bench.machine.directories.config, 'settings.json'),
      JSON.stringify({ retention: { repairs: 2, days: null } }),
    );
    await apply(bench, [editJson(settings, 'a', 1, 2)]);
    expect(stored()).toHaveLength(72 - 50);
    await apply(bench, [editJson(settings, 'a', 2, 3)]);
    expect(stored()).toHaveLength(2);
  });

  it('what the cache says of sizes spares measuring, and removes nothing', async () => {
    await cloned(70);
    const limits = { ...none, megabytes: 100 };
    const first = value(await previewRetention(bench.machine, limits));
    const cache = join(bench.machine.directories.cache, 'history-sizes');
    const lines = readFileSync(cache, 'utf8').split('\n');
    expect(lines).toHaveLength(1 + 71 + 1);
    const lie = lines.map((line) => line.replace(/(Z\t)\d+$/, '$19000000'));
    writeFileSync(cache, lie.join('\n'));
    const preview = value(await previewRetention(bench.machine, limits));
    expect(preview.usedBytes).toBe(71 * 9_000_000);
    expect(preview.expired.length).toBeGreaterThan(50);
    expect(value(await applyRetention(bench.machine, limits, null)).removed).toEqual([]);
    expect(stored()).toHaveLength(71);
    // Torn, it is measured anew.
    writeFileSync(cache, lie.slice(0, -2).join('\n'));
    expect(value(await previewRetention(bench.machine, limits))).toEqual(first);
  });

  it('a remembered size is of a repair as it is: what has been undone since is measured', async () => {
    const tree = bench.at('tree');
    mkdirSync(tree);
    writeFileSync(join(tree, 'bin'), Buffer.alloc(3_000_000, 1));
    const { id } = await apply(bench, [removeTree(tree)]);
    await cloned(70);
    const used = async (): Promise<number> =>
      value(await previewRetention(bench.machine, none)).usedBytes;
    const before = await used();
    expect(await used()).toBe(before);
    value(await undo(bench.machine, id, { onConflict: 'stop' }, job()));
    expect(before - (await used())).toBeGreaterThan(2_500_000);
  });

  it('with a list of pins that cannot be read nothing is removed', async () => {
    await repairs(3);
    writeFileSync(join(bench.machine.directories.state, 'pins.json'), '{ "schema":');
    const outcome = await applyRetention(bench.machine, { ...none, repairs: 1 }, null);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'journal-damaged' } });
    expect(stored()).toHaveLength(3);
  });

  it('a pin holds for the repair whichever of its entries was asked, and can be taken off', async () => {
    const { id } = await apply(bench, [editJson(settings, 'a', 0, 1)]);
    const undone = value(await undo(bench.machine, id, { onConflict: 'stop' }, job()));
    expect(value(await setPinned(bench.machine, undone.id, true)).pinned).toBe(true);
    const list = value(await listTransactions(bench.machine));
    expect(list.map(({ pinned, expiresAt }) => [pinned, expiresAt])).toEqual([
      [true, null],
      [true, null],
    ]);
    expect(value(await setPinned(bench.machine, id, false)).pinned).toBe(false);
    expect(await setPinned(bench.machine, '20200101T000000.000Z', true)).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
  });
});

describe('the history by pages', () => {
  it('filters by program, path, kind, text, date and status', async () => {
    const ids = await repairs(2);
    value(await undo(bench.machine, ids[1] ?? '', { onConflict: 'stop' }, job()));
    const asked = async (query: Parameters<typeof historyPage>[1]): Promise<readonly string[]> =>
      value(await historyPage(bench.machine, query)).transactions.map(({ type, status }) =>
        [type, status].join(' '),
      );
    expect(await asked({ status: ['undone'] })).toEqual(['apply undone']);
    expect(await asked({ file: bench.at('settings.json'), limit: 1 })).toEqual(['undo verified']);
    expect(await asked({ file: bench.at('other') })).toEqual([]);
    expect(await asked({ kind: 'edit-json' })).toHaveLength(2);
    expect(await asked({ text: 'SETTINGS.json', offset: 2 })).toEqual(['apply applied']);
    expect(await asked({ text: 'no such thing' })).toEqual([]);
    expect(await asked({ until: '2001-01-01' })).toEqual([]);
    expect(await asked({ since: '2001-01-01' })).toHaveLength(3);
  });
});

it('the index says what the journals say, and is made anew when it is torn or gone', async () => {
  await cloned(70);
  const ids = await repairs(2, 1);
  value(await undo(bench.machine, ids[1] ?? '', { onConflict: 'stop' }, job()));
  const first = value(await listTransactions(bench.machine));
  const index = join(bench.machine.directories.cache, 'history-index');
  expect(existsSync(index)).toBe(true);
  expect(value(await listTransactions(bench.machine))).toEqual(first);
  const text = readFileSync(index, 'utf8');
  for (const damaged of [text.slice(0, -1), text.slice(0, 4000), '', 'nonsense\n']) {
    writeFileSync(index, damaged);
    expect(value(await listTransactions(bench.machine))).toEqual(first);
  }
  // Undo works from the index too: what it acts on is read from the journal itself.
  expect(value(await undo(bench.machine, ids[0] ?? '', { onConflict: 'stop' }, job())).status).toBe(
    'verified',
  );
});
