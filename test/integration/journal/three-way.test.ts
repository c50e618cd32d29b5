import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { threeWayOfEffect } from '../../../electron/engine/journal/three-way.ts';
import { previewUndo } from '../../../electron/engine/journal/undo-preview.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import { MESSAGE_LIMIT } from '../../../shared/contract.ts';
import { undoPreviewSchema, type UndoPreview } from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';
import type { ChangeOf } from '../../../shared/plan.ts';
import { compile, patchElf, patchFor, privateLibrary } from './elf-bench.ts';
import { apply, copyTree, editJson, job, value, workbench, type Workbench } from './workbench.ts';

let bench: Workbench;
let settings: string;
beforeEach(() => {
  bench = workbench();
  mkdirSync(bench.at('config'));
  settings = bench.at('config/settings.json');
  writeFileSync(settings, '{\n  "a": 1, // one\n  "token": "s3cr3t-s3cr3t"\n}\n');
});
afterEach(() => bench.dispose());

async function itemOf(id: string): Promise<UndoPreview['items'][number]> {
  const preview = undoPreviewSchema.parse(value(await previewUndo(bench.machine, id)));
  const [item] = preview.items;
  if (item === undefined) throw new Error('an item expected');
  return item;
}
const versionsOf = async (id: string) => (await itemOf(id)).threeWay;
const digestOf = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');
const signed = (lines: readonly { sign: string; text: string }[] | undefined): readonly string[] =>
  (lines ?? []).filter(({ sign }) => sign !== ' ').map(({ sign, text }) => `${sign}${text}`);

it('A3.5 has the text before, what the repair made of it and what is there now, each with its diff', async () => {
  const digest = digestOf(settings);
  const { id } = await apply(bench, [
    editJson(settings, 'a', 1, 2),
    editJson(settings, 'b', undefined, 3),
  ]);
  const left = { digest: digestOf(settings), lines: readFileSync(settings, 'utf8').split('\n') };
  expect((await itemOf(id)).threeWay).toBe(undefined);
  writeFileSync(settings, readFileSync(settings, 'utf8').replace('// one', '// mine'));

  const versions = await versionsOf(id);
  expect(versions?.before.digest).toBe(digest);
  expect(versions?.left.digest).toBe(left.digest);
  expect(versions?.now).toMatchObject({ type: 'file', digest: digestOf(settings) });
  expect(versions?.before.text?.slice(0, 2)).toEqual(['{', '  "a": 1, // one']);
  expect(versions?.left.text).toHaveLength(left.lines.length - 1);
  expect(versions?.left.text?.[1]).toBe('  "a": 2, // one');
  expect(versions?.now.text?.[1]).toBe('  "a": 2, // mine');
  expect(signed(versions?.repaired)).toContain('+  "b": 3');
  expect(signed(versions?.since)).toEqual(['-  "a": 2, // one', '+  "a": 2, // mine']);
});

it('A3.11 leaves secrets out of the texts, the diffs and where a link leads', async () => {
  const { id } = await apply(bench, [editJson(settings, 'a', 1, 2)]);
  appendFileSync(settings, '// password: hunter2-hunter2\n');
  const shown = JSON.stringify(await itemOf(id));
  expect(shown).toContain('token');
  expect(shown).not.toMatch(/s3cr3t|hunter2/);
  rmSync(settings);
  symlinkSync('/srv/https://me:hunter2@host/x', settings);
  const item = await itemOf(id);
  expect(item.threeWay?.now.type).toBe('link');
  expect(JSON.stringify(item)).not.toMatch(/s3cr3t|hunter2/);
});

it('A3.5 says of what is deleted, a link, a directory or cannot be reached what it is', async () => {
  const { id } = await apply(bench, [editJson(settings, 'a', 1, 2)]);
  rmSync(settings);
  expect((await versionsOf(id))?.now).toMatchObject({ type: 'absent', text: null });
  expect((await versionsOf(id))?.left.text?.[1]).toBe('  "a": 2, // one');
  symlinkSync('elsewhere', settings);
  expect((await versionsOf(id))?.now).toMatchObject({ type: 'link', target: 'elsewhere' });
  rmSync(settings);
  mkdirSync(settings);
  writeFileSync(`${settings}/theirs`, '12345');
  expect((await versionsOf(id))?.now).toMatchObject({ type: 'directory', files: 1, bytes: 5 });
  renameSync(bench.at('config'), bench.at('aside'));
  symlinkSync('config', bench.at('config'));
  const item = await itemOf(id);
  expect([item.standing, item.threeWay?.now.type]).toEqual(['unreadable', 'unreadable']);
  expect(item.threeWay?.since).toEqual([]);
});

