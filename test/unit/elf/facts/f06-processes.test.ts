import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { LoaderSession } from '../../../../electron/engine/elf/loader.ts';
import {
  chain,
  compile,
  expectSameAsReal,
  found,
  library,
  MAIN,
  RPATH,
  RUNPATH,
  simulate,
  temporaryDirectory,
} from '../tools.ts';

const directory = temporaryDirectory();

describe('F6 identity', () => {
  test('F6 one inode reached by two names is loaded once', () => {
    const base = path.join(directory, 'identity');
    fs.mkdirSync(base, { recursive: true });
    library(base, 'liba.so', 'int a(void) { return 0; }\n', { args: ['-Wl,-soname,liba.so'] });
    fs.copyFileSync(path.join(base, 'liba.so'), path.join(base, 'libb.so'));
    execFileSync('patchelf', ['--set-soname', 'libb.so', path.join(base, 'libb.so')]);
    const program = compile(base, 'program', MAIN, [
      `-L${base}`,
      '-Wl,--no-as-needed',
      '-la',
      '-lb',
      RUNPATH,
      '-Wl,-rpath,$ORIGIN',
    ]);
    fs.rmSync(path.join(base, 'libb.so'));
    fs.linkSync(path.join(base, 'liba.so'), path.join(base, 'libb.so'));
    const report = expectSameAsReal(program);
    expect(report.objects.map((one) => one.soname)).toEqual([
      'liba.so',
      'libc.so.6',
      'ld-linux-x86-64.so.2',
    ]);
    expect(report.objects[0]?.requiredBy).toEqual([program, program]);
  });

  test('F6 a soname already loaded satisfies later requests, whatever their search path', () => {
    const base = path.join(directory, 'already');
    fs.mkdirSync(path.join(base, 'x'), { recursive: true });
    library(base, 'libone.so', 'int one(void) { return 0; }\n');
    library(base, 'x/libtwo.so', 'int one(void);\nint two(void) { return one(); }\n', {
      args: [`-L${base}`, '-lone'],
    });
    const program = compile(
      base,
      'program',
      'int one(void);\nint two(void);\nint main(void) { return one() + two(); }\n',
      [`-L${base}`, `-L${base}/x`, '-lone', '-ltwo', RUNPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/x'],
    );
    const report = expectSameAsReal(program);
    const one = report.objects.find((object) => object.soname === 'libone.so');
    expect(one?.requiredBy).toEqual([program, `${base}/x/libtwo.so`]);
  });
});

test('F7 a host libm beside a private libc is a mixed glibc', () => {
  const base = path.join(directory, 'mixed');
  fs.mkdirSync(base, { recursive: true });
  fs.copyFileSync('/lib/x86_64-linux-gnu/libc.so.6', path.join(base, 'libc.so.6'));
  const program = compile(
    base,
    'program',
    '#include <math.h>\nint main(int c, char **v) { return (int)pow(c, c) - 1; }\n',
    ['-lm', '-Wl,--no-as-needed', RPATH, '-Wl,-rpath,$ORIGIN'],
  );
  // The same release in two places starts; only the mixture is remarked on.
  const report = expectSameAsReal(program);
  const sonames = report.mixedGlibc.map((one) => one.soname);
  expect(sonames).toContain('libm.so.6');
  expect(sonames).toContain('ld-linux-x86-64.so.2');
  expect(report.mixedGlibc[0]?.expected).toBe(base);
  expect(simulate('/bin/ls').mixedGlibc).toEqual([]);
});

describe('F8 what is no error', () => {
  test('F8 static and static-PIE programs start', () => {
    for (const args of [['-static'], ['-static-pie']]) {
      const program = compile(directory, `still${args.join('')}`, MAIN, args);
      expect(expectSameAsReal(program)).toMatchObject({ verdict: 'starts', reason: 'static' });
    }
  });

  test('F8 a shared object without interpreter is judged by what it needs', () => {
    const file = library(
      directory,
      'libplain.so',
      '#include <stdio.h>\nvoid f(void) { puts(""); }\n',
    );
    expect(simulate(file)).toMatchObject({
      verdict: 'starts',
      reason: 'no-interpreter',
      missing: [],
    });
  });

  test('F8 a library of another architecture on the search path is passed over', () => {
    const program = chain(
      directory,
      'foreign',
      [RPATH, '-Wl,-rpath,$ORIGIN/alien:$ORIGIN:$ORIGIN/deep'],
      [],
    );
    const alien = path.join(path.dirname(program), 'alien');
    fs.mkdirSync(alien);
    const bytes = fs.readFileSync(path.join(path.dirname(program), 'libouter.so'));
    bytes.writeUInt16LE(183, 18);
    fs.writeFileSync(path.join(alien, 'libouter.so'), bytes);
    expect(found(expectSameAsReal(program), 'libouter.so')?.path).not.toContain('alien');
    expect(simulate(path.join(alien, 'libouter.so'))).toMatchObject({ verdict: 'unknown' });
  });

  test('F8 a text file where a library is looked for stops the loader', () => {
    const program = chain(
      directory,
      'text',
      [RPATH, '-Wl,-rpath,$ORIGIN/text:$ORIGIN:$ORIGIN/deep'],
      [],
    );
    const text = path.join(path.dirname(program), 'text');
    fs.mkdirSync(text);
    fs.writeFileSync(path.join(text, 'libouter.so'), 'INPUT(libouter.so.1)\n'.repeat(10));
    expect(expectSameAsReal(program).missing[0]?.soname).toBe('libouter.so');
  });
});

describe('F8 execute permission', () => {
  const started = (file: string): string =>
    spawnSync('/bin/sh', ['-c', 'exec "$0"', file], { encoding: 'utf8' }).stderr;

  test.each([
    ['dynamic', []],
    ['dynamic and at a fixed address', ['-no-pie']],
    ['static', ['-static']],
    ['static-PIE', ['-static-pie']],
  ] as const)('F8 a program that nobody may execute does not start: %s', (name, args) => {
    const program = compile(directory, `mode ${name}`, MAIN, args);
    fs.chmodSync(program, 0o644);
    expect(started(program)).toContain('Permission denied');
    const report = simulate(program);
    expect(report).toMatchObject({ verdict: 'fails', reason: 'not-executable', missing: [] });
    fs.chmodSync(program, 0o654);
    expect(expectSameAsReal(program).verdict).toBe('starts');
  });

  test('F8 a library needs no such permission, also one that names an interpreter', () => {
    const source = `const char interpreter[] __attribute__((section(".interp"))) =
  "/lib64/ld-linux-x86-64.so.2";
int plain(void) { return 0; }
`;
    const file = library(directory, 'libmode.so', source);
    fs.chmodSync(file, 0o644);
    expect(simulate(file)).toMatchObject({ verdict: 'starts', reason: null });
    const use = 'int plain(void);\nint main(void) { return plain(); }\n';
    const args = [`-L${directory}`, '-lmode', RUNPATH, '-Wl,-rpath,$ORIGIN'];
    expect(expectSameAsReal(compile(directory, 'modeless', use, args)).verdict).toBe('starts');
  });
});

describe('F8 interpreters', () => {
  test('F8 a missing or unusable interpreter is the reason', () => {
    const missing = compile(directory, 'lost', MAIN, ['-Wl,--dynamic-linker=/no/ld.so']);
    expect(simulate(missing)).toMatchObject({
      verdict: 'fails',
      reason: 'interpreter-missing',
      interpreter: '/no/ld.so',
    });
    const text = path.join(directory, 'not-a-loader');
    fs.writeFileSync(text, '#!/bin/sh\nexit 0\n');
    const broken = compile(directory, 'broken', MAIN, [`-Wl,--dynamic-linker=${text}`]);
    expect(simulate(broken)).toMatchObject({ verdict: 'fails', reason: 'interpreter-unusable' });
  });

  test('F8 a relative interpreter is looked for in the working directory, as the kernel does', () => {
    const base = path.join(directory, 'relative');
    fs.mkdirSync(path.join(base, 'elsewhere'), { recursive: true });
    fs.symlinkSync('/lib64/ld-linux-x86-64.so.2', path.join(base, 'loader.so'));
    const program = compile(base, 'program', MAIN, ['-Wl,--dynamic-linker=loader.so']);
    for (const [workingDirectory, verdict] of [
      [base, 'starts'],
      [path.join(base, 'elsewhere'), 'fails'],
    ] as const) {
      const report = new LoaderSession('/', { workingDirectory }).simulate(program);
      const real = spawnSync(program, [], { cwd: workingDirectory });
      expect([report.verdict, real.status === 0]).toEqual([verdict, verdict === 'starts']);
    }
    const { reason } = new LoaderSession('/').simulate(program);
    expect(reason).toBe('interpreter-missing');
  });

  test('F8 an interpreter that may not be executed is no interpreter', () => {
    const copy = path.join(directory, 'plain', 'ld.so.2');
    fs.mkdirSync(path.dirname(copy), { recursive: true });
    fs.copyFileSync(fs.realpathSync('/lib64/ld-linux-x86-64.so.2'), copy);
    fs.chmodSync(copy, 0o644);
    const program = compile(directory, 'no-exec', MAIN, [`-Wl,--dynamic-linker=${copy}`]);
    expect(expectSameAsReal(program)).toMatchObject({ reason: 'interpreter-unusable' });
  });

  test('F11 a private copy of the loader keeps its compiled-in directories and the host’s cache', () => {
    const copy = path.join(directory, 'private', 'ld-linux-x86-64.so.2');
    fs.mkdirSync(path.dirname(copy), { recursive: true });
    fs.copyFileSync(fs.realpathSync('/lib64/ld-linux-x86-64.so.2'), copy);
    fs.chmodSync(copy, 0o755);
    const program = compile(directory, 'private-loader', MAIN, [`-Wl,--dynamic-linker=${copy}`]);
    const report = expectSameAsReal(program);
    expect(found(report, 'libc.so.6')?.foundBy).toBe('cache');
    expect(report.mixedGlibc.map((one) => one.soname)).toEqual(['ld-linux-x86-64.so.2']);
  });

  test('F8 what is not a program says so', () => {
    expect(simulate('/etc/passwd')).toMatchObject({ verdict: 'unknown', reason: 'not-elf' });
    expect(simulate('/no/such')).toMatchObject({ verdict: 'unknown', reason: 'unreadable' });
  });
});

describe('F11 preload and other roots', () => {
  test('F11 LD_PRELOAD objects come first and a missing one is ignored', () => {
    const file = library(directory, 'libpre.so', 'int unused;\n');
    const report = simulate('/bin/true', { LD_PRELOAD: `${file} /no/lib.so` });
    expect(report.objects[0]).toMatchObject({ path: file, foundBy: 'preload' });
  });

  test('F11 links, preload file (ld.so.preload) and libraries of another root are seen from inside it', () => {
    const root = path.join(directory, 'root');
    for (const one of ['bin', 'lib64', 'usr/lib/x86_64-linux-gnu', 'etc', 'opt']) {
      fs.mkdirSync(path.join(root, one), { recursive: true });
    }
    fs.symlinkSync('/usr/lib', path.join(root, 'lib'));
    fs.copyFileSync('/bin/true', path.join(root, 'bin/true'));
    const lib = path.join(root, 'usr/lib/x86_64-linux-gnu');
    fs.copyFileSync('/lib/x86_64-linux-gnu/libc.so.6', path.join(lib, 'libc.so.6'));
    const loader = 'ld-linux-x86-64.so.2';
    fs.copyFileSync(`/lib64/${loader}`, path.join(lib, loader));
    fs.symlinkSync(`/lib/x86_64-linux-gnu/${loader}`, path.join(root, 'lib64', loader));
    fs.copyFileSync(
      library(directory, 'libpre2.so', 'int u;\n'),
      path.join(root, 'opt/libpre2.so'),
    );
    fs.writeFileSync(path.join(root, 'etc/ld.so.preload'), '# comment\n/opt/libpre2.so\n');
    const session = new LoaderSession(root);
    const report = session.simulate('/bin/true');
    expect(report).toMatchObject({ verdict: 'starts', mixedGlibc: [] });
    expect(report.objects.map((one) => [one.path, one.foundBy])).toEqual([
      ['/opt/libpre2.so', 'preload'],
      ['/lib/x86_64-linux-gnu/libc.so.6', 'default-directory'],
      ['/lib64/ld-linux-x86-64.so.2', 'absolute-path'],
    ]);
    const chroot = spawnSync('chroot', [root, '/bin/true']);
    expect(chroot.status).toBe(0);
  });
});
