import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply, editJson, removeTree, workbench, type Workbench } from '../journal/workbench.ts';
import { bundledCli, type Ended } from './harness.ts';

const cli = bundledCli();
let bench: Workbench;
const ids: string[] = [];
let settings = '';
const state = (...parts: string[]): string => join(bench.machine.directories.state, ...parts);
const run = (...args: string[]): Promise<Ended> =>
  cli.run(args, { home: bench.machine.home, environment: { TZ: 'UTC' } });
const idsOf = (ending: Ended): readonly string[] =>
  JSON.parse(ending.stdout)['transactions'].map(({ id }: { id: string }) => id);

beforeAll(async () => {
  bench = workbench();
  settings = bench.at('settings.json');
  writeFileSync(settings, '{ "a": 0, "token": "s3cr3t-s3cr3t-s3cr3t" }\n');
  mkdirSync(bench.at('old'));
  for (let number = 0; number < 3; number += 1)
    ids.push((await apply(bench, [editJson(settings, 'a', number, number + 1)])).id);
  ids.push((await apply(bench, [removeTree(bench.at('old'))])).id);
});
afterAll(() => bench.dispose());

describe('devmend history', () => {
  it('lists everything, and as one object all that there is', async () => {
    const plain = await run('history');
    expect(plain.code).toBe(0);
    for (const id of ids) expect(plain.stdout).toContain(id);
    const all = await run('history', '--json');
    expect(idsOf(all)).toEqual([...ids].reverse());
    expect(JSON.parse(all.stdout)).toMatchObject({ schema: 'devmend.history/1', total: 4 });
  });

  it('A4.10 filters by kind, file, program, state, date and words', async () => {
    const [first = '', , , removed = ''] = ids;
    const found = async (...args: string[]): Promise<readonly string[]> =>
      idsOf(await run('history', '--json', ...args));
    expect(await found('--kind', 'remove-tree')).toEqual([removed]);
    expect(await found('--file', 'old')).toEqual([removed]);
    expect(await found('--program', 'git', '--limit', '2')).toEqual([...ids].reverse().slice(0, 2));
    expect(await found('--program', 'other')).toEqual([]);
    expect(await found('--status', 'undone,interrupted')).toEqual([]);
    expect(await found('--text', first)).toEqual([first]);
    expect(await found('--until', '2020-01-01')).toEqual([]);
    expect(await found('--since', '2020-01-01', '--until', '2999-12-31')).toHaveLength(4);
    const none = await run('history', '--program', 'other');
    expect([none.code, none.stdout.replace(/\s+/gu, ' ')]).toEqual([
      0,
      'None of the 4 entries of the history fits. Leave out an option to see more. ',
    ]);
    expect((await run('history', '--limit', '1')).stdout).toContain(
      '3 older entries are not shown',
    );
  });

  it.each([
    ['--since', 'yesterday'],
    ['--until', '2026-02-30'],
    ['--status', 'applied,fine'],
    ['--limit', '0'],
  ])('%s %s is wrong usage', async (option, value) => {
    const { code, stderr } = await run('history', option, value);
    expect([code, stderr.includes('is no value')]).toEqual([2, true]);
  });
});

