import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { historyPage, listTransactions } from '../../../electron/engine/journal/history.ts';
import { setPinned } from '../../../electron/engine/journal/pin.ts';
import { recover } from '../../../electron/engine/journal/recover.ts';
import { applyRetention, previewRetention } from '../../../electron/engine/journal/retention.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import type { Machine } from '../../../electron/engine/machine.ts';
import type { RetentionLimits } from '../../../shared/history.ts';
import { cloneRepairs } from '../../fixtures/many-repairs.ts';
import { compile, patchElf, patchFor, privateLibrary } from './elf-bench.ts';
import {
  apply,
  code,
  copyTree,
  editJson,
  job,
  planOf,
  removeTree,
  value,
  workbench,
  type Workbench,
} from './workbench.ts';

const none: RetentionLimits = { repairs: null, days: null, megabytes: null };
const stop = { onConflict: 'stop' } as const;

let bench: Workbench;
beforeEach(() => {
  bench = workbench();
});
afterEach(() => bench.dispose());

function entry(...parts: string[]): string {
  return join(bench.machine.directories.state, 'journal', ...parts);
}

/** A private C library, and a program that is pointed to it: two repairs. */
async function repairOnAnother(): Promise<{ readonly made: string; readonly onTop: string }> {
  const directory = bench.at('.local/share/devmend/sandboxes/x');
  const program = bench.at('program');
  compile(bench, program);
  const made = await apply(bench, [copyTree(privateLibrary(bench), directory)]);
  const onTop = await apply(bench, [patchElf(program, patchFor(program, directory))]);
  return { made: made.id, onTop: onTop.id };
}

function settingsFile(name: string): string {
  const path = bench.at(name);
  writeFileSync(path, '{ "a": 0, "b": 0 }\n');
  return path;
}

async function repair(file: string, key = 'a'): Promise<string> {
  return (await apply(bench, [editJson(file, key, 0, 1)])).id;
}

/** The same machine at another time. */
function at(time: string): Workbench & { readonly machine: Machine } {
  return { ...bench, machine: { ...bench.machine, clock: () => new Date(time) } };
}

/** What SIGKILL leaves: the journal up to and with its n-th step. */
function cutAfterStep(id: string, steps: number): void {
  const path = entry(id, 'journal.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n');
  const places = lines.flatMap((line, index) => (line.includes('"type":"step"') ? [index] : []));
  writeFileSync(path, `${lines.slice(0, (places[steps - 1] ?? 0) + 1).join('\n')}\n`);
}

