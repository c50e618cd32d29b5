import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { checks } from '../../../electron/engine/checks/registry.ts';
import { glibcSandbox } from '../../../electron/engine/repairs/glibc-sandbox.ts';
import { judge } from '../../../electron/engine/scan.ts';
import { findingSchema, type Finding } from '../../../shared/finding.ts';
import { translate } from '../../../shared/messages/translate.ts';
import type { Program, Snapshot } from '../../../shared/snapshot.ts';
import { program, snapshot } from '../../fixtures/snapshots.ts';
import { compile, library, MAIN, markWeak, RUNPATH } from '../elf/tools.ts';

const directory = mkdtempSync(join(tmpdir(), 'devmend-other-libc-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const FCNTL = '#include <fcntl.h>\nint main(int c, char **v) { return fcntl(c + 90, 1) == 0; }\n';

/** A real file as the programs probe would describe it. */
function real(path: string, libc: 'glibc' | 'musl'): Program {
  const plain = program(path);
  const elf = plain.elf === null ? null : { ...plain.elf, libc };
  return { ...plain, report: new LoaderSession('/').simulate(path), elf };
}

function onMusl(programs: readonly Program[]): Snapshot {
  const given = snapshot(programs);
  const data = {
    kind: 'musl' as const,
    interpreter: '/lib/ld-musl-x86_64.so.1',
    libc: null,
    libstdcxx: null,
  };
  const probes = { ...given.probes, libc: { ...given.probes.libc, data } };
  return { ...given, probes };
}

function only(given: Snapshot): Finding {
  const { findings } = judge(given, checks);
  expect(findings).toHaveLength(1);
  return findingSchema.parse(findings[0]);
}

describe('F9 a glibc program on a musl system', () => {
  it('F9 without an interpreter, the finding asks for the musl build and offers no private glibc', () => {
    const file = compile(directory, 'lost', MAIN, ['-Wl,--dynamic-linker=/lib64/ld-no.so.2']);
    const given = onMusl([real(file, 'glibc')]);
    const finding = only(given);
    expect(finding.check).toBe('other-libc');
    expect(translate('en', finding.headline)).toBe(
      'lost does not start: it was built for glibc, and this system has musl',
    );
    expect(translate('en', finding.impact)).toContain('Get the build of lost for musl');
    expect(translate('zh-CN', finding.impact)).toContain('lost 的 musl 版本');
    expect(finding.repairs).toEqual([]);
    expect(glibcSandbox.offer(finding, given)).toBeNull();
  });

  it('F9 given musl’s loader, it names the functions that musl lacks', () => {
    const file = compile(directory, 'fcntl', FCNTL, [
      '-D_FILE_OFFSET_BITS=64',
      '-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1',
    ]);
    const finding = only(onMusl([real(file, 'glibc')]));
    expect(finding.check).toBe('other-libc');
    expect(finding.evidence).toContainEqual(
      expect.objectContaining({ kind: 'measured', value: 'fcntl64' }),
    );
  });

  it('F9 a library that a glibc program misses there is not answered with a private glibc', () => {
    const lacking = program('/opt/tool', {});
    const report = {
      ...lacking.report!,
      verdict: 'fails' as const,
      missing: [{ soname: 'libabc.so.1', requiredBy: ['/opt/tool'], searched: ['/lib'] }],
    };
    const given = onMusl([{ ...lacking, report }]);
    expect(glibcSandbox.offer(only(given), given)).toBeNull();
    const onGlibc = snapshot([{ ...lacking, report }]);
    expect(glibcSandbox.offer(only(onGlibc), onGlibc)).not.toBeNull();
  });
});

it('F9 a musl program without musl’s loader on a glibc system is told so', () => {
  const interpreter = '-Wl,--dynamic-linker=/lib/ld-musl-nowhere.so.1';
  const file = compile(directory, 'alpine', MAIN, [interpreter], 'musl-gcc');
  const finding = only(snapshot([real(file, 'musl')]));
  expect(translate('en', finding.summary)).toBe('built for musl, this system has glibc');
});

describe('F2 a symbol that is absent although its version is there', () => {
  it('F2 is a finding that names symbol, version and who asks; no private glibc is offered', () => {
    const versions = 'V_1 { global: f; g; h; local: *; };\n';
    const source = 'int f(void) { return 0; }\nint g(void) { return 0; }\n';
    library(directory, 'libv.so', source, { versions });
    const text = 'int f(void);\nint g(void);\nint main(void) { return f() + g(); }\n';
    const build = (name: string, binding: string): string =>
      compile(directory, name, text, [
        `-L${directory}`,
        '-lv',
        RUNPATH,
        '-Wl,-rpath,$ORIGIN',
        `-Wl,-z,${binding}`,
      ]);
    const now = build('now', 'now');
    const lazy = build('lazy', 'lazy');
    library(directory, 'libv.so', 'int f(void) { return 0; }\nint h(void) { return 0; }\n', {
      versions,
    });
    const given = snapshot([real(now, 'glibc')]);
    const finding = only(given);
    expect(finding).toMatchObject({ check: 'symbol-missing', severity: 'error' });
    expect(translate('en', finding.summary)).toBe('g is defined nowhere');
    expect(finding.evidence).toContainEqual(expect.objectContaining({ value: 'g@V_1' }));
    expect(glibcSandbox.offer(finding, given)).toBeNull();
    expect(only(snapshot([real(lazy, 'glibc')])).severity).toBe('warning');
  });

  it('F3 is said once where its version is a weak one that is missing', () => {
    const source = 'int f(void) { return 0; }\nint g(void) { return 0; }\n';
    const versions = 'V_1 { global: f; local: *; };\nV_2 { global: g; } V_1;\n';
    library(directory, 'libw.so', source, { versions });
    const text = 'int f(void);\nint g(void);\nint main(void) { return f() + g(); }\n';
    const args = [`-L${directory}`, '-lw', RUNPATH, '-Wl,-rpath,$ORIGIN', '-Wl,-z,now'];
    const file = compile(directory, 'weak-now', text, args);
    markWeak(file, 'V_2');
    library(directory, 'libw.so', source, { versions: 'V_1 { global: f; local: *; };\n' });
    expect(only(snapshot([real(file, 'glibc')]))).toMatchObject({
      check: 'library-missing',
      severity: 'error',
    });
  });
});
