import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { release } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostMachine } from '../../../electron/engine/host.ts';
import { runProbes } from '../../../electron/engine/probes/run.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import { addGlibc, makeTree, probe, systemLibraries, type Tree } from './tree.ts';

let tree: Tree;
beforeEach(() => {
  tree = makeTree();
});
afterEach(() => {
  tree.remove();
});

async function probes(environment: Record<string, string> = {}): Promise<Snapshot['probes']> {
  return (await probe(tree, { environment })).snapshot.probes;
}

describe('distribution', () => {
  it('prefers /etc/os-release, which may be a link into /usr', async () => {
    tree.write('/usr/lib/os-release', 'ID=arch\nPRETTY_NAME="Arch Linux"\n');
    tree.link('/etc/os-release', '../usr/lib/os-release');
    expect((await probes()).distribution.data).toEqual({
      id: 'arch',
      idLike: [],
      versionId: null,
      codename: null,
      prettyName: 'Arch Linux',
    });
    tree.write('/etc/debian_version', '12.5');
    fs.rmSync(tree.host('/etc/os-release'));
    tree.write('/etc/os-release', 'ID=x\nID_LIKE="y z"\nNAME=X\nVERSION_ID=3\nVERSION_CODENAME=c');
    expect((await probes()).distribution.data).toEqual({
      id: 'x',
      idLike: ['y', 'z'],
      versionId: '3',
      codename: 'c',
      prettyName: 'X 3',
    });
  });

  it('falls back to debian_version, and fails where there is nothing', async () => {
    expect((await probes()).distribution).toMatchObject({
      status: 'failed',
      problems: [{ code: 'not-found', path: '/etc/os-release' }],
    });
    tree.write('/etc/debian_version', '7.11\n');
    expect((await probes()).distribution.data).toMatchObject({ id: 'debian', versionId: '7' });
    tree.write('/etc/debian_version', 'trixie/sid\n');
    expect((await probes()).distribution.data).toMatchObject({
      versionId: null,
      codename: 'trixie',
    });
  });
});

describe('kernel', () => {
  it('is the running one for / and unknown for another root, whose programs tell the architecture', async () => {
    addGlibc(tree);
    const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86-64';
    expect((await probes()).kernel.data).toMatchObject({ release: null, architecture });
    const job = { emit: () => undefined, signal: new AbortController().signal };
    const host = await runProbes(hostMachine(), { programs: [], only: ['kernel'] }, job);
    expect(host.probes.kernel.data).toMatchObject({ release: release(), architecture });
  });

  it('has no answer for a root without a program', async () => {
    expect((await probes()).kernel).toMatchObject({ status: 'failed', data: null });
  });
});

describe('libc', () => {
  it('gives the version definitions of the libraries that the loader would take', async () => {
    addGlibc(tree);
    const { libc } = await probes();
    expect(libc.status).toBe('ok');
    expect(libc.data).toMatchObject({ kind: 'glibc', interpreter: systemLibraries().interpreter });
    for (const library of [libc.data?.libc, libc.data?.libstdcxx]) {
      if (!library) throw new Error('a library is missing');
      expect(fs.existsSync(tree.host(library.path))).toBe(true);
      expect(library.versions).toEqual(definedVersions(tree.host(library.path)));
    }
    expect(libc.data?.libc?.highest['GLIBC']).toMatch(/^2\.\d+$/);
    expect(libc.data?.libstdcxx?.highest).toMatchObject({
      GLIBCXX: expect.stringMatching(/^3\.4\.\d+$/) as string,
      CXXABI: expect.stringMatching(/^1\.3\.\d+$/) as string,
    });
  });

  it('takes the loader’s word, not a file name: a musl loader beside glibc changes nothing', async () => {
    addGlibc(tree);
    const name = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
    tree.copy(`/lib/ld-musl-${name}.so.1`, '/bin/sh');
    expect((await probes()).libc.data?.kind).toBe('glibc');
  });

  it('is musl where the root’s programs ask for musl’s loader, whatever else lies there', async () => {
    addGlibc(tree);
    const name = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
    const loader = `/lib/ld-musl-${name}.so.1`;
    tree.copy(loader, '/bin/sh');
    execFileSync('patchelf', ['--set-interpreter', loader, tree.host('/bin/sh')]);
    expect((await probes()).libc).toMatchObject({
      status: 'ok',
      data: { kind: 'musl', interpreter: loader, libc: null, libstdcxx: null },
    });
  });

  it('is none in an empty root, and glibc without libstdc++ is in order', async () => {
    expect((await probes()).libc.data).toMatchObject({ kind: 'none', interpreter: null });
    addGlibc(tree);
    for (const path of systemLibraries().libraries) {
      if (path.includes('stdc++')) fs.rmSync(tree.host(path));
    }
    expect((await probes()).libc).toMatchObject({ status: 'ok', data: { libstdcxx: null } });
  });

  it('says of a libc that is cut off that it is malformed', async () => {
    addGlibc(tree);
    const [libc = ''] = systemLibraries().libraries;
    fs.truncateSync(tree.host(libc), 400);
    expect((await probes()).libc).toMatchObject({
      status: 'partial',
      problems: [{ code: 'malformed', path: libc }],
    });
  });
});

