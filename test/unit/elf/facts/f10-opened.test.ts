import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { LoaderSession } from '../../../../electron/engine/elf/loader.ts';
import { dependencyReportSchema, type DependencyReport } from '../../../../shared/elf.ts';
import { buildNewerLibrary } from '../../../fixtures/needs-newer-glibc.ts';
import { compile, library, RPATH, RUNPATH, temporaryDirectory } from '../tools.ts';

const directory = temporaryDirectory();

/** Opens what it is told to as Node opens a module: lazily, and for itself alone. */
const HOST = `
#include <dlfcn.h>
#include <stdio.h>
int host_answer(void) { return 42; }
int main(int argc, char **argv) {
  if (dlopen(argv[1], RTLD_LAZY | RTLD_LOCAL) == 0) { fputs(dlerror(), stderr); return 1; }
  return 0;
}
`;

function host(name: string, args: readonly string[] = []): string {
  return compile(directory, name, HOST, ['-rdynamic', ...args, '-ldl']);
}

/** What the simulation says and what ld.so does must agree, in the verdict and in every path. */
function expectSameAsReal(program: string, name: string): DependencyReport {
  const report = new LoaderSession('/').simulateOpening(program, name);
  if (report === null) throw new Error(`${program} is no program that glibc starts`);
  dependencyReportSchema.parse(report);
  const real = spawnSync(program, [name], {
    env: { PATH: '/usr/bin:/bin', LD_DEBUG: 'files' },
    encoding: 'utf8',
  });
  const reason = real.stderr.slice(real.stderr.lastIndexOf('\n') + 1);
  expect({ verdict: report.verdict, reason }).toMatchObject({
    verdict: real.status === 0 ? 'starts' : 'fails',
  });
  if (real.status === 0) expect(loaded(report)).toEqual(loadedByReal(real.stderr));
  return report;
}

/** Paths that opening maps, the module itself included. */
function loaded(report: DependencyReport): readonly string[] {
  const others = report.objects.filter(({ foundBy }) => foundBy !== 'already-loaded');
  return [report.file, ...others.map((one) => one.path)].sort();
}

/** ld.so names what it maps after the program has got control; what was there has no such line. */
function loadedByReal(output: string): readonly string[] {
  const since = output.slice(output.indexOf('transferring control'));
  const files = [...since.matchAll(/calling init: (\S+)/g)].map((match) => match[1] ?? '');
  return [...new Set(files)].sort();
}

const sources = {
  used: 'int used(void) { return 1; }\n',
  module: 'int used(void); int m(void) { return used(); }\n',
};

describe('F10 what a started program opens', () => {
  it('finds the needs of a module by the RUNPATH of the module', () => {
    const program = host('plain');
    library(directory, 'own/libown.so', sources.used);
    const args = [`-L${directory}/own`, '-lown', RUNPATH, '-Wl,-rpath,$ORIGIN/own'];
    const module = library(directory, 'a.node', sources.module, { args });
    const report = expectSameAsReal(program, module);
    expect(report.objects).toContainEqual(
      expect.objectContaining({ soname: 'libown.so', foundBy: 'runpath', requiredBy: [module] }),
    );
  });

  it('finds them by the RPATH of the program, unless the module has a RUNPATH', () => {
    const program = host('with-rpath', [RPATH, `-Wl,-rpath,${directory}/far`]);
    library(directory, 'far/libfar.so', sources.used);
    const args = [`-L${directory}/far`, '-lfar'];
    const without = library(directory, 'b.node', sources.module, { args });
    expect(expectSameAsReal(program, without).verdict).toBe('starts');
    const hidden = [...args, RUNPATH, '-Wl,-rpath,/nowhere'];
    const withRunpath = library(directory, 'c.node', sources.module, { args: hidden });
    const report = expectSameAsReal(program, withRunpath);
    expect(report.missing.map(({ soname }) => soname)).toEqual(['libfar.so']);
  });

  it('takes a library that the program has loaded, by its soname', () => {
    library(directory, 'hosted/libhosted.so', sources.used);
    const link = [`-L${directory}/hosted`, '-Wl,--no-as-needed', '-lhosted'];
    const program = host('with-library', [...link, RUNPATH, `-Wl,-rpath,${directory}/hosted`]);
    const module = library(directory, 'd.node', sources.module, { args: link });
    const report = expectSameAsReal(program, module);
    expect(report.objects.find(({ soname }) => soname === 'libhosted.so')?.foundBy).toBe(
      'already-loaded',
    );
  });

  it('takes symbols from the program, and misses those that nobody has', () => {
    const program = host('exporting');
    const now = ['-Wl,-z,now', '-nostdlib'];
    const source = (symbol: string): string =>
      `int ${symbol}(void); int m(void) { return ${symbol}(); }\n`;
    const served = library(directory, 'e.node', source('host_answer'), { args: now });
    expect(expectSameAsReal(program, served).symbolErrors).toEqual([]);
    const unserved = library(directory, 'f.node', source('napi_of_tomorrow'), { args: now });
    const report = expectSameAsReal(program, unserved);
    expect(report.symbolErrors).toEqual([
      { symbol: 'napi_of_tomorrow', version: null, requiredBy: unserved },
    ]);
  });

  it('names the version that the libc of the program lacks', () => {
    const program = host('older');
    const module = path.join(directory, 'g.node');
    buildNewerLibrary(module, 'g.node');
    const report = expectSameAsReal(program, module);
    expect(report.versionErrors).toMatchObject([
      { version: 'GLIBC_2.38', symbols: ['strlcpy'], requiredBy: module },
    ]);
  });

  it('looks for a soname where the program would', () => {
    const program = host('by-name', [RUNPATH, `-Wl,-rpath,${directory}/own`]);
    expect(expectSameAsReal(program, 'libown.so').file).toBe(`${directory}/own/libown.so`);
    expect(expectSameAsReal(program, 'libnowhere.so.3').missing).toMatchObject([
      { soname: 'libnowhere.so.3', requiredBy: [program] },
    ]);
  });

  it('keeps what it opened out of the next opening', () => {
    const program = host('twice');
    const session = new LoaderSession('/');
    const first = session.simulateOpening(program, path.join(directory, 'a.node'));
    const second = session.simulateOpening(program, path.join(directory, 'a.node'));
    expect(second).toEqual(first);
  });

  it('has no answer for a program that no loader of glibc starts', () => {
    const program = compile(directory, 'static', 'int main(void) { return 0; }\n', ['-static']);
    expect(new LoaderSession('/').simulateOpening(program, 'libm.so.6')).toBeNull();
  });
});
