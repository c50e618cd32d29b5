import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandRunner } from '../../../../electron/engine/command.ts';
import type { Machine } from '../../../../electron/engine/machine.ts';
import { runWithPipes } from '../../../../electron/engine/pipes-runner.ts';
import type { SandboxChoice } from '../../../../electron/engine/repairs/repair.ts';
import { buildSandbox } from '../../../../electron/engine/sandbox/build.ts';
import { chooseSandbox } from '../../../../electron/engine/sandbox/choose.ts';
import { loaderNames } from '../../../../electron/engine/sandbox/layout.ts';
import { contentDigest, verifySandbox } from '../../../../electron/engine/sandbox/manifest.ts';
import { runVerification } from '../../../../electron/engine/verify/verify.ts';
import type { VerificationAnswer } from '../../../../electron/engine/verify/verify.ts';
import { message } from '../../../../shared/message.ts';
import { machineWithTestCache } from '../../../fixtures/debian.ts';
import { quietJob, sharedObject } from '../../../fixtures/sandbox-bench.ts';

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const triplet = architecture === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

let work = '';
let sandbox: SandboxChoice;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'devmend-f12-'));
  const plain = machineWithTestCache();
  const machine = { ...plain, directories: { ...plain.directories, data: join(work, 'data') } };
  const wanted = { versions: { 'libc.so.6': ['GLIBC_2.38'] }, libraries: [], kernel: '6.1.0' };
  const request = { architecture, ...wanted, source: null, release: '13' } as const;
  const chosen = await chooseSandbox(machine, request, quietJob);
  if (!chosen.ok) throw new Error(JSON.stringify(chosen.error));
  sandbox = chosen.value;
  const staging = join(work, 'staging');
  mkdirSync(staging);
  await buildSandbox(machine, sandbox.spec, staging, quietJob);
  mkdirSync(dirname(sandbox.directory), { recursive: true });
  renameSync(staging, sandbox.directory);
}, 300_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Verifies the sandbox of Debian 13, or the one named. */
async function verified(
  overrides: Partial<Machine> = {},
  directory = sandbox.directory,
): Promise<VerificationAnswer> {
  const interpreter = join(directory, 'lib', loaderNames[architecture]);
  const title = message('verify.title.private');
  const machine = { ...machineWithTestCache(), environment: { LANG: 'C.UTF-8' }, ...overrides };
  return runVerification(
    { kind: 'private-glibc', title, path: directory, interpreter },
    machine,
    quietJob,
  );
}

/** What is lost, as the keys of the sentences that a person is told. */
function lostIn({ notes }: VerificationAnswer): string[] {
  return (notes ?? []).map(({ key }) => key);
}

