import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readGoBuildInfo } from '../../../electron/engine/elf/go-build-info.ts';
import { readElf } from '../../../electron/engine/elf/read.ts';
import { bytesSource } from '../../../electron/engine/elf/source.ts';
import { readDynamicSymbols } from '../../../electron/engine/elf/symbols.ts';
import { buildElf } from './builder.ts';
import { compile, elfOf, library, MAIN, temporaryDirectory } from './tools.ts';

const directory = temporaryDirectory();

describe('dynamic facts', () => {
  test('a program shows its needs, interpreter, RUNPATH and versions', () => {
    const elf = elfOf(
      compile(
        directory,
        'program',
        '#include <math.h>\n#include <stdio.h>\nint main(int c, char **v) { printf("%f", pow(c, c)); return 0; }\n',
        ['-lm', '-Wl,--no-as-needed', '-Wl,--enable-new-dtags', '-Wl,-rpath,$ORIGIN/../lib:/opt/x'],
      ),
    );
    expect(elf.needed).toEqual(['libm.so.6', 'libc.so.6']);
    expect(elf.interpreter).toBe('/lib64/ld-linux-x86-64.so.2');
    expect(elf.runpath).toEqual(['$ORIGIN/../lib', '/opt/x']);
    expect(elf.rpath).toEqual([]);
    expect(elf.hasRunpath).toBe(true);
    const libm = elf.versionNeeds.find((need) => need.library === 'libm.so.6');
    expect(libm?.versions.map((one) => one.name)).toEqual(['GLIBC_2.29']);
    expect(elf).toMatchObject({ linkage: 'dynamic', libc: 'glibc', pie: true, machine: 62 });
    expect(elf.notes.kernelFloor).toBe('3.2.0');
    expect(elf.notes.buildId).toMatch(/^[0-9a-f]{40}$/);
    expect(elf.appendedPayload).toBeNull();
  });

  test('DT_RPATH and BIND_NOW are told from DT_RUNPATH and lazy binding', () => {
    const args = ['-Wl,--disable-new-dtags', '-Wl,-rpath,/opt/y', '-Wl,-z,now', '-no-pie'];
    const elf = elfOf(compile(directory, 'eager', MAIN, args));
    expect(elf).toMatchObject({ rpath: ['/opt/y'], runpath: [], bindNow: true, pie: false });
  });

  test('a library shows its soname and the versions it defines', () => {
    const elf = elfOf(
      library(directory, 'libv.so.1', 'int f(void) { return 1; }\nint g(void) { return 2; }\n', {
        versions: 'V_1 { global: f; local: *; };\nV_ODD_2 { global: g; } V_1;\n',
      }),
    );
    expect(elf.soname).toBe('libv.so.1');
    expect(elf.versionDefines.map((one) => [one.name, one.base])).toEqual([
      ['libv.so.1', true],
      ['V_1', false],
      ['V_ODD_2', false],
    ]);
  });

  test('F10 systemd dlopen notes name the libraries that DT_NEEDED does not', () => {
    const json = '[{"soname":["libzstd.so.1"],"feature":"zstd","priority":"recommended"}]';
    const elf = elfOf(
      compile(
        directory,
        'dlopens',
        `__asm__(".pushsection .note.dlopen,\\"a\\",@note\\n.balign 4\\n.long 4, ${json.length + 1}, 0x407c0c0a\\n.asciz \\"FDO\\"\\n.asciz \\"${json.replace(/"/g, '\\\\\\"')}\\"\\n.balign 4\\n.popsection");\n${MAIN}`,
      ),
    );
    expect(elf.notes.dlopen).toEqual([
      { sonames: ['libzstd.so.1'], feature: 'zstd', priority: 'recommended' },
    ]);
  });
});

describe('linkage and libc', () => {
  test.each([
    ['static', ['-static'], 'gcc', 'static', 'glibc'],
    ['static-pie', ['-static-pie'], 'gcc', 'static-pie', 'glibc'],
    ['musl', [], 'musl-gcc', 'dynamic', 'musl'],
    ['musl-static', ['-static'], 'musl-gcc', 'static', 'unknown'],
  ] as const)('%s', (name, args, compiler, linkage, libc) => {
    const elf = elfOf(compile(directory, `linkage-${name}`, MAIN, args, compiler));
    expect(elf).toMatchObject({ linkage, libc });
  });

  test('F8 section headers are not needed', () => {
    const file = compile(directory, 'headless', MAIN);
    const whole = elfOf(file);
    const bytes = fs.readFileSync(file);
    bytes.fill(0, 40, 48);
    bytes.writeUInt16LE(0, 60);
    bytes.fill(0xee, Number(fs.readFileSync(file).readBigUInt64LE(40)));
    const elf = readElf(bytesSource(bytes));
    expect(elf.ok && { ...elf.value, appendedPayload: null }).toEqual({
      ...whole,
      appendedPayload: null,
    });
  });

  test('bytes behind the section headers are an appended payload', () => {
    const file = compile(directory, 'payload', MAIN);
    const size = fs.statSync(file).size;
    fs.appendFileSync(file, 'PK archive of a bundler');
    expect(elfOf(file).appendedPayload).toEqual({ offset: size, size: 23 });
  });
});

