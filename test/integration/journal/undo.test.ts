import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
  timeless,
  value,
  workbench,
  type Workbench,
} from './workbench.ts';

let bench: Workbench;
let settings: string;
beforeEach(() => {
  bench = workbench();
  settings = bench.at('settings.json');
  writeFileSync(settings, '{\n  // mine\n  "git.path": "/opt/git", // team build\n  "a": 1,\n}');
});
afterEach(() => bench.dispose());

const stop = { onConflict: 'stop' } as const;

describe('undo', () => {
  it('A3.1 gives back a settings file, and the copy and its directories are gone again', async () => {
    mkdirSync(bench.at('program'));
    writeFileSync(bench.at('program/main'), 'x'.repeat(5000));
    const before = await captureState(settings);
    const copy = bench.at('.local/share/devmend/programs/copy');
    const outcome = await apply(bench, [
      copyTree(bench.at('program'), copy),
      editJson(settings, 'git.path', '/opt/git', `${copy}/main`),
    ]);
    expect(outcome.failure).toBeNull();
    expect(outcome.status).toBe('applied');
    expect(readFileSync(settings, 'utf8')).toContain(`"git.path": "${copy}/main", // team build`);
    expect(readFileSync(`${copy}/main`, 'utf8')).toHaveLength(5000);

    const undone = value(await undo(bench.machine, outcome.id, stop, job()));
    expect(undone.failure).toBeNull();
    expect(undone.status).toBe('verified');
    expect(await captureState(settings)).toEqual(before);
    expect(existsSync(bench.at('.local/share'))).toBe(false);
    expect(readdirSync(bench.at()).sort()).toEqual(['.local', 'program', 'settings.json']);
  });

  it('A3.8 can be redone and undone again, to the same state each time', async () => {
    mkdirSync(bench.at('program'));
    writeFileSync(bench.at('program/main'), 'x');
    const copy = bench.at('.local/share/devmend/copy');
    const { id } = await apply(bench, [
      copyTree(bench.at('program'), copy),
      editJson(settings, 'a', 1, 2),
    ]);
    const states = async (): Promise<unknown> => [
      timeless(await captureState(settings)),
      await captureState(copy),
    ];
    const applied = await states();
    for (let round = 0; round < 3; round += 1) {
      expect(value(await undo(bench.machine, id, stop, job())).failure).toBeNull();
      expect(existsSync(copy)).toBe(false);
      expect(value(await redo(bench.machine, id, job())).failure).toBeNull();
      expect(await states()).toEqual(applied);
    }
  });

  it('A3.1 brings a removed tree back by one rename, and takes it away again on redo', async () => {
    mkdirSync(bench.at('tree/inner'), { recursive: true });
    writeFileSync(bench.at('tree/inner/file'), 'content');
    symlinkSync('inner/file', bench.at('tree/link'));
    const before = await captureState(bench.at('tree'));
    const { id, failure } = await apply(bench, [removeTree(bench.at('tree'))]);
    expect(failure).toBeNull();
    for (let round = 0; round < 2; round += 1) {
      expect(existsSync(bench.at('tree'))).toBe(false);
      expect(value(await undo(bench.machine, id, stop, job())).failure).toBeNull();
      expect(await captureState(bench.at('tree'))).toEqual(before);
      expect(value(await redo(bench.machine, id, job())).failure).toBeNull();
    }
  });

  it('is listed with what it took back, and the repair is listed as undone', async () => {
    const { id } = await apply(bench, [editJson(settings, 'a', 1, 2)]);
    const undone = value(await undo(bench.machine, id, stop, job()));
    const list = value(await listTransactions(bench.machine));
    expect(list.map(({ type, status, undoes }) => [type, status, undoes])).toEqual([
      ['undo', 'verified', id],
      ['apply', 'undone', null],
    ]);
    expect(list[1]?.undoneBy?.id).toBe(undone.id);
    const detail = value(await showTransaction(bench.machine, id));
    expect([detail.canUndo, detail.canRedo]).toEqual([false, true]);
    expect(detail.previews[0]?.diff).toEqual([
      { sign: ' ', line: 3, text: '  "git.path": "/opt/git", // team build' },
      { sign: '-', line: 4, text: '  "a": 1,' },
      { sign: '+', line: 4, text: '  "a": 2,' },
      { sign: ' ', line: 5, text: '}' },
    ]);
  });

  it('refuses a second time: there is nothing left to take back', async () => {
    const { id } = await apply(bench, [editJson(settings, 'a', 1, 2)]);
    value(await undo(bench.machine, id, stop, job()));
    expect(code(await undo(bench.machine, id, stop, job()))).toBe('nothing-to-undo');
    expect(code(await undo(bench.machine, '20200101T000000.000Z', stop, job()))).toBe('not-found');
  });
});