/** Another Devmend removes a repair, and is killed when it comes to the first file of it. */
async function removeAndBeKilled(id: string): Promise<void> {
  const program = join(bench.directory, 'remove.mjs');
  const { clock: _clock, run: _run, ...machine } = bench.machine;
  await build({
    stdin: {
      contents: `import { applyRetention } from './electron/engine/journal/retention.ts';
        const machine = { ...${JSON.stringify(machine)}, clock: () => new Date(), run: null };
        void applyRetention(machine, ${JSON.stringify({ ...none, repairs: 1 })}, ['${id}']);`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    // jsonc-parser's UMD build hides its requires from bundlers.
    mainFields: ['module', 'main'],
    outfile: program,
    banner: {
      js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
    },
    logLevel: 'error',
  });
  const calls = 'unlink,unlinkat,rmdir';
  const { signal, stderr } = spawnSync('strace', [
    ...['-f', '-qq', '-o', join(bench.directory, 'strace'), '-P', entry(id, 'images', '0')],
    ...['-e', `trace=${calls}`, '-e', `inject=${calls}:signal=SIGKILL`],
    ...[process.execPath, program],
  ]);
  expect([signal, String(stderr)]).toEqual(['SIGKILL', '']);
}

describe('A3.10 a removal that was interrupted', () => {
  it('does not hide behind the index: the others can be undone, and recovery finishes it', async () => {
    const shared = settingsFile('shared.json');
    const first = await repair(shared, 'a');
    const second = await repair(shared, 'b');
    const filler = settingsFile('filler.json');
    const model = await repair(filler);
    const many = cloneRepairs(entry(), { id: model, file: filler, program: 'git' }, 70);
    for (let number = 0; number < 70; number += 1)
      many.write({ number, program: 'git', file: bench.at(`${number}.json`) });
    // From here on there is an index, and both are in it.
    value(await listTransactions(bench.machine));
    await removeAndBeKilled(first);
    expect(existsSync(entry(first, 'forgotten'))).toBe(true);
    expect(existsSync(entry(first, 'images', '0'))).toBe(true);
    const ids = value(await listTransactions(bench.machine)).map(({ id }) => id);
    expect(ids).toContain(second);
    expect(ids).not.toContain(first);
    expect(value(await undo(bench.machine, second, stop, job())).status).toBe('verified');
    value(await recover(bench.machine, job()));
    expect(existsSync(entry(first))).toBe(false);
  });

  it('never takes the images of an undo that is itself half done, whatever became of its repair', async () => {
    for (const loss of ['gone', 'empty']) {
      const [one, two] = [settingsFile(`one-${loss}.json`), settingsFile(`two-${loss}.json`)];
      const { id } = await apply(bench, [editJson(one, 'a', 0, 1), editJson(two, 'a', 0, 1)]);
      const repaired = [one, two].map((path) => readFileSync(path, 'utf8'));
      const undone = value(await undo(bench.machine, id, stop, job())).id;
      cutAfterStep(undone, 1);
      // The undo takes the second file first; the first one it had not come to.
      writeFileSync(one, repaired[0] ?? '');
      if (loss === 'gone') rmSync(entry(id), { recursive: true });
      else for (const name of readdirSync(entry(id))) rmSync(entry(id, name), { recursive: true });
      const outcomes = value(await recover(bench.machine, job()));
      expect(outcomes.map((outcome) => [outcome.id, outcome.status])).toEqual([
        [undone, 'rolled-back'],
      ]);
      expect([one, two].map((path) => readFileSync(path, 'utf8'))).toEqual(repaired);
    }
  });
});

describe('A3.10 what the limits let go', () => {
  it.each([
    ['read from the journal', 0],
    ['read from the index', 70],
  ])('is no repair in effect without which undo would stop a program, %s', async (_how, others) => {
    const { made, onTop } = await repairOnAnother();
    value(await setPinned(bench.machine, made, true));
    const filler = settingsFile('filler.json');
    const newest = await repair(filler);
    const many = cloneRepairs(entry(), { id: newest, file: filler, program: 'git' }, others);
    for (let number = 0; number < others; number += 1)
      many.write({ number, program: 'git', file: bench.at(`${number}.json`) });
    value(await listTransactions(bench.machine));
    const one = { ...none, repairs: 1 };
    const preview = value(await previewRetention(bench.machine, one));
    expect(preview.expired.map(({ id }) => id)).not.toContain(onTop);
    value(await applyRetention(bench.machine, one, null));
    expect(code(await undo(bench.machine, made, stop, job()))).toBe('later-transaction');
    value(await setPinned(bench.machine, made, false));
    const { removed } = value(await applyRetention(bench.machine, one, null));
    expect(removed).toEqual([made, onTop]);
  });

  it('is nothing by age while the clock is years ahead', async () => {
    const early = await repair(settingsFile('early.json'));
    for (const day of ['01', '02', '29']) {
      const wrong = at(`2036-01-${day}T10:00:00.000Z`);
      await apply(wrong, [editJson(settingsFile(`late-${day}.json`), 'a', 0, 1)]);
    }
    expect(value(await undo(bench.machine, early, stop, job())).status).toBe('verified');
  });

  it('goes by age again when the clock has said so for a month', async () => {
    const early = await repair(settingsFile('early.json'));
    for (const day of ['01-01', '01-20', '02-01']) {
      const then = at(`2036-${day}T10:00:00.000Z`);
      await apply(then, [editJson(settingsFile(`${day}.json`), 'a', 0, 1)]);
    }
    expect(code(await undo(bench.machine, early, stop, job()))).toBe('not-found');
  });

  it('is told by the time it was done, not by names that a wrong clock has pushed on', async () => {
    const ids: string[] = [];
    for (const [name, time] of [
      ['a.json', '2026-11-23T10:00:00.000Z'],
      ['b.json', '2031-01-01T10:00:00.000Z'],
      ['c.json', '2026-11-24T10:00:00.000Z'],
      ['d.json', '2026-11-25T10:00:00.000Z'],
    ] as const)
      ids.push((await apply(at(time), [editJson(settingsFile(name), 'a', 0, 1)])).id);
    const page = value(
      await historyPage(bench.machine, { since: '2026-11-24', until: '2026-11-24' }),
    );
    expect(page.transactions.map(({ id }) => id)).toEqual([ids[2]]);
    const { machine } = at('2028-06-01T00:00:00.000Z');
    const old = value(await previewRetention(machine, { ...none, days: 365 }));
    expect(old.expired.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    const [, c] = value(await listTransactions(bench.machine)).filter(({ at: when }) =>
      when.startsWith('2026-11'),
    );
    expect(c?.expiresAt).toBe('2027-11-24T10:00:00.000Z');
  });

  it('is not the last real repair because of a later attempt that was rolled back', async () => {
    await repair(settingsFile('other.json'));
    const file = settingsFile('settings.json');
    const last = await repair(file);
    const plan = planOf(bench, [editJson(file, 'b', 0, 1)], {
      verifications: [
        {
          kind: 'loader-simulation',
          title: { key: 'verify.title.starts', params: { program: 'git' } },
          path: bench.machine.home,
        },
      ],
    });
    const failing = {
      runVerification: async () => Promise.resolve({ passed: false, output: 'no', error: null }),
    };
    const attempt = value(await applyPlan(bench.machine, plan, job(), failing));
    expect(attempt.status).toBe('rolled-back');
    value(await applyRetention(bench.machine, { ...none, repairs: 1 }, null));
    expect(existsSync(entry(last))).toBe(true);
    expect(value(await undo(bench.machine, last, stop, job())).status).toBe('verified');
  });

  it('is nothing that could be undone where the newest alone is beyond the limit', async () => {
    const ids: string[] = [];
    for (const name of ['one.json', 'two.json']) ids.push(await repair(settingsFile(name)));
    const undone = await repair(settingsFile('undone.json'));
    value(await undo(bench.machine, undone, stop, job()));
    const large = bench.at('large');
    mkdirSync(large);
    writeFileSync(join(large, 'bin'), Buffer.alloc(6_000_000, 1));
    await apply(bench, [removeTree(large)]);
    const outcome = value(await applyRetention(bench.machine, { ...none, megabytes: 5 }, null));
    expect(outcome.removed).toEqual([undone]);
    for (const id of ids) expect(existsSync(entry(id))).toBe(true);
  });
});

it('a journal in which a newer Devmend has written is neither pruned nor pinned', async () => {
  const ids = [await repair(settingsFile('a.json')), await repair(settingsFile('b.json'))];
  const newer = '20991123T140212.851Z';
  mkdirSync(entry(newer));
  const line = { seq: 1, at: 'x', type: 'begin', format: 99, sum: '0'.repeat(16) };
  writeFileSync(entry(newer, 'journal.jsonl'), `${JSON.stringify(line)}\n`);
  expect(code(await setPinned(bench.machine, ids[0] ?? '', true))).toBe('journal-from-the-future');
  expect(code(await applyRetention(bench.machine, { ...none, repairs: 1 }, null))).toBe(
    'journal-from-the-future',
  );
  expect(readdirSync(entry()).sort()).toEqual([...ids, newer]);
  expect(existsSync(join(bench.machine.directories.state, 'pins.json'))).toBe(false);
});

describe('A3.10 somebody’s work that an undo has replaced', () => {
  const limits = { ...none, repairs: 2 };

  /** A repair whose undo has replaced what somebody had made of the file. */
  async function undoneOver(file: string): Promise<string> {
    const id = await repair(file);
    writeFileSync(file, '{ "a": "work of a day" }\n');
    value(await undo(bench.machine, id, { onConflict: 'restore' }, job()));
    return id;
  }

  it('goes after what nobody misses, however old it is, and is named', async () => {
    const file = settingsFile('a.json');
    const holding = await undoneOver(file);
    const undone = await repair(settingsFile('b.json'));
    value(await undo(bench.machine, undone, stop, job()));
    await repair(settingsFile('c.json'));
    await repair(settingsFile('d.json'));
    const { expired } = value(await previewRetention(bench.machine, limits));
    expect(expired.map(({ id, onlyCopy, inEffect }) => [id, onlyCopy, inEffect])).toEqual([
      [undone, false, false],
      [holding, true, false],
    ]);
    expect(value(await applyRetention(bench.machine, { ...none, repairs: 3 }, null))).toMatchObject(
      { removed: [undone] },
    );
    value(await redo(bench.machine, holding, job()));
    expect(readFileSync(file, 'utf8')).toContain('work of a day');
  });

  it('is told from work that a redo had brought back, and an undo has taken away again', async () => {
    const file = settingsFile('a.json');
    const id = await undoneOver(file);
    value(await redo(bench.machine, id, job()));
    value(await undo(bench.machine, id, stop, job()));
    const later = await repair(settingsFile('b.json'));
    value(await undo(bench.machine, later, stop, job()));
    await repair(settingsFile('c.json'));
    const one = { ...none, repairs: 1 };
    const { expired } = value(await previewRetention(bench.machine, one));
    expect(expired.map(({ id: gone, onlyCopy }) => [gone, onlyCopy])).toEqual([
      [later, false],
      [id, true],
    ]);
  });

  it('is not given up for a limit of bytes that what has to stay exceeds alone', async () => {
    await undoneOver(settingsFile('a.json'));
    const large = settingsFile('large.json');
    writeFileSync(large, `{ "a": 0, "b": "${'x'.repeat(2_000_000)}" }\n`);
    await repair(large);
    const { expired } = value(await previewRetention(bench.machine, { ...none, megabytes: 1 }));
    expect(expired).toEqual([]);
  });
});
