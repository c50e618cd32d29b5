import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { compile, library, MAIN, RUNPATH, simulate, start, temporaryDirectory } from './tools.ts';

const directory = temporaryDirectory();

const LOADER = '/lib64/ld-linux-x86-64.so.2';

/** What the loader prints, and how it ends. */
function listed(
  file: string,
  environment: Readonly<Record<string, string>> | null = null,
): { readonly status: number | null; readonly output: string } {
  const args = environment === null ? ['--list', file] : [file];
  const { status, stdout, stderr } = spawnSync(LOADER, args, {
    encoding: 'utf8',
    env: { PATH: '/usr/bin', ...environment },
  });
  return { status, output: stdout + stderr };
}

/** What the comparison with Debian's loaders allows for, each with its reason. */
describe('where ld.so --list and the report are put in different words', () => {
  test('a file that needs nothing is "statically linked" to the loader, and yet it is in the process', () => {
    const file = library(directory, 'libalone.so', 'int alone(void) { return 0; }\n', {
      args: ['-nostdlib'],
    });
    expect(listed(file)).toEqual({ status: 0, output: '\tstatically linked\n' });
    const report = simulate(file);
    expect(report.verdict).toBe('starts');
    expect(report.objects.map((one) => one.path)).toEqual([LOADER]);
  });

  test('a library that is missing ends --list at once; the trace that ldd asks for goes on', () => {
    library(directory, 'libgone.so', 'int gone(void) { return 0; }\n');
    const program = compile(
      directory,
      'lacking',
      'int gone(void);\nint main(void) { return gone(); }\n',
      [`-L${directory}`, '-lgone', RUNPATH, '-Wl,-rpath,/nowhere'],
    );
    const { status, output } = listed(program);
    expect({ status, output }).toMatchObject({ status: 127 });
    expect(output).toContain('libgone.so: cannot open shared object file');
    expect(listed(program, { LD_TRACE_LOADED_OBJECTS: '1' }).output).toMatch(
      /libgone\.so => not found\n\tlibc\.so\.6 => /,
    );
    const report = simulate(program);
    expect(report.missing.map((one) => one.soname)).toEqual(['libgone.so']);
    expect(report.objects.map((one) => one.soname)).toContain('libc.so.6');
  });

  test('symbols without a version are not judged while a library is missing: it may define them', () => {
    library(directory, 'libpart.so', 'int part(void) { return 0; }\n');
    const program = compile(
      directory,
      'partly',
      'int part(void);\nint main(void) { return part(); }\n',
      [`-L${directory}`, '-lpart', RUNPATH, '-Wl,-rpath,/nowhere'],
    );
    const asked = { LD_TRACE_LOADED_OBJECTS: '1', LD_WARN: 'yes', LD_BIND_NOW: 'yes' };
    expect(listed(program, asked).output).toContain('undefined symbol: part');
    expect(simulate(program)).toMatchObject({ verdict: 'fails', symbolErrors: [] });
  });

  test('the kernel’s own object is in the list of a program, but is no file', () => {
    const program = compile(directory, 'plain', MAIN);
    expect(listed(program).output).toMatch(/^\tlinux-vdso\.so\.1 \(0x/);
    expect(simulate(program).objects.map((one) => one.soname)).not.toContain('linux-vdso.so.1');
    expect(start(program).status).toBe(0);
  });
});
