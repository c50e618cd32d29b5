import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { LoaderSession } from '../../../../electron/engine/elf/loader.ts';
import {
  chain,
  compile,
  elfOf,
  expectSameAsReal,
  found,
  library,
  RPATH,
  RUNPATH,
  simulate,
  temporaryDirectory,
} from '../tools.ts';

const directory = temporaryDirectory();

describe('F4 RPATH and RUNPATH', () => {
  test('F4 a DT_RPATH is inherited: it reaches the libraries of libraries', () => {
    const program = chain(directory, 'rpath', [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    const report = expectSameAsReal(program);
    expect(found(report, 'libinner.so')?.foundBy).toBe('rpath');
  });

  test('F4 a DT_RUNPATH is not inherited', () => {
    const program = chain(directory, 'runpath', [RUNPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    const report = expectSameAsReal(program);
    expect(report.missing).toMatchObject([
      { soname: 'libinner.so', requiredBy: [expect.stringMatching(/libouter\.so$/)] },
    ]);
    expect(report.missing[0]?.searched).toContain('/etc/ld.so.cache');
    expect(found(report, 'libouter.so')?.foundBy).toBe('runpath');
  });

  test('F4 a RUNPATH of the library stops the walk up to the RPATH of the program', () => {
    const program = chain(
      directory,
      'stopped',
      [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'],
      [RUNPATH, '-Wl,-rpath,/nowhere'],
    );
    expect(expectSameAsReal(program).verdict).toBe('fails');
  });

  test('F4 a RUNPATH hides the same file’s RPATH', () => {
    const program = chain(directory, 'hidden', [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    // Nothing writes both tags any more: turn DT_DEBUG into a DT_RUNPATH of the empty string.
    const bytes = fs.readFileSync(program);
    const offset = elfOf(program).dynamic?.offset ?? 0;
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

  test('F4 RPATH comes before LD_LIBRARY_PATH, RUNPATH after it', () => {
    const other = path.join(directory, 'other');
    fs.mkdirSync(other, { recursive: true });
    library(other, 'libouter.so', 'int outer(void) { return 0; }\n');
    const environment = { LD_LIBRARY_PATH: other };
    const first = chain(directory, 'rpath-first', [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    expect(found(expectSameAsReal(first, environment), 'libouter.so')?.foundBy).toBe('rpath');
    const second = chain(directory, 'runpath-second', [RUNPATH, '-Wl,-rpath,$ORIGIN'], []);
    expect(found(expectSameAsReal(second, environment), 'libouter.so')).toEqual({
      path: `${other}/libouter.so`,
      foundBy: 'ld-library-path',
    });
  });
});

describe('F5 tokens and secure mode', () => {
  test.each(['$LIB', '${LIB}', '$PLATFORM', '${PLATFORM}'])('F5 %s', (token) => {
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

  test('F5 $ORIGIN of a program reached through a link is where it really lies', () => {
    const program = chain(directory, 'linked', [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    const link = path.join(directory, 'link-to-program');
    fs.symlinkSync(program, link);
    expect(expectSameAsReal(link).verdict).toBe('starts');
  });

  test('F5 a setuid program ignores LD_LIBRARY_PATH and $ORIGIN outside system directories', () => {
    const program = chain(directory, 'secure', [RPATH, '-Wl,-rpath,$ORIGIN:$ORIGIN/deep'], []);
    fs.chmodSync(program, 0o4755);
    const report = simulate(program, { LD_LIBRARY_PATH: path.dirname(program) });
    expect(report.missing.map((one) => one.soname)).toEqual(['libouter.so']);
    fs.chmodSync(program, 0o755);
    const capable = new LoaderSession('/').simulate(program, { capabilities: true });
    expect(capable.verdict).toBe('fails');
  });
});

/** What the running loader takes `$PLATFORM` for. */
function platform(): string {
  const text = execFileSync('/lib64/ld-linux-x86-64.so.2', ['--list-diagnostics'], {
    encoding: 'utf8',
  });
  return /dl_platform="([^"]*)"/.exec(text)?.[1] ?? 'x86_64';
}
