import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildSandbox } from '../../../electron/engine/sandbox/build.ts';
import { chooseSandbox } from '../../../electron/engine/sandbox/choose.ts';
import type { SandboxOptions } from '../../../electron/engine/sandbox/choose.ts';
import type { Machine } from '../../../electron/engine/machine.ts';
import { runWithPipes } from '../../../electron/engine/pipes-runner.ts';
import type { SandboxChoice, SandboxRequest } from '../../../electron/engine/repairs/repair.ts';
import type { ErrorData, Result } from '../../../shared/error.ts';
import { debFile } from '../../fixtures/debs.ts';
import { archiveKey, writeArchive, writeDirectorySource } from '../../fixtures/signed-archive.ts';
import type { ArchiveKey, TestPackage, TestRelease } from '../../fixtures/signed-archive.ts';

let work = '';
let source = '';
let key: ArchiveKey;
let stranger: ArchiveKey;
let packages: Record<'old' | 'new', TestPackage[]>;
const lib = 'usr/lib/x86_64-linux-gnu';

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'devmend-choose-'));
  key = await archiveKey();
  stranger = await archiveKey('Stranger');
  writeFileSync(join(work, 'keyring.gpg'), key.publicKey);
  packages = {
    old: await basePackages('2.36-9', ['GLIBC_2.31', 'GLIBC_2.36']),
    new: await basePackages('2.41-12', ['GLIBC_2.31', 'GLIBC_2.36', 'GLIBC_2.38', 'GLIBC_2.41']),
  };
});
afterAll(() => rmSync(work, { recursive: true, force: true }));
beforeEach(() => {
  source = mkdtempSync(join(work, 'source-'));
});

/** A shared object with these version definitions, made by gcc. */
function sharedObject(soname: string, versions: readonly string[], needs: string[] = []): Buffer {
  const directory = mkdtempSync(join(work, 'gcc-'));
  const script = versions.map((name) => `${name} { };`).join('\n');
  writeFileSync(join(directory, 'versions'), script);
  writeFileSync(join(directory, 'a.c'), 'int devmend_test(void) { return 1; }');
  const stubs = needs.map((need) => {
    const stub = join(directory, need);
    execFileSync('gcc', [
      '-shared',
      '-nostdlib',
      `-Wl,-soname,${need}`,
      '-o',
      stub,
      '-xc',
      '/dev/null',
    ]);
    return stub;
  });
  const flags = ['-shared', '-nostdlib', '-fPIC', `-Wl,-soname,${soname}`, '-Wl,--no-as-needed'];
  const map = versions.length === 0 ? [] : [`-Wl,--version-script=${join(directory, 'versions')}`];
  const out = join(directory, 'out.so');
  execFileSync('gcc', [...flags, ...map, '-o', out, join(directory, 'a.c'), ...stubs]);
  return readFileSync(out);
}

async function basePackages(version: string, versions: string[]): Promise<TestPackage[]> {
  const floor = sharedObjectWithKernelFloor(versions);
  const loader = sharedObject('ld-linux-x86-64.so.2', []);
  return [
    await packaged('libc6', version, {
      'libc.so.6': floor,
      'ld-linux-x86-64.so.2': loader,
    }),
    await packaged('libgcc-s1', '14', {
      'libgcc_s.so.1': sharedObject('libgcc_s.so.1', ['GCC_3.0']),
    }),
    await packaged('libstdc++6', '14', {
      'libstdc++.so.6': sharedObject('libstdc++.so.6', ['GLIBCXX_3.4', 'CXXABI_1.3']),
    }),
  ];
}

