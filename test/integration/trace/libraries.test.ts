import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bench, compile, first, kinds, noTools, traced, withoutStrace } from './bench.ts';

const here = bench();
const file = (directory: string, name: string): string => join(here.path(directory), name);

/** A program and its library in a directory of their own. */
function pair(name: string, ...options: readonly string[]): string {
  mkdirSync(here.path(name));
  compile('int give(void){return 0;}', file(name, 'libgive.so'), '-shared', '-fPIC');
  compile(
    'int give(void); int main(void){return give();}',
    file(name, 'program'),
    `-L${here.path(name)}`,
    '-lgive',
    '-Wl,-rpath,$ORIGIN',
    ...options,
  );
  return file(name, 'program');
}

describe('libraries', () => {
  it('are all found: all is well, and the simulation had said so', async () => {
    const report = await traced(pair('well'));
    expect(kinds(report)).toEqual(['all-well']);
    expect(report.simulation).toMatchObject({ verdict: 'starts', agrees: true, differences: [] });
    expect(report.loaded.map(({ path }) => path)).toContain(file('well', 'libgive.so'));
    expect(report.end).toMatchObject({ code: 0, signal: null, timedOut: false, cancelled: false });
  });

  it.each([
    ['with strace', undefined],
    ['without strace', noTools],
  ])('that are nowhere are named with where they were looked for, %s', async (name, tools) => {
    const program = pair(`missing-${name.replace(' ', '-')}`);
    const place = join(program, '../libgive.so');
    rmSync(place);
    const report = await traced(program, tools === undefined ? {} : { tools });
    const found = first(report, 'library-not-found');
    expect(report.explanations[0]).toBe(found);
    expect(found.subject).toBe('libgive.so');
    expect(found.searched).toContainEqual({ path: place, answer: 'ENOENT' });
    expect(kinds(report)).not.toContain('exit-status');
    expect(report.simulation).toMatchObject({ verdict: 'fails', agrees: true });
    expect(report.tools.strace).toBe(tools === undefined);
    expect(report.notes.map(({ key }) => key).includes('trace.note.no-strace')).toBe(
      tools !== undefined,
    );
  });

  it('behind a dangling link: the link is the explanation', async () => {
    const program = pair('dangling');
    rmSync(file('dangling', 'libgive.so'));
    symlinkSync('nowhere.so', file('dangling', 'libgive.so'));
    const report = await traced(program);
    expect(report.explanations[0]).toMatchObject({
      kind: 'broken-link',
      subject: file('dangling', 'libgive.so'),
    });
    expect(report.explanations[0]?.evidence.join()).toContain('ENOENT');
  });

  it('behind a loop of links: the loop is the explanation', async () => {
    const program = pair('loop');
    rmSync(file('loop', 'libgive.so'));
    symlinkSync('other.so', file('loop', 'libgive.so'));
    symlinkSync('libgive.so', file('loop', 'other.so'));
    const report = await traced(program);
    expect(report.explanations[0]).toMatchObject({ kind: 'looping-link' });
  });

  it('of another machine are passed over, and said to be', async () => {
    const program = pair('foreign');
    copyFileSync(file('foreign', 'libgive.so'), file('foreign', 'native.so'));
    foreignCopy(file('foreign', 'native.so'), file('foreign', 'libgive.so'));
    const report = await traced(program);
    expect(report.explanations[0]).toMatchObject({
      kind: 'wrong-class',
      subject: file('foreign', 'libgive.so'),
    });
    expect(kinds(report)).toContain('library-not-found');
  });

  it('that lack a version are named with it', async () => {
    const program = versioned('version', 'V1 {global: old;}; V2 {global: give;} V1;');
    compileVersioned('version', 'V1 {global: give; old; local: *;};');
    const report = await traced(program);
    expect(report.explanations[0]).toMatchObject({ kind: 'version-not-found', subject: 'V2' });
    expect(report.simulation).toMatchObject({ verdict: 'fails', agrees: true });
  });

  it.each([['now'], ['lazy']])('that lack a symbol, bound %s', async (binding) => {
    const program = pair(`symbol-${binding}`, `-Wl,-z,${binding}`);
    compile('int other(void){return 0;}', join(program, '../libgive.so'), '-shared', '-fPIC');
    const report = await traced(program);
    expect(report.explanations[0]).toMatchObject({ kind: 'symbol-not-found', subject: 'give' });
    expect(report.end.code).toBe(127);
    expect(report.simulation.agrees).toBe(true);
    expect(report.simulation.verdict).toBe(binding === 'now' ? 'fails' : 'starts');
  });

  it('that win through LD_LIBRARY_PATH are beside what the simulation had said', async () => {
    const program = pair('won', '-Wl,--enable-new-dtags');
    mkdirSync(file('won', 'other'));
    const winner = file('won', 'other/libgive.so');
    copyFileSync(file('won', 'libgive.so'), winner);
    const report = await traced(program, {
      environment: { LD_LIBRARY_PATH: file('won', 'other') },
    });
    expect(first(report, 'wrong-file-won').subject).toBe(winner);
    expect(report.simulation).toMatchObject({ agrees: false });
    expect(report.simulation.differences).toEqual([
      {
        soname: 'libgive.so',
        simulated: file('won', 'libgive.so'),
        observed: winner,
        reason: {
          key: 'trace.reason.ld-library-path',
          params: { directory: file('won', 'other') },
        },
      },
    ]);
  });

  it('that are preloaded are explained by LD_PRELOAD', async () => {
    const program = pair('preload');
    compile('int nothing;', file('preload', 'first.so'), '-shared', '-fPIC');
    const report = await traced(program, {
      environment: { LD_PRELOAD: file('preload', 'first.so') },
      tools: noTools,
    });
    expect(report.simulation.differences).toMatchObject([
      { observed: file('preload', 'first.so'), reason: { key: 'trace.reason.ld-preload' } },
    ]);
  });
});