describe('a file that somebody else has changed since', () => {
  const conflicted = async (): Promise<string> => {
    mkdirSync(bench.at('program'));
    const { id } = await apply(bench, [
      copyTree(bench.at('program'), bench.at('copy')),
      editJson(settings, 'a', 1, 2),
    ]);
    appendFileSync(settings, '\n// later');
    return id;
  };

  it('A3.5 stops undo with nothing written', async () => {
    const id = await conflicted();
    const before = await captureState(bench.at());
    expect(code(await undo(bench.machine, id, stop, job()))).toBe('conflict');
    const preview = value(await previewUndo(bench.machine, id));
    expect(preview.conflicts).toBe(1);
    expect(preview.items.map(({ standing }) => standing)).toEqual(['changed', 'unchanged']);
    expect(preview.items[0]?.differences).toEqual(['content']);
    expect(await captureState(bench.at())).toMatchObject({
      digest: before.type === 'tree' && before.digest,
    });
  });

  it('A3.5 is kept on demand while the rest goes back', async () => {
    const id = await conflicted();
    const outcome = value(await undo(bench.machine, id, { onConflict: 'keep' }, job()));
    expect(outcome.kept).toEqual([settings]);
    expect(readFileSync(settings, 'utf8')).toContain('// later');
    expect(existsSync(bench.at('copy'))).toBe(false);
  });

  it('A3.5 is saved first when it is restored anyway, so that redo brings it back', async () => {
    const id = await conflicted();
    const present = readFileSync(settings, 'utf8');
    value(await undo(bench.machine, id, { onConflict: 'restore' }, job()));
    expect(readFileSync(settings, 'utf8')).not.toContain('// later');
    value(await redo(bench.machine, id, job()));
    expect(readFileSync(settings, 'utf8')).toBe(present);
  });

  it.each(['deleted', 'a link', 'a directory'] as const)('A3.5 is noticed as %s', async (what) => {
    const { id } = await apply(bench, [editJson(settings, 'a', 1, 2)]);
    rmSync(settings);
    if (what === 'a link') symlinkSync('elsewhere', settings);
    if (what === 'a directory') mkdirSync(bench.at('settings.json/inner'), { recursive: true });
    const standing = what === 'deleted' ? 'missing' : 'changed';
    expect(value(await previewUndo(bench.machine, id)).items[0]?.standing).toBe(standing);
    expect(code(await undo(bench.machine, id, stop, job()))).toBe('conflict');
    const changed = await captureState(settings);

    const restored = value(await undo(bench.machine, id, { onConflict: 'restore' }, job()));
    expect(restored.failure).toBeNull();
    expect(readFileSync(settings, 'utf8')).toContain('"a": 1');
    expect(value(await redo(bench.machine, id, job())).failure).toBeNull();
    expect(await captureState(settings)).toEqual(changed);
  });
});

describe('a later repair of the same file', () => {
  it('A3.7 is named and has to go back first', async () => {
    const first = await apply(bench, [editJson(settings, 'a', 1, 2)]);
    const second = await apply(bench, [editJson(settings, 'a', 2, 3)]);
    const preview = value(await previewUndo(bench.machine, first.id));
    expect(preview.later.map(({ id }) => id)).toEqual([second.id]);
    expect(preview.possible).toBe(false);
    const refused = await undo(bench.machine, first.id, { onConflict: 'restore' }, job());
    expect(code(refused)).toBe('later-transaction');
    // Kept or not, what the later repair has made of the file is not somebody's conflict.
    const kept = await undo(bench.machine, first.id, { onConflict: 'keep' }, job());
    expect(kept).toMatchObject({ error: { code: 'later-transaction', params: { id: second.id } } });
    value(await undo(bench.machine, second.id, stop, job()));
    value(await undo(bench.machine, first.id, stop, job()));
    expect(readFileSync(settings, 'utf8')).toContain('"a": 1');
  });
});
