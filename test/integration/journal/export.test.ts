import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportEntry } from '../../../electron/engine/journal/export.ts';
import { previewUndo } from '../../../electron/engine/journal/undo-preview.ts';
import { LINES, TEXTS } from '../../unit/secrets/secret-shapes.ts';
import { apply, editJson, value, workbench, writeFile, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeEach(() => {
  bench = workbench();
});
afterEach(() => bench.dispose());

describe('A3.11 an exported entry', () => {
  it('names nobody: homes by any path, other people, e-mail addresses, secrets', async () => {
    const home = bench.at('real/person-of-this-test');
    mkdirSync(home, { recursive: true });
    symlinkSync('real', bench.at('link'));
    const settings = join(home, 'settings.json');
    const lines = [
      '"mail": "jo.doe@example.org"',
      '"other": "/home/someone/x"',
      '"token": "s3cret-value"',
    ];
    writeFileSync(settings, `{ "a": 0,\n${lines.join(',\n')} }\n`);
    const { id } = await apply(bench, [editJson(settings, 'a', 0, 1)]);
    const machine = { ...bench.machine, home: bench.at('link/person-of-this-test') };
    for (const form of ['markdown', 'json'] as const) {
      const text = value(await exportEntry(machine, id, form, 'en'));
      expect(text).toContain('/home/user/settings.json');
      for (const secret of [
        'person-of-this-test',
        'jo.doe',
        'example.org',
        'someone',
        's3cret-value',
      ])
        expect(text, form).not.toContain(secret);
    }
  });
});

describe('A3.11 secrets of every shape', () => {
  const SHAPES = [...LINES, ...TEXTS];
  /** Each one has its own, so that a leak tells which shape it is. */
  const secret = (index: number, side: string): string => `q7Zq9+${index}.${side}~XyZ7`;
  const leaked = (text: string): readonly string[] =>
    SHAPES.flatMap(([name], index) =>
      ['old', 'new', 'own'].some((side) => text.includes(secret(index, side))) ? [name] : [],
    );
  const previewsOf = (id: string): string =>
    readFileSync(join(bench.machine.directories.state, 'journal', id, 'previews.json'), 'utf8');

  /** Edits one key behind each shape, so that each is in the lines around a change. */
  function settingsBeside(path: string, from: number, to: number): ReturnType<typeof editJson> {
    const lines = SHAPES.slice(from, to).map(([, write], index) => {
      const text = write(secret(from + index, 'old')).replaceAll('*/', '* /');
      const comment = `  // ${text.split('\n').join('\n  // ')}\n`;
      return `  "k${index}": ${JSON.stringify(text)},\n  "e${index}": 0,\n${comment}`;
    });
    writeFileSync(path, `{\n${lines.join('')}  "last": 0\n}\n`);
    const edits = lines.flatMap((_line, index) => editJson(path, `e${index}`, 0, 1).edits);
    return { ...editJson(path, 'last', 0, 1), edits };
  }

  it('beside the edited keys of settings: in no export, nor in what is kept for showing', async () => {
    // A diff has an end: each file holds as many shapes as it shows.
    const paths = [bench.at('lines.json'), bench.at('texts.json')] as const;
    const { id } = await apply(bench, [
      settingsBeside(paths[0], 0, LINES.length),
      settingsBeside(paths[1], LINES.length, SHAPES.length),
    ]);
    const texts = paths.map((path) => readFileSync(path, 'utf8')).join('');
    expect(leaked(texts)).toHaveLength(SHAPES.length);
    expect(leaked(previewsOf(id))).toEqual([]);
    for (const form of ['markdown', 'json'] as const) {
      const text = value(await exportEntry(bench.machine, id, form, 'en'));
      expect(text).toContain(form === 'json' ? `e${LINES.length - 1}\\": 1` : '+  "e0": 1');
      expect(leaked(text), form).toEqual([]);
    }
  });

  it('in changed lines: in no export, and not in the three versions of a conflict', async () => {
    const paths = SHAPES.map(([, write], index) => {
      const path = bench.at(`shape-${index}`);
      writeFileSync(path, `${write(secret(index, 'old'))}\n`);
      return path;
    });
    const content = (index: number, side: string): string =>
      `${SHAPES[index]?.[1](secret(index, side)) ?? ''}\nz\n`;
    const changes = paths.map((path, index) => writeFile(path, content(index, 'new')));
    const { id } = await apply(bench, changes);
    expect(leaked(previewsOf(id))).toEqual([]);
    for (const form of ['markdown', 'json'] as const)
      expect(leaked(value(await exportEntry(bench.machine, id, form, 'en'))), form).toEqual([]);

    for (const [index, path] of paths.entries()) writeFileSync(path, `a\n${content(index, 'own')}`);
    const { items, conflicts } = value(await previewUndo(bench.machine, id));
    expect(conflicts).toBe(SHAPES.length);
    expect(items.every(({ threeWay }) => Array.isArray(threeWay?.now.text))).toBe(true);
    expect(leaked(JSON.stringify(items))).toEqual([]);
  });
});
