import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SandboxBench, codeOf, packaged, sharedObject } from '../../fixtures/sandbox-bench.ts';
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

describe('choosing a release', () => {
  it('takes the oldest release whose libraries define what is asked for', async () => {
    await writeArchive(source, [bench.bookworm(), bench.trixie()], bench.key);
    const needsOld = await bench.choose(source, { versions: { 'libc.so.6': ['GLIBC_2.36'] } });
    const needsNew = await bench.choose(source);
    expect(needsOld.ok && needsOld.value.spec.suite).toBe('bookworm');
    expect(needsNew.ok && needsNew.value.spec).toMatchObject({
      suite: 'trixie',
      release: '13',
      distributor: 'Debian',
      glibc: '2.41',
      kernelFloor: '4.4.0',
      signedBy: { fingerprint: bench.key.fingerprint },
    });
  });

  it('believes the libraries and not the version number of the package', async () => {
    const boast = bench.bookworm().packages.map((entry) => ({ ...entry, version: '2.99-1' }));
    await writeArchive(source, [bench.trixie({ packages: boast })], bench.key);
    const result = await bench.choose(source);
    expect(result).toMatchObject({ ok: false, error: { code: 'source-no-release' } });
  });

  it('asks libstdc++ for its own families of versions', async () => {
    await writeArchive(source, [bench.trixie()], bench.key);
    expect(
      codeOf(await bench.choose(source, { versions: { 'libstdc++.so.6': ['GLIBCXX_3.4'] } })),
    ).toBe('ok');
    const newer = await bench.choose(source, {
      versions: { 'libstdc++.so.6': ['GLIBCXX_3.4.99'] },
    });
    expect(newer).toMatchObject({
      ok: false,
      error: { code: 'source-no-release', params: { needed: 'GLIBCXX_3.4.99' } },
    });
  });

  it('takes no release that is older than the machine, whose libraries load beside it', async () => {
    const machine = bench.machine();
    mkdirSync(join(machine.root, 'usr/lib/x86_64-linux-gnu'), { recursive: true });
    writeFileSync(
      join(machine.root, 'usr/lib/x86_64-linux-gnu', 'libc.so.6'),
      sharedObject('libc.so.6', ['GLIBC_2.31', 'GLIBC_2.38']),
    );
    await writeArchive(source, [bench.bookworm(), bench.trixie()], bench.key);
    const result = await bench.choose(
      source,
      { versions: { 'libc.so.6': ['GLIBC_2.31'] } },
      {},
      machine,
    );
    expect(result.ok && result.value.spec.suite).toBe('trixie');
  });

  it('F13 refuses a kernel below the floor in the ABI note, and takes the floor itself', async () => {
    await writeArchive(source, [bench.trixie()], bench.key);
    expect(await bench.choose(source, { kernel: '4.3.9-generic' })).toMatchObject({
      ok: false,
      error: { code: 'kernel-too-old', params: { kernel: '4.3.9-generic', floor: '4.4.0' } },
    });
    expect(codeOf(await bench.choose(source, { kernel: '4.4.0-rc1' }))).toBe('ok');
    expect(codeOf(await bench.choose(source, { kernel: null }))).toBe('ok');
  });

  it('knows a release by number and by suite, and says when the source lacks it', async () => {
    await writeArchive(source, [bench.trixie()], bench.key);
    expect(codeOf(await bench.choose(source, { release: '13' }))).toBe('ok');
    expect(codeOf(await bench.choose(source, { release: 'trixie' }))).toBe('ok');
    expect(await bench.choose(source, { release: 'bookworm' })).toMatchObject({
      ok: false,
      error: { code: 'source-no-release', params: { needed: 'bookworm' } },
    });
    expect(codeOf(await bench.choose(source, { release: '../trixie' }))).toBe('choice-invalid');
  });

  it('brings a missing library, and what that needs in turn', async () => {
    const foo = await packaged('libfoo1t64', '1', {
      'libfoo.so.1': sharedObject('libfoo.so.1', [], ['libodd.so.7', 'libc.so.6']),
    });
    const odd = await packaged('strangely-named', '1', {
      'libodd.so.7': sharedObject('libodd.so.7', []),
    });
    await writeDirectorySource(
      source,
      bench.trixie({ packages: [...bench.trixie().packages, foo, odd] }),
      bench.key,
    );
    const result = await bench.choose(source, { libraries: ['libfoo.so.1'] });
    expect(result.ok && result.value.spec.packages.map(({ name }) => name)).toEqual([
      'libc6',
      'libgcc-s1',
      'libstdc++6',
      'libfoo1t64',
      'strangely-named',
    ]);
    expect(await bench.choose(source, { libraries: ['libnowhere.so.3'] })).toMatchObject({
      ok: false,
      error: { code: 'source-no-release', params: { needed: 'libnowhere.so.3' } },
    });
  });

  it('says which package the index lacks', async () => {
    const [libc6] = bench.trixie().packages;
    await writeDirectorySource(source, bench.trixie({ packages: libc6 ? [libc6] : [] }), bench.key);
    expect(await bench.choose(source)).toMatchObject({
      ok: false,
      error: { code: 'source-package-missing', params: { package: 'libgcc-s1' } },
    });
  });
});
