import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  architectureOf,
  describeProcessor,
  hostProcessor,
} from '../../../../electron/engine/elf/loader/architecture.ts';
import {
  compile,
  elfOf,
  expectSameAsReal,
  library,
  MAIN,
  RUNPATH,
  simulate,
  start,
  temporaryDirectory,
} from '../tools.ts';
import { glibcRoot, simulatedWhich, startInRoot, whichProgram } from './roots.ts';

const directory = temporaryDirectory();
/** No processor has this level: it does not exist. */
const BEYOND = 0x10;
const x86 = architectureOf(elfOf('/bin/ls'))!;
const OURS = hostProcessor(x86).isa ?? 1;

beforeAll(() => fs.chmodSync(directory, 0o755));

/** A note of levels needed, which the linker puts together with those of other parts. */
const needing = (levels: number): string => `__asm__(".pushsection .note.gnu.property,\\"a\\"\\n"
  ".balign 8\\n.long 4, 16, 5\\n.asciz \\"GNU\\"\\n.long 0xc0008002, 4, ${levels}, 0\\n.popsection\\n");
`;

describe('F5 level of the processor', () => {
  test('F5 a program that needs what this processor has starts', () => {
    const program = compile(directory, 'fitting', needing(OURS) + MAIN);
    expect(elfOf(program).isaNeeded).toBe(OURS);
    expect(expectSameAsReal(program)).toMatchObject({ verdict: 'starts', reason: null });
  });

  test('F5 one that needs more does not, and the loader says the same', () => {
    const program = compile(directory, 'beyond', needing(BEYOND) + MAIN);
    const report = expectSameAsReal(program);
    expect(report).toMatchObject({ reason: 'processor-level', refused: program });
    expect(start(program)).toMatchObject({
      status: 127,
      stderr: expect.stringContaining('CPU ISA level is lower than required') as string,
    });
  });

  test('F5 nor does one whose library needs more', () => {
    const file = library(
      directory,
      'libfast.so',
      `${needing(BEYOND)}int fast(void) { return 0; }\n`,
    );
    const program = compile(
      directory,
      'slow',
      'int fast(void);\nint main(void) { return fast(); }\n',
      [`-L${directory}`, '-lfast', RUNPATH, '-Wl,-rpath,$ORIGIN'],
    );
    const report = expectSameAsReal(program);
    expect(report).toMatchObject({ reason: 'processor-level', refused: file });
    expect(simulate(file)).toMatchObject({ verdict: 'fails', reason: 'processor-level' });
  });

  test('F5 a note that is aligned otherwise does not count', () => {
    const program = compile(directory, 'aligned', needing(BEYOND) + MAIN);
    const bytes = fs.readFileSync(program);
    for (const { type, index } of elfOf(program).segments.map((one, at) => ({ ...one, index: at })))
      if (type === 4 || type === 0x6474e553) bytes.writeBigUInt64LE(4n, 64 + 56 * index + 48);
    fs.writeFileSync(program, bytes);
    expect(elfOf(program).isaNeeded).toBe(0);
    expect(expectSameAsReal(program).verdict).toBe('starts');
  });

  test.each([
    ['bullseye', 0, 'starts'],
    ['trixie', 127, 'fails'],
  ] as const)(
    'F5 the loader of %s does not look, or does',
    async (suite, status, verdict) => {
      const root = await glibcRoot(suite, path.join(directory, suite));
      const source = `${needing(BEYOND)}int which(void) { return 0; }\n`;
      const file = library(path.join(directory, `scratch-${suite}`), 'libwhich.so', source, {
        args: ['-nostdlib'],
      });
      fs.copyFileSync(file, path.join(root, 'opt/libwhich.so'));
      whichProgram(root, path.join(directory, `stub-${suite}`), [RUNPATH, '-Wl,-rpath,/opt']);
      expect(startInRoot(root, '/opt/program').status).toBe(status);
      expect(simulatedWhich(root).report.verdict).toBe(verdict);
    },
    120_000,
  );

  test('F5 levels come from the names in /proc/cpuinfo; without them nothing is refused', () => {
    const v2 = 'cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3';
    expect(describeProcessor(x86, 'flags : fpu\n').isa).toBe(1);
    expect(describeProcessor(x86, `flags : fpu ${v2}\n`).isa).toBe(3);
    expect(describeProcessor(x86, '').isa).toBeNull();
  });
});
