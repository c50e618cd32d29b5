import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as engine from '../../../electron/engine/journal/attributes.ts';
import * as judge from '../../crash/attributes.ts';
import { compileReader } from '../../crash/cutter.ts';

/** The crash campaign's judge reads attributes without getfattr: it must answer the same. */
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'devmend-attributes-'));
  compileReader(join(directory, 'reader'));
  judge.useReader(join(directory, 'reader'));
});
afterAll(() => {
  judge.endReader();
  rmSync(directory, { recursive: true });
});

function make(name: string, ...attributes: readonly (readonly [string, string])[]): string {
  const path = join(directory, name);
  writeFileSync(path, 'content');
  for (const [key, value] of attributes) execFileSync('setfattr', ['-n', key, '-v', value, path]);
  return path;
}

it('answers what getfattr answers', async () => {
  const plain = make('plain');
  const many = make('many', ['user.zeta', '1'], ['user.alpha', 'x y'], ['user.empty', '']);
  const binary = make('binary', ['user.bytes', '0x00ff0a3d'], ['trusted.overlay', '0x01']);
  const listed = make('listed');
  execFileSync('setfacl', ['-m', 'u:1000:r', listed]);
  const capable = make('capable');
  execFileSync('setcap', ['cap_net_raw+ep', capable]);
  const escaped = make('escaped', ['user.a=b', '1'], ['user.new\nline', '2']);
  const odd = make('an odd\nname ü', ['user.one', '1']);
  const link = join(directory, 'link');
  symlinkSync('many', link);
  const absent = join(directory, 'absent');
  const paths = [plain, many, binary, listed, capable, escaped, odd, link, absent, directory];
  const read = async (by: typeof engine.readAttributes): Promise<unknown> =>
    Promise.all(paths.map(async (path) => by(path)));
  const answers = await read(judge.readAttributes);
  expect(answers).toEqual(await read(engine.readAttributes));
  expect(new Set(answers as string[]).size).toBe(8);
});
