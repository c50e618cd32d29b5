import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureState } from '../../../electron/engine/journal/capture.ts';
import { listTransactions, showTransaction } from '../../../electron/engine/journal/history.ts';
import { previewUndo } from '../../../electron/engine/journal/undo-preview.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import {
  apply,
  code,
  copyTree,
  editJson,
  job,
  removeTree,
  value,
  workbench,
  type Workbench,
} from './workbench.ts';

const ORIGINAL = '{ "a": 0, "b": 0 }\n';
const REPAIRED = '{ "a": 1, "b": 0 }\n';
const stop = { onConflict: 'stop' } as const;
const keep = { onConflict: 'keep' } as const;

let bench: Workbench;
let one: string;
let two: string;
beforeEach(() => {
  bench = workbench();
  one = bench.at('one.json');
  two = bench.at('two.json');
  for (const path of [one, two]) writeFileSync(path, ORIGINAL);
});
afterEach(() => bench.dispose());

const read = (): string[] => [one, two].map((path) => readFileSync(path, 'utf8'));
const repairBoth = async (): Promise<string> =>
  (await apply(bench, [editJson(one, 'a', 0, 1), editJson(two, 'a', 0, 1)])).id;

async function undone(id: string, options: Parameters<typeof undo>[2] = stop): Promise<string[]> {
  const outcome = value(await undo(bench.machine, id, options, job()));
  expect(outcome.failure).toBeNull();
  return [...outcome.kept];
}

async function redone(id: string): Promise<string[]> {
  const outcome = value(await redo(bench.machine, id, job()));
  expect(outcome.failure).toBeNull();
  return [...outcome.kept];
}

describe('a path that somebody has taken back by hand', () => {
  it('A3.8 is taken up by undo, and repaired again by redo', async () => {
    const id = await repairBoth();
    writeFileSync(one, ORIGINAL);
    const preview = value(await previewUndo(bench.machine, id));
    expect(preview.items.map(({ target, standing }) => [target, standing])).toEqual([
      [two, 'unchanged'],
      [one, 'already-restored'],
    ]);
    for (let round = 0; round < 2; round += 1) {
      expect(await undone(id)).toEqual([]);
      expect(read()).toEqual([ORIGINAL, ORIGINAL]);
      expect(await redone(id)).toEqual([]);
      expect(read()).toEqual([REPAIRED, REPAIRED]);
    }
  });

  it('A3.8 may be all there is of the repair', async () => {
    const { id } = await apply(bench, [editJson(one, 'a', 0, 1)]);
    writeFileSync(one, ORIGINAL);
    expect(await undone(id)).toEqual([]);
    const detail = value(await showTransaction(bench.machine, id));
    expect(detail.explanation.next).toHaveLength(1);
    expect(await redone(id)).toEqual([]);
    expect(read()).toEqual([REPAIRED, ORIGINAL]);
    expect(await undone(id)).toEqual([]);
    expect(read()).toEqual([ORIGINAL, ORIGINAL]);
  });

  it('A3.8 is copied again where it was a tree, and is a conflict where it cannot be', async () => {
    mkdirSync(bench.at('from'));
    writeFileSync(bench.at('from/x'), 'x');
    const { id } = await apply(bench, [copyTree(bench.at('from'), bench.at('to'))]);
    const made = await captureState(bench.at('to'));
    rmSync(bench.at('to'), { recursive: true });
    await undone(id);
    await redone(id);
    expect(await captureState(bench.at('to'))).toMatchObject({
      digest: made.type === 'tree' && made.digest,
    });
    rmSync(bench.at('to'), { recursive: true });
    await undone(id);
    writeFileSync(bench.at('from/x'), 'another');
    const outcome = value(await redo(bench.machine, id, job()));
    expect([outcome.status, outcome.failure?.code]).toEqual(['rolled-back', 'verification-failed']);
    expect(existsSync(bench.at('to'))).toBe(false);
  });

  it('A3.5 is in conflict for redo when it has been changed once more', async () => {
    const id = await repairBoth();
    writeFileSync(one, ORIGINAL);
    await undone(id);
    writeFileSync(one, '{ "a": 0, "mine": 1 }\n');
    const before = read();
    expect(code(await redo(bench.machine, id, job()))).toBe('conflict');
    expect(read()).toEqual(before);
  });
});