describe('Go', () => {
  const sources = path.join(directory, 'go');
  const build = (output: string, environment: Record<string, string>, args: string[]): string => {
    fs.mkdirSync(sources, { recursive: true });
    fs.writeFileSync(path.join(sources, 'go.mod'), 'module example.org/tool\n\ngo 1.19\n');
    fs.writeFileSync(path.join(sources, 'main.go'), 'package main\n\nfunc main() { println(1) }\n');
    const file = path.join(directory, output);
    execFileSync('go', ['build', '-o', file, ...args, '.'], {
      cwd: sources,
      env: { ...process.env, GOCACHE: path.join(directory, 'gocache'), ...environment },
    });
    return file;
  };

  test.each([
    ['static', 'plain', { CGO_ENABLED: '0' }, []],
    ['static without build id', 'bare', { CGO_ENABLED: '0' }, ['-ldflags=-s -w -buildid=']],
    ['big-endian 32-bit', 'mips', { CGO_ENABLED: '0', GOARCH: 'mips' }, []],
    ['position independent', 'pie', { CGO_ENABLED: '0' }, ['-buildmode=pie']],
  ])('build information of a program: %s', (_, output, environment, args) => {
    const file = build(output, environment, args);
    const elf = elfOf(file);
    const info = readGoBuildInfo(file, elf);
    const version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim();
    expect(info.ok && info.value).toMatchObject({
      version,
      path: 'example.org/tool',
      module: 'example.org/tool',
    });
  });

  test('a C program has none', () => {
    const file = compile(directory, 'no-go', MAIN);
    expect(readGoBuildInfo(file, elfOf(file))).toEqual({ ok: true, value: null });
  });
});

describe('every class and byte order', () => {
  test.each([
    [true, true, 62],
    [true, false, 22],
    [false, true, 3],
    [false, false, 20],
  ])('64-bit %s, little-endian %s', (wide, little, machine) => {
    const source = bytesSource(buildElf({ wide, little, machine }));
    const elf = readElf(source);
    if (!elf.ok) {
      throw new Error(elf.error.detail);
    }
    expect(elf.value).toMatchObject({
      class: wide ? 'ELF64' : 'ELF32',
      littleEndian: little,
      machine,
      needed: ['libz.so'],
      soname: 'libmade.so',
      runpath: ['$ORIGIN/a', '/b'],
      bindNow: true,
      versionNeeds: [{ library: 'libz.so', versions: [{ name: 'Z_1', weak: true, index: 3 }] }],
    });
    expect(elf.value.versionDefines.map((one) => one.name)).toEqual(['libmade.so', 'MADE_1']);
    const symbols = readDynamicSymbols(source, elf.value);
    expect(symbols.ok && symbols.value).toMatchObject({
      undefined: [{ name: 'wanted', version: 'Z_1', library: 'libz.so', weak: false }],
      defined: [{ name: 'made', version: 'MADE_1', hidden: false }],
    });
  });
});

test('dynamic symbols and versions of system libraries agree with readelf', () => {
  for (const name of ['libc.so.6', 'libstdc++.so.6', 'libz.so.1', 'libm.so.6']) {
    const file = path.join('/lib/x86_64-linux-gnu', name);
    const symbols = readDynamicSymbols(file, elfOf(file));
    if (!symbols.ok) {
      throw new Error(symbols.error.detail);
    }
    const label = (one: { name: string; version: string | null; hidden: boolean }): string =>
      one.version === null || one.version === one.name
        ? one.name
        : `${one.name}${one.hidden ? '@' : '@@'}${one.version}`;
    const ours = symbols.value.defined.map(label);
    const text = execFileSync('readelf', ['-W', '--dyn-syms', file], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const theirs = text
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((cells) => /^\d+:$/.test(cells[0] ?? '') && cells[4] !== 'LOCAL')
      .filter((cells) => cells[6] !== 'UND' && cells[7] !== undefined)
      .map((cells) => cells[7] ?? '');
    expect(ours.sort()).toEqual(theirs.sort());
  }
});
