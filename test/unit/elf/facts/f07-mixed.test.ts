import * as path from 'node:path';
import * as fs from 'node:fs';
import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { LoaderSession } from '../../../../electron/engine/elf/loader.ts';
import { compile, RPATH, temporaryDirectory } from '../tools.ts';
import { packagesRoot } from './roots.ts';

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
