import { existsSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { historyPage } from '../../../electron/engine/journal/history.ts';
import {
  dropIndex,
  readIndex,
  writeIndex,
} from '../../../electron/engine/journal/history-index.ts';
import { openListing, refresh } from '../../../electron/engine/journal/listing.ts';
import { apply, editJson, value, workbench, type Workbench } from './workbench.ts';

let bench: Workbench;
let id: string;

const indexPath = (): string => join(bench.machine.directories.cache, 'history-index');

beforeEach(async () => {
  bench = workbench();
  const file = bench.at('settings.json');
  writeFileSync(file, '{ "a": 0 }\n');
  id = (await apply(bench, [editJson(file, 'a', 0, 1)])).id;
  const { all } = await openListing(bench.machine);
  await refresh(bench.machine, all);
});
afterEach(() => bench.dispose());

it('an index is taken apart once, however often it is asked', async () => {
  const lines = await readIndex(bench.machine);
  expect([...lines.keys()]).toEqual([id]);
  expect(await readIndex(bench.machine)).toBe(lines);
});

it('an index that another Devmend has put in its place is read', async () => {
  const before = (await readIndex(bench.machine)).get(id);
  const text = readFileSync(indexPath(), 'utf8');
  const changed = before?.status === 'verified' ? 'applied' : 'verified';
  const other = text.replace(`\t${before?.status}\t`, `\t${changed}\t`);
  expect(other).not.toBe(text);
  writeFileSync(`${indexPath()}.other`, other, { mode: 0o600 });
  renameSync(`${indexPath()}.other`, indexPath());
  expect((await readIndex(bench.machine)).get(id)?.status).toBe(changed);
});

it('an index that was taken away says nothing any more, and a new one is read', async () => {
  const lines = [...(await readIndex(bench.machine)).values()];
  await dropIndex(bench.machine);
  expect(existsSync(indexPath())).toBe(false);
  expect((await readIndex(bench.machine)).size).toBe(0);
  await writeIndex(bench.machine, []);
  expect((await readIndex(bench.machine)).size).toBe(0);
  await writeIndex(bench.machine, lines);
  expect([...(await readIndex(bench.machine)).keys()]).toEqual([id]);
});

it('the same cache is not another store’s index', async () => {
  expect((await readIndex(bench.machine)).size).toBe(1);
  const { directories } = bench.machine;
  const elsewhere = { ...directories, state: bench.at('another-state') };
  expect((await readIndex({ ...bench.machine, directories: elsewhere })).size).toBe(0);
  expect((await readIndex(bench.machine)).size).toBe(1);
});

it.each(['indexed', 'not indexed'])(
  'A4.10 a file is found by the link that dotfile managers make for it, %s',
  async (how) => {
    if (how === 'not indexed') await dropIndex(bench.machine);
    symlinkSync('settings.json', bench.at('link.json'));
    symlinkSync('.', bench.at('other'));
    for (const name of ['settings.json', 'link.json', 'other/link.json', 'other']) {
      const page = value(await historyPage(bench.machine, { file: bench.at(name) }));
      expect(page.transactions.map((one) => one.id)).toEqual([id]);
    }
    const absent = value(await historyPage(bench.machine, { file: bench.at('absent') }));
    expect(absent.matching).toBe(0);
  },
);
