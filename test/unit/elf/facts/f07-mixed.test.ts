import * as path from 'node:path';
import * as fs from 'node:fs';
import { execFileSync, spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { LoaderSession } from '../../../../electron/engine/elf/loader.ts';
import { compile, RPATH, temporaryDirectory } from '../tools.ts';
import { glibcRoot, packagesRoot, placeLibrary, whichProgram } from './roots.ts';

const directory = temporaryDirectory();
const older = path.join(directory, 'older');
const newer = path.join(directory, 'newer');

beforeAll(async () => {
  await packagesRoot('bullseye', ['libc6'], older);
  await packagesRoot('trixie', ['libc6'], newer);
}, 120_000);

test.each([
  ['an older libm', 'libm.so.6', 'older'],
  ['a newer libm', 'libm.so.6', 'newer'],
  ['a newer libc', 'libc.so.6', 'newer'],
] as const)(
  'F7 %s of another release beside this one: verdict and mixture',
  (name, soname, from) => {
    const base = path.join(directory, name.replace(/\W+/g, '-'));
    const source = path.join(from === 'older' ? older : newer, 'lib/x86_64-linux-gnu', soname);
    fs.mkdirSync(base, { recursive: true });
    const program = compile(
      base,
      'program',
      '#include <math.h>\nint main(int c, char **v) { return (int)pow(c, c) - 1; }\n',
      ['-lm', RPATH, '-Wl,-rpath,$ORIGIN'],
    );
    fs.copyFileSync(source, path.join(base, soname));
    const report = new LoaderSession('/').simulate(program);
    // `--list` looks at versions only; a start also looks the symbols up.
    const real = spawnSync(program, { encoding: 'utf8' });
    expect({ verdict: report.verdict, stderr: real.stderr }).toMatchObject({
      verdict: real.status === 0 ? 'starts' : 'fails',
    });
    expect(report.mixedGlibc.length).toBeGreaterThan(0);
    expect(report.symbolErrors.length > 0).toBe(real.stderr.includes('symbol lookup error'));
    for (const error of report.versionErrors) {
      expect(real.stderr).toContain(error.version);
    }
  },
);

describe('F7 a system whose loader is a copy and no link', () => {
  const LOADER = 'lib64/ld-linux-x86-64.so.2';
  const LIBRARIES = 'lib/x86_64-linux-gnu';

  /** A root of a release, with `/lib64` a directory of its own that holds a loader. */
  async function copiedRoot(suite: string, loader: string): Promise<string> {
    const root = path.join(directory, `copied-${suite}-${path.basename(path.dirname(loader))}`);
    await glibcRoot(suite, root);
    whichProgram(root, path.join(directory, `stub-${suite}`));
    placeLibrary(root, path.join(directory, 'scratch'), LIBRARIES, 0);
    const copy = path.resolve(root, loader);
    fs.rmSync(path.join(root, 'lib64'), { recursive: true });
    fs.mkdirSync(path.join(root, 'lib64'));
    fs.copyFileSync(copy, path.join(root, LOADER));
    execFileSync('patchelf', ['--add-needed', 'libc.so.6', path.join(root, 'opt/program')]);
    return root;
  }
  const mixedIn = (root: string): readonly string[] =>
    new LoaderSession(root).simulate('/opt/program').mixedGlibc.map((one) => one.path);

  test('F7 is not mixed: the copy beside its libc is of the same build', async () => {
    const root = await copiedRoot('bookworm', `${LIBRARIES}/ld-linux-x86-64.so.2`);
    expect(mixedIn(root)).toEqual([]);
  }, 120_000);

  test('F7 is not mixed without a second copy either: loader and libc name one package', async () => {
    const root = await copiedRoot('trixie', `${LIBRARIES}/ld-linux-x86-64.so.2`);
    fs.rmSync(path.join(root, LIBRARIES, 'ld-linux-x86-64.so.2'));
    expect(mixedIn(root)).toEqual([]);
  }, 120_000);

  test('F7 is mixed where the loader is of another release', async () => {
    const foreign = path.join(newer, LIBRARIES, 'ld-linux-x86-64.so.2');
    const root = await copiedRoot('bookworm', foreign);
    expect(mixedIn(root)).toEqual([`/${LOADER}`]);
  }, 120_000);
});