describe('a path that somebody has repaired by hand before the redo', () => {
  it('A3.8 goes back with the next undo', async () => {
    const id = await repairBoth();
    await undone(id);
    writeFileSync(one, REPAIRED);
    expect(await redone(id)).toEqual([]);
    expect(read()).toEqual([REPAIRED, REPAIRED]);
    expect(await undone(id)).toEqual([]);
    expect(read()).toEqual([ORIGINAL, ORIGINAL]);
    expect(await redone(id)).toEqual([]);
    expect(read()).toEqual([REPAIRED, REPAIRED]);
  });

  it('A3.5 is named when it was a tree that is gone for good', async () => {
    mkdirSync(bench.at('tree'));
    writeFileSync(bench.at('tree/x'), 'x');
    const changes = [removeTree(bench.at('tree')), editJson(one, 'a', 0, 1)];
    const { id } = await apply(bench, changes);
    await undone(id);
    rmSync(bench.at('tree'), { recursive: true });
    await redone(id);
    expect(code(await undo(bench.machine, id, stop, job()))).toBe('conflict');
    expect(await undone(id, { onConflict: 'restore' })).toEqual([bench.at('tree')]);
    expect(read()).toEqual([ORIGINAL, ORIGINAL]);
  });
});

describe('a path that an undo has kept', () => {
  const MINE = '{ "a": 1, "b": 0, "mine": 1 }\n';

  it('A3.5 A3.8 is named by redo, and still belongs to the repair', async () => {
    const id = await repairBoth();
    writeFileSync(one, MINE);
    expect(await undone(id, keep)).toEqual([one]);
    expect(read()).toEqual([MINE, ORIGINAL]);
    expect(await redone(id)).toEqual([one]);
    expect(read()).toEqual([MINE, REPAIRED]);
    expect(code(await undo(bench.machine, id, stop, job()))).toBe('conflict');
    writeFileSync(one, REPAIRED);
    expect(await undone(id)).toEqual([]);
    expect(read()).toEqual([ORIGINAL, ORIGINAL]);
    expect(await redone(id)).toEqual([]);
    expect(read()).toEqual([REPAIRED, REPAIRED]);
  });

  it('A3.8 is repaired again when it has been taken back since', async () => {
    const id = await repairBoth();
    writeFileSync(one, MINE);
    await undone(id, keep);
    writeFileSync(one, ORIGINAL);
    expect(await redone(id)).toEqual([]);
    expect(read()).toEqual([REPAIRED, REPAIRED]);
  });

  it('A3.7 keeps its place in the order of repairs', async () => {
    const id = await repairBoth();
    writeFileSync(one, MINE);
    await undone(id, keep);
    const later = await apply(bench, [editJson(one, 'b', 0, 1)]);
    await redone(id);
    const refused = await undo(bench.machine, id, stop, job());
    expect(refused).toMatchObject({
      error: { code: 'later-transaction', params: { id: later.id } },
    });
  });
});

describe('an undo whose record is damaged', () => {
  const damage = (id: string, line: number): void => {
    const path = join(bench.machine.directories.state, 'journal', id, 'journal.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    lines[line] = (lines[line] ?? '').replace('"seq":', '"seq":1');
    writeFileSync(path, lines.join('\n'));
  };

  it.each([0, 2])(
    'A3.9 is not passed over (line %i): nobody knows what is in effect',
    async (line) => {
      const { id } = await apply(bench, [editJson(one, 'a', 0, 1)]);
      const other = await apply(bench, [editJson(two, 'a', 0, 1)]);
      const taken = value(await undo(bench.machine, id, stop, job()));
      damage(taken.id, line);
      const before = read();
      expect(code(await undo(bench.machine, id, stop, job()))).toBe('journal-damaged');
      expect(code(await redo(bench.machine, id, job()))).toBe('journal-damaged');
      const preview = value(await previewUndo(bench.machine, id));
      expect([preview.possible, preview.reason?.code]).toEqual([false, 'journal-damaged']);
      const detail = value(await showTransaction(bench.machine, id));
      expect([detail.canUndo, detail.canRedo]).toEqual([false, false]);
      expect(read()).toEqual(before);
      expect(await undone(other.id)).toEqual([]);
      expect(
        value(await listTransactions(bench.machine)).filter(({ damaged }) => damaged),
      ).not.toEqual([]);
    },
  );
});

describe('the same file by another name', () => {
  it('A3.7 a later repair through a linked directory has to go back first', async () => {
    mkdirSync(bench.at('dotfiles'));
    symlinkSync('dotfiles', bench.at('config'));
    const path = bench.at('dotfiles/settings.json');
    writeFileSync(path, ORIGINAL);
    const first = await apply(bench, [editJson(bench.at('config/settings.json'), 'a', 0, 1)]);
    const second = await apply(bench, [editJson(path, 'b', 0, 1)]);
    const { possible, later } = value(await previewUndo(bench.machine, first.id));
    expect([possible, later.map(({ id }) => id)]).toEqual([false, [second.id]]);
    const refused = await undo(bench.machine, first.id, { onConflict: 'restore' }, job());
    expect(refused).toMatchObject({
      error: { code: 'later-transaction', params: { id: second.id } },
    });
    await undone(second.id);
    await undone(first.id);
    expect(readFileSync(path, 'utf8')).toBe(ORIGINAL);
  });
});
