import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  compile,
  expectSameAsReal,
  library,
  markWeak,
  RUNPATH,
  start,
  temporaryDirectory,
} from '../tools.ts';

const directory = temporaryDirectory();

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

describe('F1 to F3 versions and symbols', () => {
  test('F1 a missing version is named with the symbols that carry it', () => {
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

  test('F1 a library without version definitions satisfies every version', () => {
    const { base, program } = versioned('unversioned');
    library(base, 'libv.so', 'int f(void) { return 0; }\nint g(void) { return 0; }\n');
    expect(expectSameAsReal(program).versionErrors).toEqual([]);
  });

  test('F1 one without any table of versions ends the loader, when the symbol is looked up', () => {
    for (const compiler of ['gcc', 'musl-gcc']) {
      const { base, program } = versioned(`bare-${compiler}`, ['-Wl,-z,now']);
      library(base, 'libv.so', 'int f(void) { return 0; }\nint g(void) { return 0; }\n', {
        compiler,
        args: ['-nostdlib'],
      });
      const report = expectSameAsReal(program);
      expect(start(program).stderr).toContain('check_match: Assertion');
      expect(report.symbolErrors.map((one) => `${one.symbol}@${one.version}`).sort()).toEqual([
        'f@V_1',
        'g@V_ODD',
      ]);
    }
  });

  test('F1 versions of a library whose DT_NEEDED an editor removed stop the loader', () => {
    const { program } = versioned('removed');
    execFileSync('patchelf', ['--remove-needed', 'libv.so', program]);
    expect(expectSameAsReal(program).missing).toEqual([
      { soname: 'libv.so', requiredBy: [program], searched: [] },
    ]);
  });

  test('F1 versions are looked for under the name asked for: a path with the same soname is another', () => {
    const { base, program } = versioned('renamed');
    execFileSync('patchelf', ['--remove-needed', 'libv.so', program]);
    execFileSync('patchelf', ['--add-needed', path.join(base, 'libv.so'), program]);
    const report = expectSameAsReal(program);
    expect(start(program).stderr).toContain('_dl_check_map_versions: Assertion');
    expect(report.missing.map((one) => one.soname)).toEqual(['libv.so']);
    // Once anybody asks for the soname, it is the library's name too.
    execFileSync('patchelf', ['--add-needed', 'libv.so', program]);
    expect(expectSameAsReal(program).missing).toEqual([]);
  });

  test('F3 a weak version need is flagged and the program starts', () => {
    const { base, program } = versioned('weak');
    library(base, 'libv.so', 'int f(void) { return 0; }\nint g(void) { return 0; }\n', {
      versions: 'V_1 { global: f; g; local: *; };\n',
    });
    markWeak(program, 'V_ODD');
    const report = expectSameAsReal(program);
    expect(report.versionErrors).toMatchObject([{ version: 'V_ODD', weak: true, symbols: ['g'] }]);
  });

  test('F3 a weak version that is missing ends the program on the first call, or at once when bound now', () => {
    for (const [name, verdict] of [
      ['lazy', 'starts'],
      ['now', 'fails'],
    ] as const) {
      const { base, program } = versioned(`weak-${name}`, [`-Wl,-z,${name}`]);
      library(base, 'libv.so', 'int f(void) { return 0; }\n', {
        versions: 'V_1 { global: f; local: *; };\n',
      });
      markWeak(program, 'V_ODD');
      const report = expectSameAsReal(program);
      expect(report).toMatchObject({
        verdict,
        versionErrors: [{ version: 'V_ODD', weak: true, symbols: ['g'] }],
        symbolErrors: [{ symbol: 'g', version: 'V_ODD', requiredBy: program }],
      });
      expect(expectSameAsReal(program, { LD_BIND_NOW: '1' }).verdict).toBe('fails');
    }
  });

  test('F2 a symbol that is absent from a library without version definitions', () => {
    const { base, program } = versioned('undefined-versions', ['-Wl,-z,now']);
    library(base, 'libv.so', '#include <stdio.h>\nint f(void) { return puts(""); }\n');
    const report = expectSameAsReal(program);
    expect(report.versionErrors).toEqual([]);
    expect(report.symbolErrors).toEqual([{ symbol: 'g', version: 'V_ODD', requiredBy: program }]);
  });

  test('F2 a symbol without a version is not found where only a hidden version is left', () => {
    const base = path.join(directory, 'hidden-version');
    fs.mkdirSync(base, { recursive: true });
    const link = [`-L${base}`, '-lh', '-Wl,-z,now', RUNPATH, '-Wl,-rpath,$ORIGIN'];
    library(base, 'libh.so', 'int f(void) { return 0; }\n');
    const program = compile(
      base,
      'program',
      'int f(void);\nint main(void) { return f(); }\n',
      link,
    );
    const source = (mark: string): string =>
      `int old(void) { return 0; }\n__asm__(".symver old, f${mark}");\n`;
    const after = 'V_0 { global: none; };\nV_1 { global: f; local: *; } V_0;\n';
    for (const [mark, versions, verdict] of [
      ['@@V_1', after, 'starts'],
      ['@V_1', after, 'fails'],
      // The first version that a library defines answers, hidden or not.
      ['@V_1', 'V_1 { global: f; local: *; };\n', 'starts'],
    ] as const) {
      library(base, 'libh.so', source(mark), { versions });
      expect([mark, expectSameAsReal(program).verdict]).toEqual([mark, verdict]);
    }
  });

  test('F2 a symbol that is absent although its version is there', () => {
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

  test('F2 a symbol is missed in a program that defines none, whose hash table is empty', () => {
    const base = path.join(directory, 'defines-nothing');
    fs.mkdirSync(base, { recursive: true });
    library(base, 'libn.so', 'int f(void) { return 0; }\n');
    const bare = ['-nostdlib', '-pie', '-fPIE', '-Wl,-z,now', '-Wl,--hash-style=gnu'];
    const end = '__asm__ volatile("syscall" :: "a"(60), "D"(0));';
    const source = `int f(void);\nvoid _start(void) { f(); ${end} }\n`;
    const link = [`-L${base}`, '-ln', RUNPATH, '-Wl,-rpath,$ORIGIN'];
    const program = compile(base, 'program', source, [...bare, ...link]);
    expect(expectSameAsReal(program).symbolErrors).toEqual([]);
    library(base, 'libn.so', 'int other = 0;\n');
    expect(expectSameAsReal(program).symbolErrors).toEqual([
      { symbol: 'f', version: null, requiredBy: program },
    ]);
  });

  test('F3 weak undefined symbols are no failure, strong unversioned data is', () => {
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