describe('what is opened while a program runs', () => {
  beforeAll(() => {
    compile(
      `#include <dlfcn.h>
       int main(void){ dlopen("libnowhere.so.9", RTLD_NOW); void *m = dlopen("libm.so.6", RTLD_NOW);
         dlsym(m, "no_such_function"); return 0; }`,
      here.path('opener'),
    );
  });

  it.each([
    ['strace', undefined],
    ['the loader alone', noTools],
  ])('is told apart from what was loaded at the start, by %s', async (_name, tools) => {
    const report = await traced(here.path('opener'), tools === undefined ? {} : { tools });
    expect(first(report, 'opened-later').text.params['names']).toContain('libm.so.6');
    expect(first(report, 'library-not-found').text.key).toBe('trace.text.library-not-found-later');
    expect(first(report, 'symbol-not-found').subject).toBe('no_such_function');
    expect(first(report, 'all-well').text.key).toBe('trace.text.all-well-at-start');
    expect(report.loaded.find(({ path }) => path.includes('libm.so'))?.opened).toBe('later');
    expect(report.simulation.agrees).toBe(true);
  });

  it('is seen by ltrace where strace is missing', async () => {
    expect(withoutStrace.ltrace).not.toBeNull();
    const report = await traced(here.path('opener'), { tools: withoutStrace });
    expect(report.tools).toEqual({ strace: false, ltrace: true });
    expect(report.processes[0]?.program).toBe(here.path('opener'));
    expect(first(report, 'symbol-not-found').subject).toBe('no_such_function');
  });
});

function versioned(name: string, script: string): string {
  mkdirSync(here.path(name));
  compileVersioned(name, script);
  const program = file(name, 'program');
  compile(
    'int give(void); int main(void){return give();}',
    program,
    `-L${here.path(name)}`,
    '-lgive',
    '-Wl,-rpath,$ORIGIN',
  );
  return program;
}

function compileVersioned(name: string, script: string): void {
  const versions = file(name, 'versions');
  writeFileSync(versions, script);
  compile(
    'int give(void){return 0;} int old(void){return 1;}',
    file(name, 'libgive.so'),
    '-shared',
    '-fPIC',
    `-Wl,--version-script=${versions}`,
  );
}

/** The same file for a machine that this one is not. */
function foreignCopy(from: string, to: string): void {
  const bytes = readFileSync(from);
  const EM_RISCV = 243;
  bytes.writeUInt16LE(EM_RISCV, 18);
  writeFileSync(to, bytes);
}