/** libc.so.6 with an ABI note for Linux 4.4.0 (NT_GNU_ABI_TAG, as in glibc's csu/abi-note.S). */
function sharedObjectWithKernelFloor(versions: readonly string[]): Buffer {
  const directory = mkdtempSync(join(work, 'gcc-'));
  writeFileSync(join(directory, 'versions'), versions.map((name) => `${name} { };`).join('\n'));
  writeFileSync(
    join(directory, 'note.s'),
    '.section .note.ABI-tag,"a",@note\n.long 4,16,1\n.asciz "GNU"\n.long 0,4,4,0\n',
  );
  const out = join(directory, 'libc.so.6');
  const map = `-Wl,--version-script=${join(directory, 'versions')}`;
  const flags = ['-shared', '-nostdlib', '-Wl,-soname,libc.so.6', map];
  execFileSync('gcc', [...flags, '-o', out, join(directory, 'note.s')]);
  return readFileSync(out);
}

async function packaged(
  name: string,
  version: string,
  files: Readonly<Record<string, Buffer>>,
): Promise<TestPackage> {
  const entries = Object.entries(files).map(([file, content]) => ({
    name: `./${lib}/${file}`,
    content,
    mode: 0o755,
  }));
  return { name, version, deb: await debFile(entries) };
}

function machineFor(overrides: Partial<Machine> = {}): Machine {
  const state = mkdtempSync(join(work, 'state-'));
  // An empty root: no libraries of the machine that runs the tests, and no mirrors of it.
  const root = join(state, 'root');
  mkdirSync(root);
  return {
    root,
    home: '/root',
    user: { uid: 0, gid: 0, name: 'root' },
    environment: {},
    clock: () => new Date(),
    run: runWithPipes,
    directories: {
      config: join(state, 'config'),
      state: join(state, 'state'),
      cache: join(state, 'cache'),
      data: join(state, 'data'),
    },
    version: '0.1.0',
    ...overrides,
  };
}

const job = { emit: () => undefined, signal: new AbortController().signal };

async function choose(
  request: Partial<SandboxRequest> = {},
  options: SandboxOptions = {},
  machine = machineFor(),
): Promise<Result<SandboxChoice, ErrorData>> {
  const whole: SandboxRequest = {
    architecture: 'amd64',
    versions: { 'libc.so.6': ['GLIBC_2.38'] },
    libraries: [],
    kernel: '6.1.0-13-amd64',
    source,
    release: null,
    ...request,
  };
  return await chooseSandbox(machine, whole, job, {
    keyring: join(work, 'keyring.gpg'),
    ...options,
  });
}

function codeOf(result: Result<SandboxChoice, ErrorData>): string {
  return result.ok ? 'ok' : result.error.code;
}

const bookworm = (changes: Partial<TestRelease> = {}): TestRelease => ({
  suite: 'bookworm',
  version: '12.15',
  packages: packages.old,
  ...changes,
});
const trixie = (changes: Partial<TestRelease> = {}): TestRelease => ({
  suite: 'trixie',
  version: '13.8',
  packages: packages.new,
  ...changes,
});

