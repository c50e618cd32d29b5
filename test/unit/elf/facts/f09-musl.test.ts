import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DependencyReport } from '../../../../shared/elf.ts';
import {
  chain,
  compile,
  expectSameAsReal,
  found,
  library,
  MAIN,
  RPATH,
  RUNPATH,
  temporaryDirectory,
} from '../tools.ts';

const directory = temporaryDirectory();
const LOADER = '/lib/ld-musl-x86_64.so.1';
const musl = { compiler: 'musl-gcc' };

/** The same chain of a program and two libraries, built for musl. */
function muslChain(name: string, programTags: string[], outerTags: string[] = []): string {
  return chain(directory, name, programTags, outerTags, 'musl-gcc');
}

/** The simulation beside `--list` of the loader itself and beside a real start. */
function expectSameAsMusl(
  program: string,
  environment: Record<string, string> = {},
): DependencyReport {
  const report = expectSameAsReal(program, environment);
  expect(ourList(report)).toEqual(listedBy([LOADER, '--list', program], environment));
  return report;
}

/** What the loader prints: the files it maps, without itself, in order. */
function listedBy(command: readonly string[], environment: Record<string, string> = {}): string[] {
  const [file = '', ...args] = command;
  const { stdout } = spawnSync(file, args, { encoding: 'utf8', env: environment });
  const names = [...stdout.matchAll(/ => (\S+) \(0x/g)].map((match) =>
    path.posix.normalize(match[1] ?? ''),
  );
  return names.filter((one) => one !== LOADER);
}

function ourList(report: DependencyReport): string[] {
  return report.objects.map((one) => one.path).filter((one) => one !== LOADER);
}

describe('F9 musl: how its loader searches', () => {
  test('F9 musl is decided by the interpreter itself, not by its name', () => {
    const program = compile(directory, 'plain', MAIN, [], 'musl-gcc');
    expect(expectSameAsMusl(program)).toMatchObject({ verdict: 'starts', reason: null });
    const disguised = path.join(directory, 'ld-linux-x86-64.so.2');
    fs.copyFileSync('/lib/x86_64-linux-musl/libc.so', disguised);
    const other = compile(directory, 'other', MAIN, [`-Wl,--dynamic-linker=${disguised}`]);
    const report = expectSameAsReal(other);
    expect(report.objects.map((one) => [one.soname, one.path])).toEqual([['libc.so', disguised]]);
  });

  test('F9 RPATH and RUNPATH mean the same to musl and both reach libraries of libraries', () => {
    const inherited = ['-Wl,-rpath,$ORIGIN:$ORIGIN/deep'];
    const rpath = expectSameAsMusl(muslChain('rpath', [RPATH, ...inherited]));
    expect(found(rpath, 'libinner.so')?.foundBy).toBe('rpath');
    const runpath = expectSameAsMusl(muslChain('runpath', [RUNPATH, ...inherited]));
    expect(found(runpath, 'libinner.so')?.foundBy).toBe('runpath');
    const both = muslChain('both', [RPATH, ...inherited], [RUNPATH, '-Wl,-rpath,/nowhere']);
    expect(expectSameAsMusl(both).verdict).toBe('starts');
  });

  test('F9 LD_LIBRARY_PATH comes before RPATH', () => {
    const other = path.join(directory, 'elsewhere');
    library(other, 'libouter.so', 'int outer(void) { return 0; }\n', musl);
    const program = muslChain('library-path', [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep']);
    const report = expectSameAsMusl(program, { LD_LIBRARY_PATH: `/nowhere:${other}` });
    expect(found(report, 'libouter.so')).toEqual({
      path: `${other}/libouter.so`,
      foundBy: 'ld-library-path',
    });
  });

  test('F9 a token other than $ORIGIN makes the whole search path void', () => {
    const program = muslChain('tokens', [RPATH, '-Wl,-rpath,$ORIGIN:$LIB:$ORIGIN/deep']);
    const report = expectSameAsMusl(program);
    expect(report.missing.map((one) => one.soname)).toEqual(['libouter.so']);
    expect(report.missing[0]?.searched).toEqual([
      '/lib/x86_64-linux-musl',
      '/usr/lib/x86_64-linux-musl',
    ]);
  });

  test('F9 libm, libpthread, glibc’s libc.so.6 and a second libc are the loader itself', () => {
    const base = path.join(directory, 'reserved');
    for (const name of ['libm.so.6', 'libpthread.so.0', 'libc.so.6', 'libxnet.so.1']) {
      library(base, name, 'int never(void) { return 0; }\n', musl);
    }
    fs.copyFileSync('/lib/x86_64-linux-musl/libc.so', path.join(base, 'libother.so'));
    const program = compile(
      base,
      'program',
      MAIN,
      [
        '-Wl,--no-as-needed',
        ...['m.so.6', 'pthread.so.0', 'c.so.6', 'xnet.so.1'].map((name) => `${base}/lib${name}`),
        `${base}/libother.so`,
        RPATH,
        '-Wl,-rpath,$ORIGIN',
      ],
      'musl-gcc',
    );
    const report = expectSameAsMusl(program);
    expect(report.objects.map((one) => one.soname)).toEqual(['libc.so']);
  });

  test('F9 one inode is loaded once, and a file of another architecture ends the search', () => {
    const base = path.join(directory, 'identity');
    library(base, 'liba.so', 'int a(void) { return 0; }\n', musl);
    library(base, 'libb.so', 'int b(void) { return 0; }\n', musl);
    const tags = ['-Wl,--no-as-needed', `-L${base}`, '-la', '-lb', RPATH];
    const search = '-Wl,-rpath,$ORIGIN/first:$ORIGIN';
    const program = compile(base, 'program', MAIN, [...tags, search], 'musl-gcc');
    fs.rmSync(path.join(base, 'libb.so'));
    fs.linkSync(path.join(base, 'liba.so'), path.join(base, 'libb.so'));
    const twice = expectSameAsReal(program);
    expect(ourList(twice)).toEqual([path.join(base, 'liba.so')]);
    fs.mkdirSync(path.join(base, 'first'));
    const foreign = fs.readFileSync(path.join(base, 'liba.so'));
    foreign.fill(0, 0, 4);
    fs.writeFileSync(path.join(base, 'first', 'liba.so'), foreign.subarray(0, 40));
    expect(expectSameAsMusl(program).missing).toMatchObject([
      { soname: 'liba.so', searched: [path.join(base, 'first', 'liba.so')] },
    ]);
  });

  test('F9 a preload is loaded first; one that is missing is passed over', () => {
    const file = library(directory, 'libearly.so', 'int early;\n', musl);
    const program = compile(directory, 'preloaded', MAIN, [], 'musl-gcc');
    const report = expectSameAsMusl(program, { LD_PRELOAD: `/no/lib.so ${file}` });
    expect(report.objects[0]).toMatchObject({ path: file, foundBy: 'preload' });
  });
});

describe('F9 musl: symbols', () => {
  test('F9 versions say nothing, and every absent symbol stops the program at its start', () => {
    const base = path.join(directory, 'symbols');
    const versions = 'V_1 { global: f; local: *; };\nV_2 { global: g; } V_1;\n';
    const both = 'int f(void) { return 0; }\nint g(void) { return 0; }\n';
    library(base, 'libv.so', both, { ...musl, versions });
    const source =
      'int f(void);\nint g(void);\nint main(int c, char **v) { return c > 5 ? f() + g() : 0; }\n';
    const program = compile(
      base,
      'program',
      source,
      [`-L${base}`, '-lv', RPATH, '-Wl,-rpath,$ORIGIN', '-Wl,-z,lazy'],
      'musl-gcc',
    );
    expect(expectSameAsMusl(program).verdict).toBe('starts');
    library(base, 'libv.so', both, { ...musl, versions: 'V_1 { global: f; g; local: *; };\n' });
    expect(expectSameAsMusl(program)).toMatchObject({ verdict: 'starts', versionErrors: [] });
    library(base, 'libv.so', 'int f(void) { return 0; }\n', musl);
    expect(expectSameAsMusl(program)).toMatchObject({
      verdict: 'fails',
      reason: null,
      symbolErrors: [{ symbol: 'g', version: null, requiredBy: program }],
    });
  });

  test('F9 a weak symbol may be absent, copied data may not', () => {
    const base = path.join(directory, 'data');
    library(base, 'libd.so', 'int data = 0;\n', musl);
    const program = compile(
      base,
      'program',
      'extern int data;\nextern int maybe(void) __attribute__((weak));\nint main(void) { return maybe ? maybe() : data; }\n',
      [`-L${base}`, '-ld', '-no-pie', RPATH, '-Wl,-rpath,$ORIGIN'],
      'musl-gcc',
    );
    expect(expectSameAsMusl(program)).toMatchObject({ verdict: 'starts', symbolErrors: [] });
    library(base, 'libd.so', 'int other = 0;\n', musl);
    expect(expectSameAsMusl(program)).toMatchObject({
      verdict: 'fails',
      symbolErrors: [{ symbol: 'data' }],
    });
  });
});
