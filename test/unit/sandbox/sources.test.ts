import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { armor, enums } from 'openpgp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildSandbox } from '../../../electron/engine/sandbox/build.ts';
import { chooseSandbox } from '../../../electron/engine/sandbox/choose.ts';
import type { SandboxRequest } from '../../../electron/engine/repairs/repair.ts';
import { debFile } from '../../fixtures/debs.ts';
import { SandboxBench, codeOf, quietJob } from '../../fixtures/sandbox-bench.ts';
import { writeArchive, writeDirectorySource } from '../../fixtures/signed-archive.ts';

let bench: SandboxBench;
let source = '';

beforeAll(async () => {
  bench = await SandboxBench.open();
});
afterAll(() => bench.close());
beforeEach(() => {
  source = bench.directory('source');
});

describe('packages', () => {
  it('are refused when they are not what the index says, and nothing is kept', async () => {
    await writeArchive(source, [bench.trixie()], bench.key);
    const machine = bench.machine();
    const pool = join(source, 'pool/trixie');
    const name = readdirSync(pool).find((entry) => entry.startsWith('libc6')) ?? '';
    const bytes = readFileSync(join(pool, name));
    for (const damaged of [flipped(bytes), bytes.subarray(1), Buffer.concat([bytes, bytes])]) {
      writeFileSync(join(pool, name), damaged);
      expect(codeOf(await bench.choose(source, {}, {}, machine))).toBe('source-digest-mismatch');
    }
    rmSync(join(pool, name));
    expect(codeOf(await bench.choose(source, {}, {}, machine))).toBe('source-package-missing');
    expect(readdirSync(machine.directories.cache)).toEqual(['packages']);
    expect(existsSync(machine.directories.data)).toBe(false);
  });

  it('are not looked for outside the source', async () => {
    const index = (text: string): string => text.replaceAll('./libc6', '../libc6');
    const release = bench.trixie();
    await writeDirectorySource(source, { ...release, packages: release.packages }, bench.key);
    const text = readFileSync(join(source, 'Packages'), 'utf8');
    expect(index(text)).not.toBe(text);
    const escaping = release.packages.map((entry) =>
      entry.name === 'libc6' ? { ...entry, version: '/../../x' } : entry,
    );
    rmSync(source, { recursive: true });
    await writeDirectorySource(source, { ...release, packages: escaping }, bench.key);
    expect(codeOf(await bench.choose(source))).toBe('source-package-missing');
  });

  it('a damaged copy in the cache is fetched again; a build without network needs only the cache', async () => {
    await writeArchive(source, [bench.trixie()], bench.key);
    const machine = bench.machine();
    const chosen = await bench.choose(source, {}, {}, machine);
    if (!chosen.ok) throw new Error(chosen.error.code);
    const { spec } = chosen.value;
    rmSync(source, { recursive: true });
    const staging = bench.directory('staging');
    await buildSandbox(machine, spec, staging, quietJob);
    expect(readdirSync(join(staging, 'lib')).sort()).toEqual([
      'ld-linux-x86-64.so.2',
      'libc.so.6',
      'libgcc_s.so.1',
      'libstdc++.so.6',
    ]);
    const cached = join(machine.directories.cache, 'packages', spec.packages[0]?.sha256 ?? '');
    writeFileSync(cached, flipped(readFileSync(cached)));
    const again = bench.directory('staging');
    await expect(buildSandbox(machine, spec, again, quietJob)).rejects.toMatchObject({
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
    const others = bench.trixie().packages.filter(({ name }) => name !== evil.name);
    await writeArchive(source, [bench.trixie({ packages: [...others, evil] })], bench.key);
    expect(codeOf(await bench.choose(source))).toBe('source-unsafe-archive');
  });
});

describe('sources', () => {
  it('over http: what is there, what is not, and no connection', async () => {
    await writeArchive(source, [bench.trixie()], bench.key);
    const server = await serve(source);
    const { port } = server.address() as AddressInfo;
    const address = `http://127.0.0.1:${String(port)}/debian`;
    const result = await bench.choose(source, { source: address });
    expect(result.ok && result.value.spec.source).toEqual({
      kind: 'archive',
      address: `${address}/`,
    });
    expect(codeOf(await bench.choose(source, { source: `${address}/nowhere` }))).toBe(
      'source-no-release',
    );
    await new Promise((resolve) => server.close(resolve));
    expect(codeOf(await bench.choose(source, { source: address }))).toBe('source-unreachable');
  });

  it('refuses addresses it cannot use or that carry a password', async () => {
    for (const bad of ['ftp://example.org/debian', 'not an address', 'http://u:p@example.org/']) {
      expect(codeOf(await bench.choose(source, { source: bad }))).toBe('choice-invalid');
    }
    expect(codeOf(await bench.choose(source, { source: join(bench.work, 'nothing-here') }))).toBe(
      'source-unreachable',
    );
  });

  it('stops when the person cancels', async () => {
    await writeArchive(source, [bench.trixie()], bench.key);
    const machine = bench.machine();
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

  it('takes a keyring in armour as well', async () => {
    await writeArchive(source, [bench.trixie()], bench.key);
    const keyring = join(bench.work, 'keyring.asc');
    writeFileSync(keyring, armor(enums.armor.publicKey, bench.key.publicKey));
    expect(codeOf(await bench.choose(source, {}, { keyring }))).toBe('ok');
    expect(codeOf(await bench.choose(source, {}, { keyring, gpgv: null }))).toBe('ok');
  });

  it('says when a keyring is none', async () => {
    const keyring = join(bench.work, 'no-keyring');
    writeFileSync(keyring, gzipSync('no keys'));
    expect(codeOf(await bench.choose(source, {}, { keyring }))).toBe('source-no-keyring');
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
