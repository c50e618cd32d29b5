import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';
import { SandboxBench } from '../../fixtures/sandbox-bench.ts';
import {
  writeArchive,
  writeDirectorySource,
  type TestRelease,
} from '../../fixtures/signed-archive.ts';
import { benches, isRoot, treeDigest, type Bench } from './harness.ts';

const newBench = benches();
let bench: Bench;
let sandbox: SandboxBench;
let program = '';
let finding = '';
beforeAll(async () => {
  bench = newBench();
  program = bench.at('git');
  buildNewerProgram(program, 'git');
  finding = await bench.findingOf(program);
  sandbox = await SandboxBench.open();
});
afterAll(() => sandbox.close());

/** Makes the test's key one that Debian's keyring holds, for one call. */
const trusting = (): string =>
  [
    'mount -t tmpfs tmpfs /usr/share/keyrings',
    `cp ${sandbox.keyring} /usr/share/keyrings/debian-archive-keyring.gpg`,
  ].join('; ');

/** What applying says with this source; nothing may have been written but the cache. */
async function refusedSource(source: string, more: { mounts?: string; release?: string } = {}) {
  const before = treeDigest(bench.directory, [bench.at('cache')]);
  const release = more.release === undefined ? [] : ['--choice', `release=${more.release}`];
  const told = await bench.refused(
    ['apply', finding, '--program', program, '--choice', `source=${source}`, ...release, '--yes'],
    3,
    {
      environment: { XDG_CACHE_HOME: bench.at('cache') },
      ...(more.mounts === undefined ? {} : { mounts: more.mounts }),
    },
  );
  expect(treeDigest(bench.directory, [bench.at('cache')])).toBe(before);
  return told;
}

async function archive(release: TestRelease, key = sandbox.key): Promise<string> {
  const directory = sandbox.directory('archive');
  await writeArchive(directory, [release], key);
  return directory;
}

describe('a source', () => {
  it('signed by a stranger is not used, and says what to look for', async () => {
    const told = await refusedSource(await archive(sandbox.trixie()));
    expect(told).toMatch(/signature of .*InRelease could not be verified \(.+\), so nothing/u);
  });

  it('that does not answer is named with the reason', async () => {
    const told = await refusedSource('http://127.0.0.1:9/debian');
    expect(told).toContain('could not be read (connect ECONNREFUSED');
  });

  it('that is not there is not taken for an empty one', async () => {
    expect(await refusedSource('/no/such/place')).toContain(
      '/no/such/place could not be read (ENOENT)',
    );
  });

  it('that is an empty folder has nothing to offer', async () => {
    mkdirSync(bench.at('empty'), { recursive: true });
    expect(await refusedSource(bench.at('empty'))).toContain('no release that offers GLIBC_2.38');
  });
});

describe.skipIf(!isRoot)('a source with a trusted key (shown to Devmend by a mount)', () => {
  it('that was changed after signing is not used', async () => {
    const tamper = (signed: string): string => signed.replace('Suite: stable', 'Suite: stabel');
    const source = await archive(sandbox.trixie({ tamper }));
    expect(await refusedSource(source, { mounts: trusting() })).toContain('could not be verified');
  });

  it('whose index or package is not the signed one stops with nothing written', async () => {
    const directory = sandbox.directory('debs');
    const packages = sandbox.trixie().packages.map((each) => ({ ...each, sha256: '0'.repeat(64) }));
    await writeDirectorySource(directory, sandbox.trixie({ packages }), sandbox.key);
    const told = await refusedSource(directory, { mounts: trusting() });
    expect(told).toMatch(/\.deb is not what the signed index says \(expected 0+, found/u);
    const index = (signed: string): string => `${signed}\n`;
    const changed = await archive(sandbox.trixie({ index }));
    const about = await refusedSource(changed, { mounts: trusting() });
    expect(about).toMatch(/Packages\S* is not what the signed index says/u);
  });

  it('that has expired says until when it was good', async () => {
    const fields = { 'Valid-Until': 'Mon, 01 Jan 2024 00:00:00 UTC' };
    const source = await archive(sandbox.trixie({ fields }));
    const told = await refusedSource(source, { mounts: trusting(), release: 'trixie' });
    expect(told).toContain('only until Mon, 01 Jan 2024');
  });

  it('that lacks the release names what is lacking', async () => {
    const source = await archive(sandbox.bookworm());
    const told = await refusedSource(source, { mounts: trusting(), release: 'bookworm' });
    expect(told).toMatch(/has no release that offers GLIBC_2\./u);
  });
});

describe.skipIf(!isRoot)('a disk (mounted for one call)', () => {
  const disk = (options: string): { path: string; mounts: string } => {
    const path = bench.at('disk');
    mkdirSync(path, { recursive: true });
    return { path, mounts: `mount -t tmpfs -o mode=755,${options} tmpfs ${path}` };
  };

  it.each([
    ['state, full', 'XDG_STATE_HOME', 'size=64k', 'not enough free space for'],
    ['data, full', 'XDG_DATA_HOME', 'size=3m', 'not enough free space for'],
    ['cache, full', 'XDG_CACHE_HOME', 'size=4k', 'not enough free space for'],
    ['state, read-only', 'XDG_STATE_HOME', 'ro', 'mounted read-only'],
    ['cache, read-only', 'XDG_CACHE_HOME', 'ro', 'mounted read-only'],
  ])('for the %s is named, and nothing is half done', async (_what, variable, options, words) => {
    const { path, mounts } = disk(options);
    const told = await bench.refused(['apply', finding, '--program', program, '--yes'], 3, {
      mounts,
      begun: true,
      environment: { [variable]: path },
    });
    expect(told).toContain(words);
    expect(told).toContain(`${path}/devmend`);
  });

  it('that is full of other things hinders no recovery, which leaves no litter', async () => {
    const { path, mounts } = disk('size=16k');
    const left = `set -- sh -c '"$@"; status=$?; ls -A ${path}/devmend >&2; exit $status' sh "$@"`;
    const fill = `mkdir -p ${path}/devmend/journal; dd if=/dev/zero of=${path}/fill bs=1k 2>/dev/null || true`;
    const { code, stderr } = await bench.run(['recover'], {
      mounts: `${mounts}; ${fill}; ${left}`,
      environment: { XDG_STATE_HOME: path },
    });
    expect(code).toBe(0);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('journal');
  });
});