describe('devmend show and export', () => {
  it('A4.10 says what was done and what undo will do', async () => {
    const { code, stdout } = await run('show', ids[3] ?? '');
    expect(code).toBe(0);
    expect(stdout).toMatch(/What was done\n- .*old was taken away/u);
    expect(stdout).toMatch(/What undo will do\n- Bring back old/u);
  });

  it('A3.11 exports an entry without the home directory, as Markdown and as JSON', async () => {
    const id = ids[0] ?? '';
    const markdown = await run('export', id);
    expect(markdown.code).toBe(0);
    expect(markdown.stdout).toMatch(/^# /u);
    const out = bench.at('entry.json');
    const json = await run('export', id, '--json', '--out', out);
    expect(JSON.parse(json.stdout)).toEqual(JSON.parse(readFileSync(out, 'utf8')));
    expect(JSON.parse(json.stdout)['schema']).toBe('devmend.entry/1');
    for (const text of [markdown.stdout, json.stdout]) {
      expect(text).not.toContain(bench.machine.home);
      expect(text).not.toContain('s3cr3t');
    }
    const lost = await run('export', id, '--out', bench.at('absent', 'x'));
    expect([lost.code, lost.stderr.includes('absent')]).toEqual([2, true]);
  });
});

describe('devmend pin and prune', () => {
  it('A3.10 keeps what is pinned, lets the rest go after asking, and frees it', async () => {
    const [first = '', second = '', third = ''] = ids;
    mkdirSync(bench.machine.directories.config, { recursive: true });
    writeFileSync(
      join(bench.machine.directories.config, 'settings.json'),
      JSON.stringify({ schema: 'devmend.settings/1', retention: { repairs: 2 } }),
    );
    expect((await run('pin', first)).stdout).toContain('stays in the history for good');
    expect((await run('history', '--json', '--text', first)).stdout).toContain('"pinned": true');

    const dry = await run('prune', '--dry-run', '--json');
    expect(JSON.parse(dry.stdout)).toMatchObject({ schema: 'devmend.retention-preview/1' });
    expect(JSON.parse(dry.stdout)['expired'].map(({ id }: { id: string }) => id)).toEqual([
      second,
      third,
    ]);
    const refused = await run('prune');
    expect([refused.code, refused.stdout.includes('could not be undone any more')]).toEqual([
      2,
      true,
    ]);
    expect(idsOf(await run('history', '--json'))).toHaveLength(4);

    const pruned = await run('prune', '--yes', '--json');
    expect(pruned.code).toBe(0);
    expect(JSON.parse(pruned.stdout)).toMatchObject({
      schema: 'devmend.retention/1',
      removed: [second, third],
      failures: [],
    });
    expect(readdirSync(state('journal')).sort()).toEqual([first, ids[3]]);
    expect((await run('prune')).stdout).toContain('Nothing has to go');
    expect((await run('unpin', first)).stdout).toContain('may leave the history');
    expect((await run('pin', 'no-such-entry')).code).toBe(2);
  }, 60_000);

  it('names a damaged entry as such, and where its before-images lie', async () => {
    const id = ids[0] ?? '';
    const journal = state('journal', id, 'journal.jsonl');
    appendFileSync(
      journal,
      `${readFileSync(journal, 'utf8').split('\n')[0]?.replace('1', '2')}\n{}\n`,
    );
    const { code, stdout } = await run('history');
    expect(code).toBe(0);
    expect(stdout).toContain('Its record is damaged');
    expect(stdout).toContain(state('journal', id, 'images'));
  });
});

describe('A3.7 devmend undo where there is nothing to take back', () => {
  it('points to redo, also when an undo is to be undone', async () => {
    const path = bench.at('undone.json');
    writeFileSync(path, '{ "a": 0 }\n');
    const { id } = await apply(bench, [editJson(path, 'a', 0, 1)]);
    expect((await run('undo', id, '--yes')).code).toBe(0);
    const [undone = ''] = idsOf(await run('history', '--json', '--limit', '1'));
    for (const one of [id, undone]) {
      const { code, stdout, stderr } = await run('undo', one, '--yes');
      expect([code === 0, stdout]).toEqual([false, '']);
      expect(stderr).toContain(`redo ${id}`);
    }
  });

  it('does not advise to keep what is to be kept', async () => {
    const path = bench.at('changed.json');
    writeFileSync(path, '{ "a": 0 }\n');
    const { id } = await apply(bench, [editJson(path, 'a', 0, 1)]);
    writeFileSync(path, '{ "a": "work" }\n');
    const { code, stderr } = await run('undo', id, '--yes', '--on-conflict', 'keep');
    expect(code).toBe(4);
    expect(stderr.replace(/\s+/gu, ' ')).toContain('there is nothing to take back');
    expect(stderr).not.toContain('Keep what is there now');
    expect(readFileSync(path, 'utf8')).toContain('work');
  });
});
