import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Machine } from '../../../electron/engine/machine.ts';
import type { SandboxChoice, SandboxRequest } from '../../../electron/engine/repairs/repair.ts';
import { buildSandbox } from '../../../electron/engine/sandbox/build.ts';
import { chooseSandbox } from '../../../electron/engine/sandbox/choose.ts';
import { listSandboxes } from '../../../electron/engine/sandbox/installed.ts';
import { verifySandbox } from '../../../electron/engine/sandbox/manifest.ts';
import shipped from '../../../electron/engine/data/debian-archive-keys.json' with { type: 'json' };
import type { JobProgress } from '../../../shared/job.ts';
import { debianPackage, machineWithTestCache, openDebianRelease } from '../../fixtures/debian.ts';

let work = '';
let machine: Machine;
let choice: SandboxChoice;
const events: JobProgress[] = [];
const job = {
  emit: (event: JobProgress) => void events.push(event),
  signal: new AbortController().signal,
};
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const request: SandboxRequest = {
  architecture,
  versions: { 'libc.so.6': ['GLIBC_2.38'] },
  libraries: [],
  kernel: '6.1.0',
  source: null,
  release: null,
};

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'devmend-mirror-'));
  const plain = machineWithTestCache();
  machine = { ...plain, directories: { ...plain.directories, data: join(work, 'data') } };
  const chosen = await chooseSandbox(machine, request, job);
  if (!chosen.ok) throw new Error(JSON.stringify(chosen.error));
  choice = chosen.value;
  const staging = join(work, 'staging');
  mkdirSync(staging);
  await buildSandbox(machine, choice.spec, staging, job);
  mkdirSync(join(choice.directory, '..'), { recursive: true });
  renameSync(staging, choice.directory);
}, 300_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe("a sandbox from the machine's own mirror", () => {
  it('is built from Debian 13 for a program that needs GLIBC_2.38', () => {
    expect(choice.spec).toMatchObject({ suite: 'trixie', release: '13', glibc: '2.41' });
    expect(choice.spec.kernelFloor).toBe('3.2.0');
    expect(choice.spec.signedBy.name).toMatch(/13\/trixie/);
    expect(choice.directory).toBe(join(work, 'data/sandbox/debian-13'));
  });

  it('shows the real command line and output of gpgv', () => {
    const output = events.flatMap((event) => (event.type === 'output' ? [event] : []));
    expect(output.find(({ stream }) => stream === 'command')?.text).toMatch(/gpgv .*InRelease$/);
    expect(output.map(({ text }) => text).join('')).toMatch(/Good signature from "Debian/);
  });

  it('runs: its loader answers, and a program of Debian 13 starts in it', async () => {
    const version = execFileSync(choice.interpreter, ['--version'], { encoding: 'utf8' });
    expect(version).toMatch(/2\.41/);
    const tree = join(work, 'tree');
    await debianPackage('trixie', 'git', tree);
    const git = join(tree, 'usr/bin/git');
    expect(() => execFileSync(git, ['--version'], { stdio: 'pipe' })).toThrow(/GLIBC_2\.38/);
    const args = ['--library-path', choice.libraryDirectory, git, '--version'];
    const said = execFileSync(choice.interpreter, args, { encoding: 'utf8' });
    expect(said).toMatch(/^git version 2\.47/);
  }, 300_000);

  it('still finds users, locales and character sets (fact 12)', () => {
    const source = join(work, 'fact12.c');
    writeFileSync(
      source,
      `#include <pwd.h>
#include <locale.h>
#include <iconv.h>
#include <stdio.h>
int main(void) {
  struct passwd *user = getpwuid(0);
  const char *name = setlocale(LC_ALL, "C.UTF-8");
  iconv_t set = iconv_open("UTF-8", "EUC-JP");
  char in[] = "\\xa4\\xa2", out[8] = "", *from = in, *to = out;
  size_t left = 2, room = 7;
  size_t done = set == (iconv_t)-1 ? 1 : iconv(set, &from, &left, &to, &room);
  printf("%s %s %s\\n", user ? user->pw_name : "-", name ? name : "-", done ? "-" : out);
  return 0;
}
`,
    );
    const program = join(work, 'fact12');
    execFileSync('gcc', ['-o', program, source]);
    const own = execFileSync(program, { encoding: 'utf8' });
    const args = ['--library-path', choice.libraryDirectory, program];
    expect(execFileSync(choice.interpreter, args, { encoding: 'utf8' })).toBe(own);
    expect(own).toBe('root C.UTF-8 あ\n');
  });

  it('is found again, unharmed, and listed with the programs that use it', async () => {
    const again = await chooseSandbox(machine, request, job);
    expect(again).toMatchObject({ ok: true, value: { exists: true, directory: choice.directory } });
    const program = join(work, 'data/programs/p/tool');
    mkdirSync(join(program, '..'), { recursive: true });
    execFileSync('gcc', [
      `-Wl,--dynamic-linker=${choice.interpreter}`,
      '-o',
      program,
      join(work, 'fact12.c'),
    ]);
    const [only, ...others] = await listSandboxes(machine);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ directory: choice.directory, users: [program], problem: null });
    expect(only?.bytes).toBeGreaterThan(5_000_000);
  });

  it('is the same to the byte when it is built again', async () => {
    const second = mkdtempSync(join(work, 'second-'));
    await buildSandbox(machine, choice.spec, second, job);
    execFileSync('diff', ['-r', second, choice.directory]);
    for (const path of ['manifest.json', 'lib', 'lib/libc.so.6', 'lib/gconv']) {
      const facts = [second, choice.directory].map((base) => lstatSync(join(base, path)));
      expect(facts[0]?.mode).toBe(facts[1]?.mode);
      expect(facts[0]?.mtimeMs).toBe(facts[1]?.mtimeMs);
    }
  });

  it('holds nothing but libraries, character sets and the three programs that ask for them', () => {
    const found = execFileSync('find', ['.', '-type', 'f', '-printf', '%m %p\\n'], {
      cwd: choice.directory,
      encoding: 'utf8',
    });
    const odd = found
      .trim()
      .split('\n')
      .filter(
        (line) =>
          !/^(644|755) \.\/(manifest\.json|lib\/[^/]+\.so[^/]*|lib\/gconv\/|probes\/(getent|iconv|locale)$)/.test(
            line,
          ),
      );
    expect(odd).toEqual([]);
    expect(existsSync(join(choice.libraryDirectory, 'libnss_dns.so.2'))).toBe(true);
  });

  it.each([
    ['a changed byte', (lib: string) => appendFileSync(join(lib, 'libm.so.6'), 'x')],
    ['a missing file', (lib: string) => rmSync(join(lib, 'libdl.so.2'))],
    ['a changed mode', (lib: string) => chmodSync(join(lib, 'libm.so.6'), 0o666)],
    ['an added file', (lib: string) => writeFileSync(join(lib, 'libevil.so.1'), '')],
    [
      'a link led elsewhere',
      (lib: string) => {
        rmSync(join(lib, 'libstdc++.so.6'));
        symlinkSync('/usr/lib/libstdc++.so.6', join(lib, 'libstdc++.so.6'));
      },
    ],
    [
      'a changed manifest',
      (lib: string) => {
        const path = join(lib, '..', 'manifest.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace('"schema"', '"scheme"'));
      },
    ],
  ])('is told apart from one with %s', async (_what, damage) => {
    const copy = join(work, 'copy');
    rmSync(copy, { recursive: true, force: true });
    execFileSync('cp', ['-a', choice.directory, copy]);
    expect((await verifySandbox(copy)).ok).toBe(true);
    damage(join(copy, 'lib'));
    expect(await verifySandbox(copy)).toMatchObject({ error: { code: 'sandbox-damaged' } });
  });
});

describe("Debian's own signatures", () => {
  it('are judged alike by gpgv and by the library, down to the digest', async () => {
    const library = await chooseSandbox(machine, request, job, { gpgv: null });
    expect(library.ok && library.value.spec).toEqual(choice.spec);
  });

  it("hold with the keys that Devmend brings along, without the system's", async () => {
    const keyring = join(work, 'shipped.gpg');
    writeFileSync(
      keyring,
      Buffer.concat(shipped.keys.map(({ key }) => Buffer.from(key, 'base64'))),
    );
    for (const release of ['bullseye', 'bookworm', 'trixie']) {
      const source = await openDebianRelease(release, keyring);
      expect(source?.suite).toBe(release);
    }
  });

  it('bring a library that this system lacks, with what it needs', async () => {
    const result = await chooseSandbox(
      machine,
      { ...request, libraries: ['libicuuc.so.76'], release: '13' },
      job,
    );
    const names = result.ok ? result.value.spec.packages.map(({ name }) => name) : [];
    expect(names).toEqual(['libc6', 'libgcc-s1', 'libstdc++6', 'libc-bin', 'libicu76']);
    expect(result.ok && result.value.directory).toMatch(/debian-13-2\.41-/);
  });
});