describe('choosing a release', () => {
  it('takes the oldest release whose libraries define what is asked for', async () => {
    await writeArchive(source, [bookworm(), trixie()], key);
    const needsOld = await choose({ versions: { 'libc.so.6': ['GLIBC_2.36'] } });
    const needsNew = await choose();
    expect(needsOld.ok && needsOld.value.spec.suite).toBe('bookworm');
    expect(needsNew.ok && needsNew.value.spec).toMatchObject({
      suite: 'trixie',
      release: '13',
      distributor: 'Debian',
      glibc: '2.41',
      kernelFloor: '4.4.0',
      signedBy: { fingerprint: key.fingerprint },
    });
  });

  it('believes the libraries and not the version number of the package', async () => {
    const boast = packages.old.map((entry) => ({ ...entry, version: '2.99-1' }));
    await writeArchive(source, [trixie({ packages: boast })], key);
    const result = await choose();
    expect(result).toMatchObject({ ok: false, error: { code: 'source-no-release' } });
  });

  it('asks libstdc++ for its own families of versions', async () => {
    await writeArchive(source, [trixie()], key);
    expect(codeOf(await choose({ versions: { 'libstdc++.so.6': ['GLIBCXX_3.4'] } }))).toBe('ok');
    const newer = await choose({ versions: { 'libstdc++.so.6': ['GLIBCXX_3.4.99'] } });
    expect(newer).toMatchObject({
      ok: false,
      error: { code: 'source-no-release', params: { needed: 'GLIBCXX_3.4.99' } },
    });
  });

  it('takes no release that is older than the machine, whose libraries load beside it', async () => {
    const machine = machineFor();
    mkdirSync(join(machine.root, lib), { recursive: true });
    writeFileSync(
      join(machine.root, lib, 'libc.so.6'),
      sharedObject('libc.so.6', ['GLIBC_2.31', 'GLIBC_2.38']),
    );
    await writeArchive(source, [bookworm(), trixie()], key);
    const result = await choose({ versions: { 'libc.so.6': ['GLIBC_2.31'] } }, {}, machine);
    expect(result.ok && result.value.spec.suite).toBe('trixie');
  });

  it('refuses a kernel below the floor in the ABI note, and takes the floor itself', async () => {
    await writeArchive(source, [trixie()], key);
    expect(await choose({ kernel: '4.3.9-generic' })).toMatchObject({
      ok: false,
      error: { code: 'kernel-too-old', params: { kernel: '4.3.9-generic', floor: '4.4.0' } },
    });
    expect(codeOf(await choose({ kernel: '4.4.0-rc1' }))).toBe('ok');
    expect(codeOf(await choose({ kernel: null }))).toBe('ok');
  });

  it('knows a release by number and by suite, and says when the source lacks it', async () => {
    await writeArchive(source, [trixie()], key);
    expect(codeOf(await choose({ release: '13' }))).toBe('ok');
    expect(codeOf(await choose({ release: 'trixie' }))).toBe('ok');
    expect(await choose({ release: 'bookworm' })).toMatchObject({
      ok: false,
      error: { code: 'source-no-release', params: { needed: 'bookworm' } },
    });
    expect(codeOf(await choose({ release: '../trixie' }))).toBe('choice-invalid');
  });

  it('brings a missing library, and what that needs in turn', async () => {
    const foo = await packaged('libfoo1t64', '1', {
      'libfoo.so.1': sharedObject('libfoo.so.1', [], ['libodd.so.7', 'libc.so.6']),
    });
    const odd = await packaged('strangely-named', '1', {
      'libodd.so.7': sharedObject('libodd.so.7', []),
    });
    await writeDirectorySource(source, trixie({ packages: [...packages.new, foo, odd] }), key);
    const result = await choose({ libraries: ['libfoo.so.1'] });
    expect(result.ok && result.value.spec.packages.map(({ name }) => name)).toEqual([
      'libc6',
      'libgcc-s1',
      'libstdc++6',
      'libfoo1t64',
      'strangely-named',
    ]);
    expect(await choose({ libraries: ['libnowhere.so.3'] })).toMatchObject({
      ok: false,
      error: { code: 'source-no-release', params: { needed: 'libnowhere.so.3' } },
    });
  });

  it('says which package the index lacks', async () => {
    const [libc6] = packages.new;
    await writeDirectorySource(source, trixie({ packages: libc6 ? [libc6] : [] }), key);
    expect(await choose()).toMatchObject({
      ok: false,
      error: { code: 'source-package-missing', params: { package: 'libgcc-s1' } },
    });
  });
});

