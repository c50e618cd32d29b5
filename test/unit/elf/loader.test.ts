import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { dependencyReportSchema, type DependencyReport } from '../../../shared/elf.ts';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { compile, library, MAIN, start, temporaryDirectory } from './tools.ts';

const directory = temporaryDirectory();
const RPATH = '-Wl,--disable-new-dtags';
const RUNPATH = '-Wl,--enable-new-dtags';

function simulate(file: string, environment: Record<string, string> = {}): DependencyReport {
  const report = new LoaderSession('/', { environment }).simulate(file);
  dependencyReportSchema.parse(report);
  return report;
}

/** The simulation and a real start must agree. */
function expectSameAsReal(
  file: string,
  environment: Record<string, string> = {},
): DependencyReport {
  const report = simulate(file, environment);
  const real = start(file, environment);
  expect({ verdict: report.verdict, stderr: real.stderr }).toMatchObject({
    verdict: real.status === 0 ? 'starts' : 'fails',
  });
  return report;
}

function found(report: DependencyReport, soname: string): { path: string; foundBy: string } | null {
  const object = report.objects.find((one) => one.soname === soname);
  return object === undefined ? null : { path: object.path, foundBy: object.foundBy };
}

/** `program` needs libouter.so, which needs libinner.so in `deep/`. */
function chain(name: string, programTags: string[], outerTags: string[]): string {
  const base = path.join(directory, name);
  fs.mkdirSync(path.join(base, 'deep'), { recursive: true });
  library(base, 'deep/libinner.so', 'int inner(void) { return 0; }\n');
  library(base, 'libouter.so', 'int inner(void);\nint outer(void) { return inner(); }\n', {
    args: [`-L${base}/deep`, '-linner', ...outerTags],
  });
  return compile(base, 'program', 'int outer(void);\nint main(void) { return outer(); }\n', [
    `-L${base}`,
    '-louter',
    `-Wl,-rpath-link,${base}/deep`,
    ...programTags,
  ]);
}