/** A root with these files, for what Devmend reads of the machine; programs are scripts. */
function rootWith(files: Readonly<Record<string, string | Buffer>>): string {
  const root = mkdtempSync(join(work, 'root-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode: 0o755 });
  }
  return root;
}

/** Runs what is started in the private glibc behind a mount that only it can see. */
function behindMount(...mount: readonly string[]): CommandRunner {
  const script = 'n=$1; shift; a=; while [ "$n" -gt 0 ]; do a="$a $1"; shift; n=$((n-1)); done; ';
  const line = `${script}/bin/mount $a && exec "$@"`;
  return async (command, onOutput, signal) => {
    if (command.file !== sandbox.interpreter) return runWithPipes(command, onOutput, signal);
    const shell = ['-m', '--propagation', 'private', '/bin/sh', '-c', line, 'sh'];
    const args = [...shell, String(mount.length), ...mount, command.file, ...command.args];
    return runWithPipes({ ...command, file: '/usr/bin/unshare', args }, onOutput, signal);
  };
}

describe('users, locales and character sets in a private glibc of Debian 13', () => {
  it('F12 getpwuid, setlocale and iconv are asked in it, and nothing is lost here', async () => {
    const answer = await verified();
    expect(answer).toMatchObject({ passed: true, error: null, notes: [] });
    const user = machineWithTestCache().user.name;
    expect(answer.output).toBe(`getpwuid: ${user}\nsetlocale: UTF-8\niconv: GBK`);
  });

  it('F12 a user that the system knows and it does not is named with what that means', async () => {
    const user = { uid: 54_321, gid: 54_321, name: 'ada' };
    const answer = await verified({ root: rootWith({}), user });
    expect(answer.passed).toBe(true);
    expect(answer.notes).toEqual([message('verify.private.no-user', { user: 'ada', uid: 54_321 })]);
    const nobody = { ...user, name: '54321' };
    expect(lostIn(await verified({ root: rootWith({}), user: nobody }))).toEqual([]);
    expect(lostIn(await verified({ user }))).toEqual([]);
  });

  it('F12 a service whose module only the system can load is named, in the words of the loader', async () => {
    const place = `usr/lib/${triplet}`;
    const module = sharedObject('libnss_devmendtest.so.2', []);
    const root = rootWith({
      'etc/nsswitch.conf':
        '# users\npasswd: files devmendtest nowhere systemd\nhosts: files [NOTFOUND=return] devmendtest dns\n',
      [`${place}/libnss_devmendtest.so.2`]: module,
    });
    const answer = await verified({ root });
    expect(answer.passed).toBe(true);
    expect(lostIn(answer)).toEqual([
      'verify.private.service-users',
      'verify.private.service-hosts',
    ]);
    expect(answer.notes?.[0]?.params).toMatchObject({
      service: 'devmendtest',
      reason: 'cannot open shared object file',
    });
  });

  it("F12 the system's locale that it cannot find is a warning; one that is nowhere is not", async () => {
    const locales = join(work, 'locales');
    cpSync('/usr/lib/locale/C.utf8', join(locales, 'xx_XX.UTF-8'), { recursive: true });
    const environment = { LANG: 'xx_XX.UTF-8' };
    const run: CommandRunner = async (command, onOutput, signal) => {
      const own = command.file === '/usr/bin/locale' ? { LOCPATH: locales } : {};
      const told = { ...command.environment, ...own };
      return runWithPipes({ ...command, environment: told }, onOutput, signal);
    };
    const own = await verified({ environment, run });
    expect(own.passed).toBe(true);
    expect(own.output).toContain('setlocale: ANSI_X3.4-1968');
    expect(own.notes).toEqual([message('verify.private.no-locale', { charmap: 'UTF-8' })]);
    expect(lostIn(await verified({ environment: { LANG: 'xx_XX.GBK' } }))).toEqual([]);
    const found = await verified({ environment: { ...environment, LOCPATH: locales } });
    expect(found.output).toContain('setlocale: UTF-8');
  });

  it('F12 nothing inside another root is run, not even to compare with', async () => {
    const trace = join(work, 'was-run');
    const script = `#!/bin/sh\ntouch ${trace}\n`;
    const names = ['usr/bin/locale', 'usr/bin/getent', 'usr/bin/iconv', 'bin/getent'];
    const root = rootWith(Object.fromEntries(names.map((name) => [name, script])));
    const user = { uid: 54_321, gid: 54_321, name: 'ada' };
    const run = behindMount('-t', 'tmpfs', 'none', `/usr/lib/${triplet}/gconv`);
    await verified({ root, user, run, environment: { LANG: 'xx_XX.UTF-8' } });
    expect(existsSync(trace)).toBe(false);
  });

  it("F12 conversions come from the system's gconv directory: without it they are lost", async () => {
    const run = behindMount('-t', 'tmpfs', 'none', `/usr/lib/${triplet}/gconv`);
    const answer = await verified({ run });
    expect(answer.passed).toBe(true);
    expect(lostIn(answer)).toEqual(['verify.private.no-charset']);
    expect(answer.output).not.toContain('iconv');
  });

  it("F12 a crash on the system's locale archive fails the verification", async () => {
    const directory = damagedArchive();
    const run = behindMount('--bind', directory, '/usr/lib/locale');
    const answer = await verified({ run, environment: { LANG: 'xx_XX.UTF-8' } });
    expect(answer).toMatchObject({
      passed: false,
      error: { code: 'private-glibc-crashed', params: { program: 'getent', answer: 'SIGSEGV' } },
    });
  });

  it('F12 a sandbox built before, without the programs, serves on and says that nothing was asked', async () => {
    const older = join(work, 'older');
    cpSync(sandbox.directory, older, { recursive: true, verbatimSymlinks: true });
    rmSync(join(older, 'probes'), { recursive: true });
    const path = join(older, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as {
      spec: typeof sandbox.spec;
      files: { path: string }[];
    };
    manifest.spec.packages = manifest.spec.packages.filter(({ name }) => name !== 'libc-bin');
    manifest.files = manifest.files.filter((file) => !file.path.startsWith('probes/'));
    writeFileSync(path, JSON.stringify(manifest));
    expect(await verifySandbox(older)).toMatchObject({ ok: true });
    expect(contentDigest(manifest.spec)).toBe(contentDigest(sandbox.spec));
    const answer = await verified({}, older);
    expect(answer).toMatchObject({ passed: true, output: '' });
    expect(lostIn(answer)).toEqual(['verify.private.not-probed']);
  });

  it('F12 no variable but those of the language reaches the programs', async () => {
    const seen = new Set<string>();
    const run: CommandRunner = async (command, onOutput, signal) => {
      Object.keys(command.environment).forEach((name) => seen.add(name));
      return runWithPipes(command, onOutput, signal);
    };
    const environment = { LC_CTYPE: 'C.UTF-8', GCONV_PATH: '/x', LD_PRELOAD: '/x', TOKEN: 'x' };
    await verified({ run, environment });
    expect([...seen].sort()).toEqual(['HOME', 'LANG', 'LC_CTYPE', 'PATH']);
  });
});

/** A directory with a locale archive whose one name lies 2 GB behind its end. */
function damagedArchive(): string {
  const prefix = join(work, 'archive');
  const directory = join(prefix, 'usr/lib/locale');
  const source = join(work, 'xx_XX.utf8');
  mkdirSync(directory, { recursive: true });
  cpSync('/usr/lib/locale/C.utf8', source, { recursive: true });
  execFileSync('localedef', [`--prefix=${prefix}`, '--add-to-archive', source], { stdio: 'pipe' });
  const path = join(directory, 'locale-archive');
  const bytes = readFileSync(path);
  // struct locarhead and struct namehashent of glibc's locale/locarchive.h.
  const [names, count] = [bytes.readUInt32LE(8), bytes.readUInt32LE(16)];
  for (let entry = names; entry < names + count * 12; entry += 12) {
    if (bytes.readUInt32LE(entry) !== 0) bytes.writeUInt32LE(0x7fff0000, entry + 4);
  }
  writeFileSync(path, bytes);
  return directory;
}