describe('Go tools', () => {
  /** A real ELF file with the block that the Go linker writes (debug/buildinfo, since Go 1.18). */
  function buildGoProgram(path: string, version: string, modules: string): void {
    const framed = `${'0'.repeat(16)}${modules}${'1'.repeat(16)}`;
    const text = (value: string): string =>
      `${varint(Buffer.byteLength(value))}${Buffer.from(value).reduce((all, byte) => `${all}${octal(byte)}`, '')}`;
    const magic = [...Buffer.from('\xff Go buildinf:\x08\x02', 'latin1')].map(octal).join('');
    const bytes = `${magic}${octal(0).repeat(16)}${text(version)}${text(framed)}`;
    tree.write(
      `${path}.c`,
      `__attribute__((aligned(16), used)) static char info[] = "${bytes}";\nint main(void) { return info[0] == 0; }\n`,
    );
    execFileSync('gcc', ['-o', tree.host(path), tree.host(`${path}.c`)]);
  }
  const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`;
  const varint = (value: number): string =>
    value < 128 ? octal(value) : octal((value & 127) | 128) + varint(value >> 7);

  it('are read, not run, and found in the order in which Go’s extension looks', async () => {
    addGlibc(tree);
    const modules =
      'path\tgolang.org/x/tools/gopls\nmod\tgolang.org/x/tools/gopls\tv0.16.1\th1:x=\n';
    buildGoProgram('/home/ada/go/bin/gopls', 'go1.22.3', modules);
    buildGoProgram('/usr/local/go/bin/go', 'go1.23.1', 'path\tcmd/go\n');
    buildGoProgram('/opt/gobin/dlv', 'go1.19', '');
    tree.link('/usr/bin/go', '/usr/local/go/bin/go');
    tree.write('/usr/bin/staticcheck', '#!/bin/sh\n', 0o755);
    tree.write('/usr/bin/impl', 'not executable');
    const { 'go-tools': tools } = await probes({ GOBIN: '/opt/gobin' });
    expect(tools.status).toBe('ok');
    expect(
      tools.data?.tools.map(({ path, goVersion, module, moduleVersion }) => [
        path,
        goVersion,
        module,
        moduleVersion,
      ]),
    ).toEqual([
      ['/opt/gobin/dlv', 'go1.19', null, null],
      ['/home/ada/go/bin/gopls', 'go1.22.3', 'golang.org/x/tools/gopls', 'v0.16.1'],
      ['/usr/bin/go', 'go1.23.1', null, null],
      ['/usr/bin/staticcheck', null, null, null],
    ]);
  });

  it('are looked for where “go env -w” says, unless the environment says otherwise', async () => {
    addGlibc(tree);
    tree.write('/home/ada/.config/go/env', 'GOBIN=/opt/a\nGOPATH=/opt/p:/opt/q\n');
    for (const path of ['/opt/a/gopls', '/opt/b/gopls', '/opt/q/bin/dlv']) {
      tree.write(path, '#!/bin/sh\n', 0o755);
    }
    const paths = async (environment: Record<string, string>): Promise<unknown> =>
      (await probes(environment))['go-tools'].data?.tools.map(({ path }) => path);
    expect(await paths({})).toEqual(['/opt/a/gopls', '/opt/q/bin/dlv']);
    expect(await paths({ GOBIN: '/opt/b' })).toEqual(['/opt/b/gopls', '/opt/q/bin/dlv']);
  });
});

/** What binutils reads of the version definitions, without the base definition. */
function definedVersions(file: string): readonly string[] {
  const text = execFileSync('readelf', ['-VW', file], { encoding: 'utf8' });
  const section =
    /Version definition section[\s\S]*?(?=\nVersion needs|\n\n|$)/.exec(text)?.[0] ?? '';
  return [...section.matchAll(/Flags: (?!BASE).*Name: (\S+)/g)].map(([, name]) => name ?? '');
}