describe('fact 4: RPATH and RUNPATH', () => {
  test('a DT_RPATH reaches the libraries of libraries', () => {
    const program = chain('rpath', [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    const report = expectSameAsReal(program);
    expect(found(report, 'libinner.so')?.foundBy).toBe('rpath');
  });

  test('a DT_RUNPATH does not', () => {
    const program = chain('runpath', [RUNPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    const report = expectSameAsReal(program);
    expect(report.missing).toMatchObject([
      { soname: 'libinner.so', requiredBy: [expect.stringMatching(/libouter\.so$/)] },
    ]);
    expect(report.missing[0]?.searched).toContain('/etc/ld.so.cache');
    expect(found(report, 'libouter.so')?.foundBy).toBe('runpath');
  });

  test('a RUNPATH of the library stops the walk up to the RPATH of the program', () => {
    const program = chain(
      'stopped',
      [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'],
      [RUNPATH, '-Wl,-rpath,/nowhere'],
    );
    expect(expectSameAsReal(program).verdict).toBe('fails');
  });

  test('a RUNPATH hides the same file’s RPATH', () => {
    const program = chain('hidden', [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    // Nothing writes both tags any more: turn DT_DEBUG into a DT_RUNPATH of the empty string.
    const bytes = fs.readFileSync(program);
    const offset = Number(
      /DYNAMIC\s+0x([0-9a-f]+)/.exec(
        execFileSync('readelf', ['-lW', program], { encoding: 'utf8' }),
      )?.[1] === undefined
        ? 0
        : Number.parseInt(
            /DYNAMIC\s+0x([0-9a-f]+)/.exec(
              execFileSync('readelf', ['-lW', program], { encoding: 'utf8' }),
            )?.[1] ?? '0',
            16,
          ),
    );
    for (let at = offset; bytes.readBigUInt64LE(at) !== 0n; at += 16) {
      if (bytes.readBigUInt64LE(at) === 21n) {
        bytes.writeBigUInt64LE(29n, at);
        bytes.writeBigUInt64LE(0n, at + 8);
      }
    }
    fs.writeFileSync(program, bytes);
    const report = expectSameAsReal(program);
    expect(report.missing.map((one) => one.soname)).toEqual(['libouter.so']);
  });

  test('RPATH comes before LD_LIBRARY_PATH, RUNPATH after it', () => {
    const other = path.join(directory, 'other');
    fs.mkdirSync(other, { recursive: true });
    library(other, 'libouter.so', 'int outer(void) { return 0; }\n');
    const environment = { LD_LIBRARY_PATH: other };
    const first = chain('rpath-first', [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    expect(found(expectSameAsReal(first, environment), 'libouter.so')?.foundBy).toBe('rpath');
    const second = chain('runpath-second', [RUNPATH, '-Wl,-rpath,$ORIGIN'], []);
    expect(found(expectSameAsReal(second, environment), 'libouter.so')).toEqual({
      path: `${other}/libouter.so`,
      foundBy: 'ld-library-path',
    });
  });
});

describe('fact 5: tokens and secure mode', () => {
  test.each(['$LIB', '${LIB}', '$PLATFORM', '${PLATFORM}'])('%s', (token) => {
    const base = path.join(directory, `token-${token.replace(/\W/g, '')}-${token.length}`);
    const value = /LIB/.test(token) ? 'lib/x86_64-linux-gnu' : platform();
    fs.mkdirSync(path.join(base, value), { recursive: true });
    library(base, `${value}/libtoken.so`, 'int token(void) { return 0; }\n');
    const program = compile(
      base,
      'program',
      'int token(void);\nint main(void) { return token(); }\n',
      [`-L${base}/${value}`, '-ltoken', RUNPATH, `-Wl,-rpath,${base}/${token}`],
    );
    expect(found(expectSameAsReal(program), 'libtoken.so')?.path).toBe(
      `${base}/${value}/libtoken.so`,
    );
  });

  test('$ORIGIN of a program reached through a link is where it really lies', () => {
    const program = chain('linked', [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    const link = path.join(directory, 'link-to-program');
    fs.symlinkSync(program, link);
    expect(expectSameAsReal(link).verdict).toBe('starts');
  });

  test('a setuid program ignores LD_LIBRARY_PATH and $ORIGIN outside system directories', () => {
    const program = chain('secure', [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    fs.chmodSync(program, 0o4755);
    const report = simulate(program, { LD_LIBRARY_PATH: path.dirname(program) });
    expect(report.missing.map((one) => one.soname)).toEqual(['libouter.so']);
    fs.chmodSync(program, 0o755);
    const capable = new LoaderSession('/').simulate(program, { capabilities: true });
    expect(capable.verdict).toBe('fails');
  });
});

/** A library with two versions, and a program that needs both. */
function versioned(name: string, programArgs: string[] = []): { base: string; program: string } {
  const base = path.join(directory, name);
  fs.mkdirSync(base, { recursive: true });
  library(base, 'libv.so', 'int f(void) { return 0; }\nint g(void) { return 0; }\n', {
    versions: 'V_1 { global: f; local: *; };\nV_ODD { global: g; } V_1;\n',
  });
  const program = compile(
    base,
    'program',
    'int f(void);\nint g(void);\nint main(int c, char **v) { return c > 5 ? f() + g() : 0; }\n',
    [`-L${base}`, '-lv', RUNPATH, '-Wl,-rpath,$ORIGIN', ...programArgs],
  );
  return { base, program };
}

describe('facts 1 to 3: versions and symbols', () => {
  test('a missing version is named with the symbols that carry it', () => {
    const { base, program } = versioned('version');
    expect(expectSameAsReal(program).verdict).toBe('starts');
    library(base, 'libv.so', 'int f(void) { return 0; }\n', {
      versions: 'V_1 { global: f; local: *; };\n',
    });
    const report = expectSameAsReal(program);
    expect(report.versionErrors).toEqual([
      {
        library: 'libv.so',
        version: 'V_ODD',
        requiredBy: program,
        weak: false,
        path: path.join(base, 'libv.so'),
        symbols: ['g'],
      },
    ]);
  });

  test('a library without version definitions satisfies every version', () => {
    const { base, program } = versioned('unversioned');
    library(base, 'libv.so', 'int f(void) { return 0; }\nint g(void) { return 0; }\n');
    expect(expectSameAsReal(program).versionErrors).toEqual([]);
  });

  test('a weak version need is flagged and the program starts', () => {
    const { base, program } = versioned('weak');
    library(base, 'libv.so', 'int f(void) { return 0; }\nint g(void) { return 0; }\n', {
      versions: 'V_1 { global: f; g; local: *; };\n',
    });
    markWeak(program, 'V_ODD');
    const report = expectSameAsReal(program);
    expect(report.versionErrors).toMatchObject([{ version: 'V_ODD', weak: true, symbols: ['g'] }]);
  });

  test('a symbol that is absent although its version is there', () => {
    for (const [name, args, verdict] of [
      ['lazy', ['-Wl,-z,lazy'], 'starts'],
      ['now', ['-Wl,-z,now'], 'fails'],
    ] as const) {
      const { base, program } = versioned(`symbol-${name}`, [...args]);
      library(base, 'libv.so', 'int f(void) { return 0; }\nint h(void) { return 0; }\n', {
        versions: 'V_1 { global: f; local: *; };\nV_ODD { global: h; } V_1;\n',
      });
      const report = expectSameAsReal(program);
      expect(report.symbolErrors).toEqual([{ symbol: 'g', version: 'V_ODD', requiredBy: program }]);
      expect(report.verdict).toBe(verdict);
      expect(expectSameAsReal(program, { LD_BIND_NOW: '1' }).verdict).toBe('fails');
    }
  });

  test('weak undefined symbols are no failure, strong unversioned data is', () => {
    const base = path.join(directory, 'data');
    fs.mkdirSync(base, { recursive: true });
    library(base, 'libd.so', 'int data = 0;\n');
    const program = compile(
      base,
      'program',
      'extern int data;\nextern int maybe(void) __attribute__((weak));\nint main(void) { return maybe ? maybe() : data; }\n',
      [`-L${base}`, '-ld', '-fPIE', '-Wl,--no-as-needed', RUNPATH, '-Wl,-rpath,$ORIGIN'],
    );
    expect(expectSameAsReal(program).symbolErrors).toEqual([]);
    library(base, 'libd.so', 'int other = 0;\n');
    const report = expectSameAsReal(program);
    expect(report).toMatchObject({ verdict: 'fails', symbolErrors: [{ symbol: 'data' }] });
  });
});

describe('fact 6: identity', () => {
  test('one inode reached by two names is loaded once', () => {
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

  test('a soname already loaded satisfies later requests, whatever their search path', () => {
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

test('fact 7: a host libm beside a private libc is a mixed glibc', () => {
  const base = path.join(directory, 'mixed');
  fs.mkdirSync(base, { recursive: true });
  fs.copyFileSync('/lib/x86_64-linux-gnu/libc.so.6', path.join(base, 'libc.so.6'));
  const program = compile(
    base,
    'program',
    '#include <math.h>\nint main(int c, char **v) { return (int)pow(c, c) - 1; }\n',
    ['-lm', '-Wl,--no-as-needed', RPATH, '-Wl,-rpath,$ORIGIN'],
  );
  const report = simulate(program);
  const sonames = report.mixedGlibc.map((one) => one.soname);
  expect(sonames).toContain('libm.so.6');
  expect(sonames).toContain('ld-linux-x86-64.so.2');
  expect(report.mixedGlibc[0]?.expected).toBe(base);
  expect(simulate('/bin/ls').mixedGlibc).toEqual([]);
});

describe('fact 8: what is no error', () => {
  test('static and static-PIE programs start', () => {
    for (const args of [['-static'], ['-static-pie']]) {
      const program = compile(directory, `still${args.join('')}`, MAIN, args);
      expect(expectSameAsReal(program)).toMatchObject({ verdict: 'starts', reason: 'static' });
    }
  });

  test('a shared object without interpreter is judged by what it needs', () => {
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

  test('a library of another architecture on the search path is passed over', () => {
    const program = chain('foreign', [RPATH, '-Wl,-rpath,$ORIGIN/alien:$ORIGIN:$ORIGIN/deep'], []);
    const alien = path.join(path.dirname(program), 'alien');
    fs.mkdirSync(alien);
    const bytes = fs.readFileSync(path.join(path.dirname(program), 'libouter.so'));
    bytes.writeUInt16LE(183, 18);
    fs.writeFileSync(path.join(alien, 'libouter.so'), bytes);
    expect(found(expectSameAsReal(program), 'libouter.so')?.path).not.toContain('alien');
    expect(simulate(path.join(alien, 'libouter.so'))).toMatchObject({ verdict: 'unknown' });
  });

  test('a text file where a library is looked for stops the loader', () => {
    const program = chain('text', [RPATH, '-Wl,-rpath,$ORIGIN/text:$ORIGIN:$ORIGIN/deep'], []);
    const text = path.join(path.dirname(program), 'text');
    fs.mkdirSync(text);
    fs.writeFileSync(path.join(text, 'libouter.so'), 'INPUT(libouter.so.1)\n'.repeat(10));
    expect(expectSameAsReal(program).missing[0]?.soname).toBe('libouter.so');
  });
});

describe('fact 9 and interpreters', () => {
  test('musl is decided by the interpreter itself, not by its name', () => {
    const program = compile(directory, 'musl', MAIN, [], 'musl-gcc');
    expect(simulate(program)).toMatchObject({ verdict: 'unknown', reason: 'musl' });
    const disguised = path.join(directory, 'ld-linux-x86-64.so.2');
    fs.copyFileSync('/lib/x86_64-linux-musl/libc.so', disguised);
    const other = compile(directory, 'disguised', MAIN, [`-Wl,--dynamic-linker=${disguised}`]);
    expect(simulate(other)).toMatchObject({ verdict: 'unknown', reason: 'musl' });
  });

  test('a missing or unusable interpreter is the reason', () => {
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

  test('a private copy of the loader keeps its compiled-in directories and the host’s cache', () => {
    const copy = path.join(directory, 'private', 'ld-linux-x86-64.so.2');
    fs.mkdirSync(path.dirname(copy), { recursive: true });
    fs.copyFileSync(fs.realpathSync('/lib64/ld-linux-x86-64.so.2'), copy);
    fs.chmodSync(copy, 0o755);
    const program = compile(directory, 'private-loader', MAIN, [`-Wl,--dynamic-linker=${copy}`]);
    const report = expectSameAsReal(program);
    expect(found(report, 'libc.so.6')?.foundBy).toBe('cache');
    expect(report.mixedGlibc.map((one) => one.soname)).toEqual(['ld-linux-x86-64.so.2']);
  });

  test('what is not a program says so', () => {
    expect(simulate('/etc/passwd')).toMatchObject({ verdict: 'unknown', reason: 'not-elf' });
    expect(simulate('/no/such')).toMatchObject({ verdict: 'unknown', reason: 'unreadable' });
  });
});

describe('fact 11 and other roots', () => {
  test('LD_PRELOAD objects come first and a missing one is ignored', () => {
    const file = library(directory, 'libpre.so', 'int unused;\n');
    const report = simulate('/bin/true', { LD_PRELOAD: `${file} /no/lib.so` });
    expect(report.objects[0]).toMatchObject({ path: file, foundBy: 'preload' });
  });

  test('links, preload file and libraries of another root are seen from inside it', () => {
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

/** Sets VER_FLG_WEAK on one needed version of a file. */
function markWeak(file: string, version: string): void {
  const bytes = fs.readFileSync(file);
  const hash = Buffer.alloc(4);
  hash.writeUInt32LE(elfHash(version));
  const at = bytes.indexOf(hash);
  expect(at).toBeGreaterThan(0);
  bytes.writeUInt16LE(2, at + 4);
  fs.writeFileSync(file, bytes);
}

function elfHash(name: string): number {
  let hash = 0;
  for (const character of Buffer.from(name)) {
    hash = ((hash << 4) + character) >>> 0;
    const high = hash & 0xf0000000;
    hash = ((hash ^ (high >>> 24)) & ~high) >>> 0;
  }
  return hash;
}

/** What the running loader takes `$PLATFORM` for. */
function platform(): string {
  const text = execFileSync('/lib64/ld-linux-x86-64.so.2', ['--list-diagnostics'], {
    encoding: 'utf8',
  });
  return /dl_platform="([^"]*)"/.exec(text)?.[1] ?? 'x86_64';
}
