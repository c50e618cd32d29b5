import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  historyPage,
  listTransactions,
  showTransaction,
} from '../../../electron/engine/journal/history.ts';
import { undo } from '../../../electron/engine/journal/undo.ts';
import type { HistoryPage, HistoryQuery } from '../../../shared/history.ts';
import { cloneRepairs, type ManyRepairs } from '../../fixtures/many-repairs.ts';
import { apply, editJson, job, value, workbench, type Workbench } from './workbench.ts';

const MANY = 10_000;
/** Entries that are not in the index: fewer than make it worth writing anew. */
const UNINDEXED = 10;
const EVERY = 1_000;

let bench: Workbench;
let real: string;
let many: ManyRepairs;

const journalAt = (...parts: string[]): string =>
  join(bench.machine.directories.state, 'journal', ...parts);
const idOf = (number: number): string => many.idOf(number);
const fileOf = (number: number): string => bench.at('files', `${number}.json`);

/** Each thousandth repaired another program. */
function clone(from: number, to: number): void {
  for (let number = from; number < to; number += 1)
    many.write({
      number,
      program: number % EVERY === 0 ? 'gopls' : 'git',
      file: fileOf(number),
    });
}

async function page(query: HistoryQuery): Promise<HistoryPage> {
  return value(await historyPage(bench.machine, query));
}

/** One real repair is the model of all the others. */
beforeAll(async () => {
  bench = workbench();
  // Without limits: these would let all but the newest go after the undo.
  const retention = { repairs: null, days: null, megabytes: null };
  const { config } = bench.machine.directories;
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, 'settings.json'), JSON.stringify({ retention }));
  writeFileSync(bench.at('settings.json'), '{ "a": 0 }\n');
  real = (await apply(bench, [editJson(bench.at('settings.json'), 'a', 0, 1)])).id;
  many = cloneRepairs(
    journalAt(),
    { id: real, file: bench.at('settings.json'), program: 'git' },
    MANY,
  );
  clone(0, MANY - UNINDEXED);
  // The first listing makes the index.
  value(await listTransactions(bench.machine));
  clone(MANY - UNINDEXED, MANY - 1);
}, 120_000);
afterAll(() => bench.dispose(), 120_000);

describe('A4.10 ten thousand repairs', () => {
  it('open at the newest, with the number there are', async () => {
    const first = await page({ limit: 50 });
    expect([first.total, first.matching, first.transactions.length]).toEqual([MANY, MANY, 50]);
    expect(first.transactions.slice(0, 3).map(({ id }) => id)).toEqual([
      real,
      idOf(MANY - 2),
      idOf(MANY - 3),
    ]);
    expect(first.kinds).toEqual(['edit-json']);
    // Also what occurs among the oldest only.
    expect(first.programs).toEqual(['git', 'gopls']);
    expect(value(await listTransactions(bench.machine))).toHaveLength(MANY);
  });

  it('end at the oldest', async () => {
    const last = await page({ offset: MANY - 3, limit: 50 });
    expect(last.transactions.map(({ id }) => id)).toEqual([idOf(2), idOf(1), idOf(0)]);
    expect(last.transactions[2]?.changes[0]?.target).toBe(fileOf(0));
    expect((await page({ offset: MANY })).transactions).toEqual([]);
  });

  it('are found by program, file, text, time and status', async () => {
    expect((await page({ program: 'gopls' })).matching).toBe(MANY / EVERY);
    const file = await page({ file: fileOf(4321) });
    expect(file.transactions.map(({ id }) => id)).toEqual([idOf(4321)]);
    expect((await page({ text: '/4321.JSON' })).matching).toBe(1);
    expect((await page({ file: bench.at('files') })).matching).toBe(MANY - 1);
    expect((await page({ until: '2026-09-30' })).matching).toBe(MANY - 1);
    expect((await page({ since: '2026-10-02', kind: 'edit-json' })).matching).toBe(1);
    expect((await page({ status: ['undone'] })).matching).toBe(0);
  });

  it('of an index that is there, only the lines that are shown are taken apart', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    const taken = (): number =>
      parse.mock.calls.filter(([text]) => text.startsWith('{"begin":')).length;
    try {
      await page({ offset: 5_000, limit: 50 });
      expect(taken()).toBe(50);
      parse.mockClear();
      await page({ program: 'gopls', kind: 'edit-json', status: ['applied'], limit: 5 });
      expect(taken()).toBe(5);
      parse.mockClear();
      value(await showTransaction(bench.machine, idOf(4321)));
      expect(taken()).toBeLessThan(5);
    } finally {
      parse.mockRestore();
    }
  });

  it('the newest is undone as if it were the only one', async () => {
    const undone = value(await undo(bench.machine, real, { onConflict: 'stop' }, job()));
    expect(undone.failure).toBeNull();
    expect(readFileSync(bench.at('settings.json'), 'utf8')).toBe('{ "a": 0 }\n');
    const newest = await page({ limit: 2 });
    expect(newest.transactions.map(({ type, status }) => [type, status])).toEqual([
      ['undo', 'verified'],
      ['apply', 'undone'],
    ]);
    expect((await page({ status: ['undone'] })).matching).toBe(1);
  });

  it('only journals outside the index are opened: garbage in all others is not noticed', async () => {
    const before = await page({ offset: 9_000, limit: 50 });
    const filtered = await page({ program: 'gopls' });
    const index = readFileSync(join(bench.machine.directories.cache, 'history-index'), 'utf8');
    const indexed = readdirSync(journalAt()).filter((id) => index.includes(`\n${id}\t`));
    expect(indexed.length).toBe(MANY - UNINDEXED + 1);
    const shown = new Set(before.transactions.map(({ id }) => id));
    const garbage = journalAt(idOf(MANY - 2), 'journal.jsonl');
    // One without a line in the index is read: there the garbage shows.
    writeFileSync(garbage, 'garbage\n');
    // A tenth of them, and all that the page shows.
    const spoiled = indexed.filter((id, at) => at % 10 === 0 || shown.has(id));
    for (const id of spoiled) {
      unlinkSync(journalAt(id, 'journal.jsonl'));
      linkSync(garbage, journalAt(id, 'journal.jsonl'));
    }
    expect(await page({ offset: 9_000, limit: 50 })).toEqual(before);
    expect(await page({ program: 'gopls' })).toEqual(filtered);
    const damaged = (await page({ limit: 5 })).transactions.filter((one) => one.damaged);
    expect(damaged.map(({ id }) => id)).toEqual([idOf(MANY - 2)]);
    expect(existsSync(fileOf(0))).toBe(false);
  });
});