describe.each([
  ['gpgv', {}],
  ['the openpgp library', { gpgv: null }],
] as const)('the chain of trust, with %s', (_name, options) => {
  const chooses = async (): Promise<string> => codeOf(await choose({}, options));

  it('holds for InRelease and for Release with Release.gpg', async () => {
    await writeArchive(source, [trixie()], key);
    expect(await chooses()).toBe('ok');
    rmSync(source, { recursive: true });
    await writeDirectorySource(source, trixie({ signature: 'Release.gpg' }), key);
    expect(await chooses()).toBe('ok');
  });

  it('breaks when the text was changed after signing', async () => {
    const tamper = (text: string): string => text.replace('13.8', '13.9');
    await writeArchive(source, [trixie({ tamper })], key);
    expect(await chooses()).toBe('source-signature-invalid');
    rmSync(source, { recursive: true });
    await writeDirectorySource(source, trixie({ signature: 'Release.gpg', tamper }), key);
    expect(await chooses()).toBe('source-signature-invalid');
  });

  it('breaks when somebody else signed', async () => {
    await writeArchive(source, [trixie()], stranger);
    expect(await chooses()).toBe('source-signature-invalid');
  });

  it('breaks without a signature', async () => {
    await writeDirectorySource(source, trixie({ signature: 'none' }), key);
    expect(await chooses()).toBe('source-signature-invalid');
    rmSync(join(source, 'Release'));
    expect(await chooses()).toBe('source-no-release');
  });

  it.each([
    ['before', (text: string) => `Codename: trixie\n\n${text}`],
    ['behind', (text: string) => `${text}\nCodename: trixie\n`],
    ['twice', (text: string) => `${text}${text}`],
  ])('breaks when something stands around the signed text: %s', async (_where, tamper) => {
    await writeArchive(source, [trixie({ tamper })], key);
    expect(await chooses()).toBe('source-signature-invalid');
  });

  it('breaks when the signed release is another than the one asked for', async () => {
    await writeArchive(source, [trixie({ fields: { Codename: 'bookworm', Suite: 'x' } })], key);
    expect(await chooses()).toBe('source-signature-invalid');
  });

  it('breaks when the release has expired, by the clock of the machine', async () => {
    const hour = 3_600_000;
    const until = new Date(Date.now() - hour).toUTCString().replace('GMT', 'UTC');
    await writeArchive(source, [trixie({ fields: { 'Valid-Until': until } })], key);
    expect(await chooses()).toBe('source-expired');
    const machine = machineFor({ clock: () => new Date(Date.now() - 2 * hour) });
    expect(codeOf(await choose({}, options, machine))).toBe('ok');
  });

  it('breaks when the release lists no sha256', async () => {
    const fields = { SHA256: undefined, MD5Sum: '\n 00 0 main/binary-amd64/Packages.gz' };
    await writeArchive(source, [trixie({ fields })], key);
    expect(await chooses()).toBe('source-digest-mismatch');
  });

  it('breaks when the index is not the signed one', async () => {
    const index = (text: string): string => text.replace('libc6_', 'evil_');
    await writeArchive(source, [trixie({ index })], key);
    expect(await chooses()).toBe('source-digest-mismatch');
  });
});

