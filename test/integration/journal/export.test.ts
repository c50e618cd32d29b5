import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportEntry } from '../../../electron/engine/journal/export.ts';
import { apply, editJson, value, workbench, type Workbench } from './workbench.ts';

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
