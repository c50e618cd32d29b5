import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { LoaderSession } from '../../../../electron/engine/elf/loader.ts';
import type { DependencyReport } from '../../../../shared/elf.ts';
import { unpackDebianPackages } from '../../../fixtures/debian.ts';
import { compile, library, MAIN, temporaryDirectory } from '../tools.ts';

const directory = temporaryDirectory();

/** fcntl of a program built for large files, as most are: glibc calls it fcntl64 since 2.28. */
const FCNTL = '#include <fcntl.h>\nint main(int c, char **v) { return fcntl(c + 90, 1) == 0; }\n';
/** Known to musl only without the 64 behind its name. */
const OPEN64 =
  '#define _GNU_SOURCE\n#include <fcntl.h>\nint main(void) { return open64("/", 0) < 0; }\n';

/** A root whose only C library is musl, as the Debian suite has it. */
interface MuslRoot {
  readonly suite: string;
  readonly root: string;
}

const roots: MuslRoot[] = [];

beforeAll(async () => {
  for (const suite of ['bookworm', 'trixie']) {
    const root = path.join(directory, suite);
    await unpackDebianPackages(suite, ['musl'], root);
    for (const one of ['bin', 'opt/lib', 'usr/local/lib', 'lib64', 'etc']) {
      fs.mkdirSync(path.join(root, one), { recursive: true });
    }
    if (!fs.existsSync(path.join(root, 'lib'))) {
      // The package of a release with one /usr relies on the links that the system has.
      fs.symlinkSync('usr/lib', path.join(root, 'lib'));
    }
    roots.push({ suite, root });
  }
}, 120_000);

/** The simulation inside the root beside a real start in a chroot. */
function expectSameInRoot(root: string, program: string): DependencyReport {
  const report = new LoaderSession(root).simulate(program);
  const real = spawnSync('/usr/sbin/chroot', [root, program], {
    encoding: 'utf8',
    env: {},
  });
  expect({ verdict: report.verdict, stderr: real.stderr }).toMatchObject({
    verdict: real.status === 0 ? 'starts' : 'fails',
  });
  for (const symbol of report.symbolErrors) {
    expect(real.stderr).toContain(`${symbol.symbol}: symbol not found`);
  }
  return report;
}

/** musl's loader under glibc's name: the way a program built for glibc gets to it. */
function underGlibcName(root: string): void {
  const target = fs.readdirSync(path.join(root, 'lib')).find((one) => one.startsWith('ld-musl-'));
  const link = path.join(root, 'lib64/ld-linux-x86-64.so.2');
  fs.rmSync(link, { force: true });
  fs.symlinkSync(`/lib/${target ?? ''}`, link);
}

describe('F9 a root with musl alone', () => {
  test('F9 the path file decides where libraries are looked for, else the compiled-in path does', () => {
    for (const { root } of roots) {
      library(directory, 'libown.so', 'int own(void) { return 0; }\n', { compiler: 'musl-gcc' });
      const program = compile(
        directory,
        'own',
        'int own(void);\nint main(void) { return own(); }\n',
        [`-L${directory}`, '-lown'],
        'musl-gcc',
      );
      fs.copyFileSync(program, path.join(root, 'bin/own'));
      fs.rmSync(path.join(root, 'usr/local/lib/libown.so'), { force: true });
      fs.copyFileSync(path.join(directory, 'libown.so'), path.join(root, 'opt/lib/libown.so'));
      const pathFile = path.join(root, 'etc/ld-musl-x86_64.path');
      fs.writeFileSync(pathFile, '/nowhere\n\n/opt/lib:/usr/lib\n');
      expect(expectSameInRoot(root, '/bin/own').objects[0]).toMatchObject({
        path: '/opt/lib/libown.so',
        foundBy: 'default-directory',
      });
      fs.writeFileSync(pathFile, '');
      expect(expectSameInRoot(root, '/bin/own').missing).toMatchObject([
        { soname: 'libown.so', searched: [] },
      ]);
      fs.rmSync(pathFile);
      expect(expectSameInRoot(root, '/bin/own').missing[0]?.searched).toEqual([
        '/lib',
        '/usr/local/lib',
        '/usr/lib',
      ]);
      fs.renameSync(
        path.join(root, 'opt/lib/libown.so'),
        path.join(root, 'usr/local/lib/libown.so'),
      );
      expect(expectSameInRoot(root, '/bin/own').verdict).toBe('starts');
    }
  });

  test('F9 a program built for glibc has no interpreter there', () => {
    const [{ root } = { root: '' }] = roots;
    fs.rmSync(path.join(root, 'lib64/ld-linux-x86-64.so.2'), { force: true });
    fs.copyFileSync(compile(directory, 'glibc', MAIN), path.join(root, 'bin/glibc'));
    expect(expectSameInRoot(root, '/bin/glibc')).toMatchObject({
      verdict: 'fails',
      reason: 'interpreter-missing',
    });
  });

  test('F9 given musl’s loader, it fails at the symbols that only glibc has, such as fcntl64', () => {
    for (const { root } of roots) {
      underGlibcName(root);
      fs.copyFileSync(
        compile(directory, 'fcntl', FCNTL, ['-D_FILE_OFFSET_BITS=64']),
        path.join(root, 'bin/fcntl'),
      );
      expect(expectSameInRoot(root, '/bin/fcntl')).toMatchObject({
        verdict: 'fails',
        reason: 'musl',
        symbolErrors: [{ symbol: 'fcntl64', version: null, requiredBy: '/bin/fcntl' }],
      });
    }
  });

  test('F9 newer musl takes open for open64, and what needs no more than that starts', () => {
    for (const { root, suite } of roots) {
      underGlibcName(root);
      fs.copyFileSync(compile(directory, 'open64', OPEN64), path.join(root, 'bin/open64'));
      const report = expectSameInRoot(root, '/bin/open64');
      expect([suite, report.verdict]).toEqual([suite, 'starts']);
    }
  });
});
