import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DependencyReport } from '../../../shared/elf.ts';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { wantsNewerKernel } from '../../../electron/engine/elf/loader/acceptance.ts';
import {
  architectureOf,
  hostProcessor,
  type Architecture,
} from '../../../electron/engine/elf/loader/architecture.ts';
import {
  compile,
  elfOf,
  expectSameAsReal,
  library,
  MAIN,
  RUNPATH,
  temporaryDirectory,
} from './tools.ts';

const directory = temporaryDirectory();
const LOADER = '/lib64/ld-linux-x86-64.so.2';
const FUNCTION = 'int answer(void) { return 0; }\n';
const CALL = 'int answer(void);\nint main(void) { return answer(); }\n';
const HERE = [RUNPATH, '-Wl,-rpath,$ORIGIN'];

/** A folder with a program that needs libanswer.so beside it; the test puts something else there. */
function caller(name: string, args: readonly string[] = HERE): { base: string; program: string } {
  const base = path.join(directory, name);
  library(base, 'libanswer.so', FUNCTION);
  return { base, program: compile(base, 'program', CALL, [`-L${base}`, '-lanswer', ...args]) };
}

/** The paths that the loader lists, in its order. */
function listed(program: string): readonly string[] {
  const { stdout } = spawnSync(LOADER, ['--list', program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '');
}

/** Ours, which must be what really happens, and in the order of the loader's list. */
function paths(program: string): readonly string[] {
  const report = expectSameAsReal(program);
  const ours = report.objects.map((one) => one.path);
  expect(ours).toEqual(listed(program));
  return ours.map((one) => path.basename(one));
}

describe('what the loader does not take as a library', () => {
  test('a position-independent program', () => {
    const { base, program } = caller('pie');
    expect(expectSameAsReal(program).verdict).toBe('starts');
    compile(base, 'libanswer.so', `${FUNCTION}${MAIN}`, ['-pie', '-fPIE', '-rdynamic']);
    expect(elfOf(`${base}/libanswer.so`).pie).toBe(true);
    const report = expectSameAsReal(program);
    expect(report.missing).toMatchObject([
      { soname: 'libanswer.so', searched: [`${base}/libanswer.so`] },
    ]);
  });

  test('a program with fixed addresses', () => {
    const { base, program } = caller('fixed');
    compile(base, 'libanswer.so', `${FUNCTION}${MAIN}`, ['-no-pie', '-rdynamic']);
    expect(expectSameAsReal(program).verdict).toBe('fails');
  });

  test('a file of debugging information, which has the dynamic section’s place but not its bytes', () => {
    const { base, program } = caller('debug');
    const file = `${base}/libanswer.so`;
    const made = spawnSync('objcopy', ['--only-keep-debug', file, `${file}.debug`]);
    expect(made.status).toBe(0);
    fs.renameSync(`${file}.debug`, file);
    expect(expectSameAsReal(program).verdict).toBe('fails');
  });
});

describe('what the loader does not map', () => {
  /** Changes one byte of the library’s header. */
  const marked = (name: string, at: number, value: number): DependencyReport => {
    const { base, program } = caller(name);
    const bytes = fs.readFileSync(`${base}/libanswer.so`);
    bytes[at] = value;
    fs.writeFileSync(`${base}/libanswer.so`, bytes);
    return expectSameAsReal(program);
  };

  test('a library that says it is for another system, or another version of its ABI', () => {
    for (const [at, value, verdict] of [
      [7, 3, 'starts'], // GNU, as the linker writes for unique symbols
      [7, 9, 'fails'], // FreeBSD
      [7, 255, 'fails'], // no system at all
      [8, 5, 'fails'], // version 5
    ] as const) {
      const { verdict: ours } = marked(`abi-${at}-${value}`, at, value);
      expect([at, value, ours]).toEqual([at, value, verdict]);
    }
  });

  test('segments whose pages do not fit: linked for pages of 2 KiB', () => {
    const { base, program } = caller('small-pages');
    const small = ['-Wl,-z,max-page-size=2048', '-Wl,-z,common-page-size=2048'];
    library(base, 'libanswer.so', FUNCTION, { args: small });
    expect(expectSameAsReal(program).missing).toMatchObject([
      { soname: 'libanswer.so', searched: [`${base}/libanswer.so`] },
    ]);
  });
});

describe('links in the way', () => {
  test('one that leads nowhere is passed over, one in a circle ends the list of directories', () => {
    const { base, program } = caller('links', [RUNPATH, '-Wl,-rpath,$ORIGIN/first:$ORIGIN']);
    const link = `${base}/first/libanswer.so`;
    fs.mkdirSync(path.dirname(link));
    fs.symlinkSync('nowhere.so', link);
    expect(paths(program)[0]).toBe('libanswer.so');
    fs.rmSync(link);
    fs.symlinkSync('libanswer.so', link);
    expect(expectSameAsReal(program).missing).toMatchObject([{ soname: 'libanswer.so' }]);
    // The next list is looked through all the same.
    const first = `${base}/first`;
    const environment = { LD_LIBRARY_PATH: `${first}:${base}` };
    expect(expectSameAsReal(program, environment).verdict).toBe('fails');
    const other = compile(base, 'other', CALL, [`-L${base}`, '-lanswer', ...HERE]);
    expect(expectSameAsReal(other, environment).verdict).toBe('starts');
  });
});

describe('DT_FILTER and DT_AUXILIARY: another library stands in', () => {
  const standing = (name: string, option: '-F' | '-f'): { base: string; program: string } => {
    const made = caller(name);
    library(made.base, 'libreal.so', FUNCTION);
    library(made.base, 'libanswer.so', 'int answer(void) { return 7; }\n', {
      args: [`-Wl,${option},libreal.so`, ...HERE],
    });
    return made;
  };

  test('a filtee is loaded and searched before its filter', () => {
    const { base, program } = standing('filter', '-F');
    expect(elfOf(`${base}/libanswer.so`).filters).toEqual([
      { name: 'libreal.so', optional: false },
    ]);
    expect(paths(program).slice(0, 2)).toEqual(['libreal.so', 'libanswer.so']);
  });

  test('a filtee that is needed later too moves before its filter', () => {
    const { base } = standing('moves', '-F');
    const program = compile(base, 'both', CALL, [
      ...[`-L${base}`, '-Wl,--no-as-needed', '-lanswer', '-lreal', ...HERE],
    ]);
    expect(paths(program).slice(0, 2)).toEqual(['libreal.so', 'libanswer.so']);
  });

  test('a filtee that is needed earlier stays', () => {
    const { base } = standing('stays', '-F');
    library(base, 'libbetween.so', 'int between(void) { return 0; }\n');
    const program = compile(base, 'both', CALL, [
      ...[`-L${base}`, '-Wl,--no-as-needed', '-lreal', '-lbetween', '-lanswer', ...HERE],
    ]);
    expect(paths(program).slice(0, 3)).toEqual(['libreal.so', 'libbetween.so', 'libanswer.so']);
  });

  test('what the filtee needs is loaded too', () => {
    const { base, program } = standing('deeper', '-f');
    library(base, 'libdeep.so', 'int deep(void) { return 0; }\n');
    library(base, 'libreal.so', 'int deep(void);\nint answer(void) { return deep(); }\n', {
      args: [`-L${base}`, '-ldeep', ...HERE],
    });
    expect(paths(program)).toContain('libdeep.so');
  });

  test('a missing filtee is fatal, a missing auxiliary is not', () => {
    const filter = standing('filter-gone', '-F');
    fs.rmSync(`${filter.base}/libreal.so`);
    expect(expectSameAsReal(filter.program).missing).toMatchObject([
      { soname: 'libreal.so', requiredBy: [`${filter.base}/libanswer.so`] },
    ]);
    const auxiliary = standing('auxiliary-gone', '-f');
    fs.rmSync(`${auxiliary.base}/libreal.so`);
    // It starts, and answers 7 itself: not what a loader's failure looks like.
    const real = spawnSync(auxiliary.program, { encoding: 'utf8' });
    expect(real).toMatchObject({ status: 7, stderr: '' });
    expect(new LoaderSession('/').simulate(auxiliary.program)).toMatchObject({
      verdict: 'starts',
      missing: [],
    });
  });
});

describe('DF_1_NODEFLIB: neither the default directories nor what the cache says of them', () => {
  test('a program that was linked so does not find libc', () => {
    const program = compile(directory, 'nodefault', MAIN, ['-Wl,-z,nodefaultlib']);
    expect(elfOf(program).noDefaultLibraries).toBe(true);
    expect(expectSameAsReal(program).missing.map((one) => one.soname)).toEqual(['libc.so.6']);
  });

  test('its own RUNPATH still counts', () => {
    const multiarch = fs.realpathSync('/lib/x86_64-linux-gnu');
    const program = compile(directory, 'nodefault-runpath', MAIN, [
      ...['-Wl,-z,nodefaultlib', RUNPATH, `-Wl,-rpath,${multiarch}`],
    ]);
    expect(expectSameAsReal(program).verdict).toBe('starts');
  });
});

describe('a DT_NEEDED with a slash is a path', () => {
  test('which no directory is searched for', () => {
    const base = path.join(directory, 'slash');
    // Without a soname the linker writes down the path it was given.
    const file = compile(base, 'libplain.so', FUNCTION, ['-shared', '-fPIC']);
    const program = compile(base, 'program', CALL, [file]);
    expect(elfOf(program).needed[0]).toBe(file);
    expect(paths(program)[0]).toBe('libplain.so');
    fs.rmSync(file);
    expect(expectSameAsReal(program).missing[0]).toMatchObject({ soname: file, searched: [file] });
  });

  test('and a relative one starts at the working directory, where we spell it in full', () => {
    const base = path.join(directory, 'relative');
    compile(base, 'sub/libplain.so', FUNCTION, ['-shared', '-fPIC']);
    fs.writeFileSync(`${base}/main.c`, CALL);
    const gcc = ['-o', 'program', 'main.c', 'sub/libplain.so'];
    expect(spawnSync('gcc', gcc, { cwd: base }).status).toBe(0);
    const from = (
      workingDirectory: string,
    ): readonly [number | null, string, string | undefined] => {
      const real = spawnSync(`${base}/program`, { cwd: workingDirectory });
      const ours = new LoaderSession('/', { workingDirectory }).simulate(`${base}/program`);
      return [real.status, ours.verdict, ours.objects[0]?.path];
    };
    expect(from(base)).toEqual([0, 'starts', `${base}/sub/libplain.so`]);
    expect(from('/').slice(0, 2)).toEqual([127, 'fails']);
    const { stdout } = spawnSync(LOADER, ['--list', './program'], { cwd: base, encoding: 'utf8' });
    expect(stdout).toMatch(/^\tsub\/libplain\.so \(0x/m);
  });
});

test('a relative place seen from / is written with one slash', () => {
  const base = path.join(directory, 'one-slash');
  library(base, 'libplain.so', FUNCTION);
  const args = [`-L${base}`, '-lplain', '-Wl,-rpath,near'];
  const { missing } = new LoaderSession('/').simulate(compile(base, 'program', CALL, args));
  expect(missing[0]?.searched[0]).toBe('/near');
});

test('tokens of a DT_NEEDED are replaced before it is looked for, with a slash and without', () => {
  const { base, program } = caller('tokens');
  const { platform } = hostProcessor(architectureOf(elfOf(program)) as Architecture);
  const token = (needed: string): void => {
    const [written = ''] = elfOf(program).needed;
    execFileSync('patchelf', ['--replace-needed', written, needed, program]);
  };
  library(base, `libanswer-${platform}.so`, FUNCTION);
  token('libanswer-$PLATFORM.so');
  expect(paths(program)[0]).toBe(`libanswer-${platform}.so`);
  token('$ORIGIN/libanswer.so');
  expect(paths(program)[0]).toBe('libanswer.so');
  token('libanswer-${PLATFORM}-$LIB.so');
  expect(expectSameAsReal(program).verdict).toBe('fails');
});

describe('the oldest kernel in an ABI note', () => {
  const NOTE = `__asm__(".pushsection .note.ABI-tag,\\"a\\",@note\\n.align 4\\n.long 4,16,1\\n"
    ".asciz \\"GNU\\"\\n.long 0,99,1,0\\n.popsection\\n");\n`;

  test('is no matter to the loader here: glibc 2.36', () => {
    const { base, program } = caller('note');
    library(base, 'libanswer.so', `${NOTE}${FUNCTION}`);
    expect(elfOf(`${base}/libanswer.so`).notes.kernelFloor).toBe('99.1.0');
    expect(expectSameAsReal(program).verdict).toBe('starts');
  });

  test.each([
    ['99.0.0', true],
    ['99.1.0-1-amd64', false],
    ['99.1', false],
    ['100.0.0', false],
    ['6.12.3', true],
  ])('an older loader on kernel %s: passed over is %s', (kernel, passed) => {
    const file = library(directory, 'libnote.so', `${NOTE}${FUNCTION}`);
    const rules = { kernelNotes: true, refusesPie: true, alignedSegments: true };
    expect(wantsNewerKernel(elfOf(file), rules, kernel)).toBe(passed);
    expect(wantsNewerKernel(elfOf(file), { ...rules, kernelNotes: false }, kernel)).toBe(false);
  });
});