describe('packages', () => {
  it('are refused when they are not what the index says, and nothing is kept', async () => {
    await writeArchive(source, [trixie()], key);
    const machine = machineFor();
    const pool = join(source, 'pool/trixie');
    const name = readdirSync(pool).find((entry) => entry.startsWith('libc6')) ?? '';
    const bytes = readFileSync(join(pool, name));
    for (const damaged of [flipped(bytes), bytes.subarray(1), Buffer.concat([bytes, bytes])]) {
      writeFileSync(join(pool, name), damaged);
      expect(codeOf(await choose({}, {}, machine))).toBe('source-digest-mismatch');
    }
    rmSync(join(pool, name));
    expect(codeOf(await choose({}, {}, machine))).toBe('source-package-missing');
    expect(readdirSync(machine.directories.cache)).toEqual(['packages']);
    expect(existsSync(machine.directories.data)).toBe(false);
  });

  it('are not looked for outside the source', async () => {
    const index = (text: string): string => text.replaceAll('./libc6', '../libc6');
    const release = trixie();
    await writeDirectorySource(source, { ...release, packages: release.packages }, key);
    const text = readFileSync(join(source, 'Packages'), 'utf8');
    expect(index(text)).not.toBe(text);
    const escaping = release.packages.map((entry) =>
      entry.name === 'libc6' ? { ...entry, version: '/../../x' } : entry,
    );
    rmSync(source, { recursive: true });
    await writeDirectorySource(source, { ...release, packages: escaping }, key);
    expect(codeOf(await choose())).toBe('source-package-missing');
  });

  it('a damaged copy in the cache is fetched again; a build without network needs only the cache', async () => {
    await writeArchive(source, [trixie()], key);
    const machine = machineFor();
    const chosen = await choose({}, {}, machine);
    if (!chosen.ok) throw new Error(chosen.error.code);
    const { spec } = chosen.value;
    rmSync(source, { recursive: true });
    const staging = mkdtempSync(join(work, 'staging-'));
    await buildSandbox(machine, spec, staging, job);
    expect(readdirSync(join(staging, 'lib')).sort()).toEqual([
      'ld-linux-x86-64.so.2',
      'libc.so.6',
      'libgcc_s.so.1',
      'libstdc++.so.6',
    ]);
    const cached = join(machine.directories.cache, 'packages', spec.packages[0]?.sha256 ?? '');
    writeFileSync(cached, flipped(readFileSync(cached)));
    const again = mkdtempSync(join(work, 'staging-'));
    await expect(buildSandbox(machine, spec, again, job)).rejects.toMatchObject({
      data: { code: 'source-package-missing' },
    });
    expect(readdirSync(again)).toEqual([]);
  });

  it('a hostile package of a signed index leaves nothing outside the staging directory', async () => {
    const evil = {
      name: 'libgcc-s1',
      version: '14',
      deb: await debFile([{ name: '../../evil', content: 'x' }]),
    };
    const others = packages.new.filter(({ name }) => name !== evil.name);
    await writeArchive(source, [trixie({ packages: [...others, evil] })], key);
    expect(codeOf(await choose())).toBe('source-unsafe-archive');
  });
});

describe('sources', () => {
  it('over http: what is there, what is not, and no connection', async () => {
    await writeArchive(source, [trixie()], key);
    const server = await serve(source);
    const { port } = server.address() as AddressInfo;
    const address = `http://127.0.0.1:${String(port)}/debian`;
    const result = await choose({ source: address });
    expect(result.ok && result.value.spec.source).toEqual({
      kind: 'archive',
      address: `${address}/`,
    });
    expect(codeOf(await choose({ source: `${address}/nowhere` }))).toBe('source-no-release');
    await new Promise((resolve) => server.close(resolve));
    expect(codeOf(await choose({ source: address }))).toBe('source-unreachable');
  });

  it('refuses addresses it cannot use or that carry a password', async () => {
    for (const bad of ['ftp://example.org/debian', 'not an address', 'http://u:p@example.org/']) {
      expect(codeOf(await choose({ source: bad }))).toBe('choice-invalid');
    }
    expect(codeOf(await choose({ source: join(work, 'nothing-here') }))).toBe('source-no-release');
  });

  it('stops when the person cancels', async () => {
    await writeArchive(source, [trixie()], key);
    const machine = machineFor();
    const stopped = { emit: () => undefined, signal: AbortSignal.abort() };
    const request: SandboxRequest = {
      architecture: 'amd64',
      versions: {},
      libraries: [],
      kernel: null,
      source,
      release: null,
    };
    expect(await chooseSandbox(machine, request, stopped)).toMatchObject({
      error: { code: 'cancelled' },
    });
  });

  it('says when a keyring is none', async () => {
    const keyring = join(work, 'no-keyring');
    writeFileSync(keyring, gzipSync('no keys'));
    expect(codeOf(await choose({}, { keyring }))).toBe('source-no-keyring');
  });
});

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[100] = (copy[100] ?? 0) ^ 1;
  return copy;
}

async function serve(directory: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = join(directory, decodeURIComponent(request.url ?? '').replace('/debian/', ''));
    try {
      response.end(readFileSync(path));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