it('A3.5 compares programs and copies by size and digest', async () => {
  const program = bench.at('main');
  compile(bench, program);
  const before = digestOf(program);
  const { id } = await apply(bench, [patchElf(program, patchFor(program, privateLibrary(bench)))]);
  const left = digestOf(program);
  appendFileSync(program, 'x');
  const versions = await versionsOf(id);
  expect([versions?.before.digest, versions?.left.digest, versions?.now.digest]).toEqual([
    before,
    left,
    digestOf(program),
  ]);
  expect([versions?.left.text, versions?.now.text, versions?.since]).toEqual([null, null, []]);

  const copy = await apply(bench, [copyTree(bench.at('config'), bench.at('copy'))]);
  writeFileSync(bench.at('copy/more'), '12345');
  const trees = await versionsOf(copy.id);
  expect(trees?.before.type).toBe('absent');
  expect([trees?.left.files, trees?.now.files]).toEqual([1, 2]);
  expect(trees?.left.digest).not.toBe(trees?.now.digest);
});

it('A3.5 has the text that the repair left also after an undo and a redo, and of a new file', async () => {
  const path = bench.at('new.conf');
  const change: ChangeOf<'write-file'> = {
    kind: 'write-file',
    id: 'write',
    title: message('repair.sandbox.title', { program: 'git' }),
    privilege: 'user',
    reversibility: 'full',
    reversibilityReason: null,
    bytes: 0,
    path,
    before: null,
    content: 'one\ntwo\n',
    mode: 0o644,
  };
  const { id } = await apply(bench, [change]);
  value(await undo(bench.machine, id, { onConflict: 'stop' }, job()));
  value(await redo(bench.machine, id, job()));
  appendFileSync(path, 'three\n');
  const versions = await versionsOf(id);
  expect(versions?.before.type).toBe('absent');
  expect(versions?.left.text).toEqual(['one', 'two']);
  expect(signed(versions?.repaired)).toEqual(['+one', '+two']);
  expect(signed(versions?.since)).toEqual(['+three']);
});

it('A3.5 shows the stretch around a change where the text is long, and nothing where it is huge', async () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `  "key-${index}": ${index}`);
  writeFileSync(settings, `{\n${lines.join(',\n')}\n}\n`);
  const { id } = await apply(bench, [editJson(settings, 'key-7', 7, 8)]);
  appendFileSync(settings, '// mine\n');
  const versions = await versionsOf(id);
  expect(versions?.now.text).toBe(null);
  expect(signed(versions?.repaired)).toEqual(['-  "key-7": 7,', '+  "key-7": 8,']);
  expect(signed(versions?.since)).toEqual(['+// mine']);
  appendFileSync(settings, ' '.repeat(1024 * 1024));
  const huge = await versionsOf(id);
  expect([huge?.now.text, huge?.since]).toEqual([null, []]);
  expect(huge?.now.bytes).toBeGreaterThan(1024 * 1024);
});

it('A3.5 compares many long files by size and digest, so that the answer to the window has an end', async () => {
  const paths = Array.from({ length: 12 }, (_, index) => bench.at(`${index}.json`));
  const padding = 'x'.repeat(380);
  const lines = Array.from({ length: 300 }, (_, index) => `  "${index}": "${padding}"`);
  for (const path of paths) writeFileSync(path, `{\n  "a": 1,\n${lines.join(',\n')}\n}\n`);
  const { id } = await apply(
    bench,
    paths.map((path) => editJson(path, 'a', 1, 2)),
  );
  for (const path of paths) appendFileSync(path, '// mine\n');
  const { items } = value(await previewUndo(bench.machine, id));
  expect(JSON.stringify(items).length).toBeLessThan(MESSAGE_LIMIT / 4);
  expect(items[0]?.threeWay?.now.text).toHaveLength(304);
  expect(items[11]?.threeWay).toMatchObject({ now: { type: 'file', text: null }, since: [] });
  expect(items[11]?.threeWay?.now.digest).not.toBe(items[11]?.threeWay?.left.digest);
});

it('A3.5 shows a damaged before-image as no text, never as what was there', async () => {
  const { id } = await apply(bench, [editJson(settings, 'a', 1, 2)]);
  appendFileSync(settings, '// mine\n');
  writeFileSync(`${bench.machine.directories.state}/journal/${id}/images/0`, '{ "a": 9 }');
  const versions = await versionsOf(id);
  expect([versions?.before.text, versions?.left.text, versions?.repaired]).toEqual([
    null,
    null,
    [],
  ]);
});

it('A3.5 has three values of an effect that is no file', () => {
  const effect = {
    index: 0,
    change: 'sysctl',
    what: { kind: 'kernel-value', key: 'fs.inotify.max_user_watches', value: '2' },
    before: '1',
    left: '2',
  } as const;
  const standing = { effect, target: 'fs.inotify.max_user_watches', present: '3' };
  const versions = threeWayOfEffect({ ...standing, standing: 'changed' });
  expect([versions.before.text, versions.left.text, versions.now.text]).toEqual([
    ['1'],
    ['2'],
    ['3'],
  ]);
  const lost = threeWayOfEffect({ ...standing, present: '', standing: 'unreadable' });
  expect(lost.now).toMatchObject({ type: 'unreadable', text: null });
});
