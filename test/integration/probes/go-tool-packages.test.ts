import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStyle } from '../../../electron/cli/render/style.ts';
import { matrixReleases } from '../../../electron/cli/render/matrix-releases.ts';
import { matrixOf } from '../../../electron/engine/inspect/matrix.ts';
import type { ProbeData, Snapshot } from '../../../shared/snapshot.ts';
import { addGlibc, makeTree, probe, type Tree } from './tree.ts';

let tree: Tree;
beforeEach(() => {
  tree = makeTree();
  addGlibc(tree);
});
afterEach(() => tree.remove());

/** A program that states no release, at the place of a Debian package that is installed. */
function install(tool: string, name: string, version: string, source = ''): void {
  const path = `/usr/bin/${tool}`;
  tree.copy(path, '/bin/true');
  const digest = createHash('md5')
    .update(readFileSync(tree.host(path)))
    .digest('hex');
  tree.write(`/var/lib/dpkg/info/${name}.list`, `/.\n/usr\n/usr/bin\n${path}\n`);
  tree.write(`/var/lib/dpkg/info/${name}.md5sums`, `${digest}  ${path.slice(1)}\n`);
  tree.write(
    '/var/lib/dpkg/status',
    `Package: base-files\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12.4\n\n` +
      `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\n${source}Version: ${version}\n`,
  );
}

type Tool = ProbeData<'go-tools'>['tools'][number];

async function scanned(name: string): Promise<{ tool: Tool | undefined; snapshot: Snapshot }> {
  const { snapshot } = await probe(tree, { environment: { PATH: '/usr/local/bin:/usr/bin' } });
  return {
    snapshot,
    tool: snapshot.probes['go-tools'].data?.tools.find((one) => one.name === name),
  };
}

function here(snapshot: Snapshot): readonly string[] {
  return matrixOf(snapshot)
    .goTools.filter(({ installed }) => installed)
    .map(({ tool, version, byPackage }) => `${tool} ${version}, ${byPackage}`);
}

describe('the release of a Go tool that does not state it', () => {
  it('is that of its package, and the matrix says so', async () => {
    install('dlv', 'delve', '1.20.2-1+deb12u1');
    const { tool, snapshot } = await scanned('dlv');
    expect(tool).toMatchObject({
      moduleVersion: null,
      package: { name: 'delve', source: 'delve', version: '1.20.2-1+deb12u1', release: '1.20.2' },
    });
    expect(here(snapshot)).toEqual(['dlv 1.20.2, delve 1.20.2-1+deb12u1']);
    const view = { language: 'en' as const, style: createStyle(false), columns: 200 };
    expect(matrixReleases(view, matrixOf(snapshot), false).join('\n')).toMatch(
      /dlv 1\.20\.2 \(here\) .*The package delve 1\.20\.2-1\+deb12u1 says which release is here\./,
    );
  });

  it('has an epoch and what Debian left out taken off', async () => {
    install('gopls', 'gopls', '1:0.18.1+ds-1');
    expect(here((await scanned('gopls')).snapshot)).toEqual(['gopls 0.18.1, gopls 1:0.18.1+ds-1']);
  });

  it('is not taken from a source that counts something else, nor from a preview', async () => {
    install('gopls', 'gopls', '1:0.16.1+ds-1', 'Source: golang-golang-x-tools\n');
    const { tool, snapshot } = await scanned('gopls');
    expect(tool?.package).toMatchObject({ source: 'golang-golang-x-tools', release: null });
    expect(here(snapshot)).toEqual([]);
    install('dlv', 'delve', '1.20.2~git20221201-1');
    expect(here((await scanned('dlv')).snapshot)).toEqual([]);
  });

  it('is unknown for a file that is not, or no longer, the package’s', async () => {
    install('dlv', 'delve', '1.20.2-1');
    tree.copy('/usr/bin/dlv', '/bin/false');
    expect((await scanned('dlv')).tool?.package).toBeUndefined();
    install('dlv', 'delve', '1.20.2-1');
    tree.copy('/usr/local/bin/dlv', '/bin/true');
    expect((await scanned('dlv')).tool).toMatchObject({ path: '/usr/local/bin/dlv' });
    expect(here((await scanned('dlv')).snapshot)).toEqual([]);
    install('dlv', 'delve', '1.20.2-1');
    tree.write('/var/lib/dpkg/info/delve.list', '/.\n/usr/bin/other\n');
    const tools = (await scanned('dlv')).snapshot.probes['go-tools'].data?.tools ?? [];
    expect(tools.filter(({ package: owner }) => owner !== undefined)).toEqual([]);
  });
});
