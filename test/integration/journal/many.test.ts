import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeLine, entrySchema, type Entry } from '../../../electron/engine/journal/entries.ts';
import { historyPage, listTransactions } from '../../../electron/engine/journal/history.ts';
import { undo } from '../../../electron/engine/journal/undo.ts';
import type { HistoryPage, HistoryQuery } from '../../../shared/history.ts';
import { apply, editJson, job, value, workbench, type Workbench } from './workbench.ts';

const MANY = 10_000;
/** Entries that are not in the index: fewer than make it worth writing anew. */
const UNINDEXED = 10;
/** The page, and the newest entries, from which the filters take what they offer. */
const MOST_PARSED = 50 + 200;
const MINUTE_MS = 60_000;
const EVERY = 1_000;

let bench: Workbench;
let real: string;
let files: { readonly lines: readonly string[]; readonly plan: string; readonly previews: string };

const journalAt = (...parts: string[]): string =>
  join(bench.machine.directories.state, 'journal', ...parts);

/** Id of the n-th clone: minutes before the real one, the oldest first. */
function idOf(number: number): string {
  const time = Date.UTC(2026, 9, 1) + (number - MANY) * MINUTE_MS;
  return new Date(time).toISOString().replaceAll('-', '').replaceAll(':', '');
}

/** Each thousandth repaired another program. */
function programOf(number: number): string {
  return number % EVERY === 0 ? 'gopls' : 'git';
}

function fileOf(number: number): string {
  return bench.at('files', `${number}.json`);
}

/** An entry of the real transaction as the n-th one's: its file, its images, its program. */
function entryFor(number: number, line: string): Entry {
  const told = line
    .replaceAll(bench.at('settings.json'), fileOf(number))
    .replaceAll(real, idOf(number));
  const fields = new Map(Object.entries(JSON.parse(told) as object));
  for (const envelope of ['seq', 'at', 'sum']) fields.delete(envelope);
  const entry = entrySchema.parse(Object.fromEntries(fields));
  return entry.type === 'begin' ? { ...entry, subjects: [programOf(number)] } : entry;
}

function writeClone(number: number): void {
  const directory = journalAt(idOf(number));
  const at = new Date(Date.UTC(2026, 9, 1) + (number - MANY) * MINUTE_MS).toISOString();
  const text = files.lines
    .map((line, index) => encodeLine(index + 1, at, entryFor(number, line)))
    .join('');
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, 'journal.jsonl'), text, { mode: 0o600 });
  writeFileSync(join(directory, 'plan.json'), files.plan, { mode: 0o600 });
  writeFileSync(join(directory, 'previews.json'), files.previews, { mode: 0o600 });
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
  files = {
    lines: readFileSync(journalAt(real, 'journal.jsonl'), 'utf8').trim().split('\n'),
    plan: readFileSync(journalAt(real, 'plan.json'), 'utf8'),
    previews: readFileSync(journalAt(real, 'previews.json'), 'utf8'),
  };
  for (let number = 0; number < MANY - UNINDEXED; number += 1) writeClone(number);
  // The first listing makes the index.
  value(await listTransactions(bench.machine));
  for (let number = MANY - UNINDEXED; number < MANY - 1; number += 1) writeClone(number);
}, 120_000);
afterAll(() => bench.dispose());

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

  it('of an index that is there, only the lines of the page are taken apart', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    try {
      await page({ offset: 5_000, limit: 50 });
      const taken = parse.mock.calls.filter(([text]) => text.startsWith('{"begin":')).length;
      expect(taken).toBeGreaterThan(50);
      expect(taken).toBeLessThanOrEqual(MOST_PARSED);
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
    for (const id of indexed) writeFileSync(journalAt(id, 'journal.jsonl'), 'garbage\n');
    expect(await page({ offset: 9_000, limit: 50 })).toEqual(before);
    expect(await page({ program: 'gopls' })).toEqual(filtered);
    // One without a line in the index is read: there the garbage shows.
    writeFileSync(journalAt(idOf(MANY - 2), 'journal.jsonl'), 'garbage\n');
    const damaged = (await page({ limit: 5 })).transactions.filter((one) => one.damaged);
    expect(damaged.map(({ id }) => id)).toEqual([idOf(MANY - 2)]);
    expect(existsSync(fileOf(0))).toBe(false);
  });
});
