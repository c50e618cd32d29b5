import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  compile,
  elfHash,
  expectSameAsReal,
  library,
  RUNPATH,
  simulate,
  start,
  temporaryDirectory,
} from '../tools.ts';
import { glibcRoot, simulatedWhich, startInRoot, whichProgram } from './roots.ts';

const directory = temporaryDirectory();
const PACKED = '-Wl,-z,pack-relative-relocs';
/** Data that has to be relocated, and a constructor, which is found by a relocation. */
const WITH_POINTER = `static int seen;
static int *pointers[2] = { &seen, &seen };
__attribute__((constructor)) static void begin(void) { *pointers[0] = 1; }
`;

beforeAll(() => fs.chmodSync(directory, 0o755));

/** Names another version in place of GLIBC_ABI_DT_RELR, as a linker that does not know it leaves it. */
function unmark(file: string): void {
  const bytes = fs.readFileSync(file);
  const place = (version: string): number => {
    const hash = Buffer.alloc(4);
    hash.writeUInt32LE(elfHash(version));
    return bytes.indexOf(hash);
  };
  const [from, to] = [place('GLIBC_2.2.5'), place('GLIBC_ABI_DT_RELR')];
  expect(Math.min(from, to)).toBeGreaterThan(0);
  bytes.copy(bytes, to, from, from + 4);
  bytes.copy(bytes, to + 8, from + 8, from + 12);
  fs.writeFileSync(file, bytes);
}

describe('F1 packed relative relocations', () => {
  const source = `${WITH_POINTER}int main(void) { return 0; }\n`;

  test('F1 a program whose needs speak of them starts', () => {
    const program = compile(directory, 'marked', source, [PACKED]);
    expect(expectSameAsReal(program)).toMatchObject({ verdict: 'starts', reason: null });
  });

  test('F1 a program that asks for versions of libc and not for theirs is refused', () => {
    const program = compile(directory, 'unmarked', source, [PACKED]);
    unmark(program);
    const report = expectSameAsReal(program);
    expect(report).toMatchObject({ verdict: 'fails', reason: 'relr-unmarked', refused: program });
    expect(report.versionErrors).toEqual([]);
    expect(start(program)).toMatchObject({
      status: 127,
      stderr: expect.stringContaining('DT_RELR without GLIBC_ABI_DT_RELR dependency') as string,
    });
  });

  test('F1 so is a library, and the program that needs it does not start', () => {
    const packed = library(
      directory,
      'libpacked.so',
      `${WITH_POINTER}#include <stdio.h>\nint packed(void) { puts(""); return 0; }\n`,
      { args: [PACKED] },
    );
    unmark(packed);
    const program = compile(
      directory,
      'needing',
      'int packed(void);\nint main(void) { return packed(); }\n',
      [`-L${directory}`, '-lpacked', RUNPATH, '-Wl,-rpath,$ORIGIN'],
    );
    const report = expectSameAsReal(program);
    expect(report).toMatchObject({ verdict: 'fails', reason: 'relr-unmarked', refused: packed });
  });

  test('F1 a library that asks for no version at all is loaded', () => {
    library(directory, 'libfree.so', `${WITH_POINTER}int free_of(void) { return 0; }\n`, {
      args: [PACKED, '-nostdlib'],
    });
    const program = compile(
      directory,
      'freely',
      'int free_of(void);\nint main(void) { return free_of(); }\n',
      [`-L${directory}`, '-lfree', RUNPATH, '-Wl,-rpath,$ORIGIN'],
    );
    expect(expectSameAsReal(program)).toMatchObject({ verdict: 'starts', reason: null });
    expect(simulate(path.join(directory, 'libfree.so')).verdict).toBe('starts');
  });

  test.each([
    ['bullseye', null, 'fails'],
    ['bookworm', 0, 'starts'],
  ] as const)(
    'F1 the loader of %s leaves them undone or does them',
    async (suite, status, verdict) => {
      const root = await glibcRoot(suite, path.join(directory, suite));
      const scratch = path.join(directory, `scratch-${suite}`);
      const stub = path.join(directory, `stub-${suite}`);
      const file = library(
        scratch,
        'libwhich.so',
        `${WITH_POINTER}int which(void) { return 0; }\n`,
        {
          args: [PACKED, '-nostdlib'],
        },
      );
      fs.copyFileSync(file, path.join(root, 'opt/libwhich.so'));
      whichProgram(root, stub, [RUNPATH, '-Wl,-rpath,/opt']);
      expect(startInRoot(root, '/opt/program').status).toBe(status);
      const { report } = simulatedWhich(root);
      expect(report.verdict).toBe(verdict);
      if (verdict === 'fails')
        expect(report).toMatchObject({ reason: 'relr-unmarked', refused: '/opt/libwhich.so' });
    },
    120_000,
  );
});
