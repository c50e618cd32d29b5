import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { libcReplaced } from '../../../electron/engine/checks/libc-replaced.ts';
import { translate } from '../../../shared/messages/translate.ts';
import { fetchLibc6 } from '../../fixtures/libc6-deb.ts';
import { addGlibc, makeTree, probe, systemLibraries, type Tree } from '../probes/tree.ts';

const trees: Tree[] = [];
afterEach(() => trees.splice(0).forEach((tree) => tree.remove()));
const LIBC = systemLibraries().libraries.find((path) => path.endsWith('/libc.so.6')) ?? '';

/** This machine's runtime in a root of its own, with dpkg's real database of it. */
function copiedRoot(): Tree {
  const tree = makeTree();
  trees.push(tree);
  for (const directory of ['lib', 'lib64', 'bin']) {
    tree.write(`/usr/${directory}/.keep`, '');
    tree.link(`/${directory}`, `usr/${directory}`);
  }
  addGlibc(tree);
  const database = '/var/lib/dpkg';
  tree.write(`${database}/status`, fs.readFileSync(`${database}/status`, 'utf8'));
  for (const name of fs.readdirSync(`${database}/info`)) {
    if (/^lib(?:c6|stdc\+\+6|gcc-s1):[a-z0-9]+\.(?:list|md5sums)$/.test(name))
      tree.write(`${database}/info/${name}`, fs.readFileSync(join(database, 'info', name), 'utf8'));
  }
  return tree;
}

/** What the check says of the root, as the words of its findings. */
async function told(tree: Tree): Promise<readonly string[]> {
  const { snapshot } = await probe(tree, { only: ['libc', 'packages'] });
  expect(snapshot.probes.packages.data?.manager).toBe('dpkg');
  const { findings, unchecked } = libcReplaced.run(snapshot);
  expect(unchecked).toEqual([]);
  return findings.map(({ summary }) => translate('en', summary));
}

describe('the C library of a copied root, by dpkg’s own database', () => {
  it('is fine as the package installed it', async () => {
    expect(await told(copiedRoot())).toEqual([]);
  });

  it('is a finding where another release was put in its place', async () => {
    const tree = copiedRoot();
    const other = join(tree.root, 'other');
    execFileSync('dpkg-deb', ['-x', await fetchLibc6('bullseye'), other]);
    fs.copyFileSync(fs.realpathSync(join(other, LIBC)), tree.host(LIBC));
    const [only = '', ...rest] = await told(tree);
    expect(rest).toEqual([]);
    expect(only).toMatch(/^the package is 2\.36-\S+, and the file is of release 2\.31$/);
  }, 300_000);

  it('is a finding where the file was changed, be it by one byte', async () => {
    const tree = copiedRoot();
    fs.appendFileSync(tree.host(LIBC), '\0');
    expect(await told(tree)).toEqual([
      expect.stringMatching(/^the file differs from the one that libc6 2\.36-\S+ installed$/),
    ]);
  });

  it('is a finding where its name is a link to another build of the same release', async () => {
    const tree = copiedRoot();
    tree.write('/opt/own/.keep', '');
    fs.renameSync(tree.host(LIBC), tree.host('/opt/own/libc.so.6'));
    fs.appendFileSync(tree.host('/opt/own/libc.so.6'), 'another build');
    tree.link(LIBC, '/opt/own/libc.so.6');
    expect(await told(tree)).toEqual([expect.stringMatching(/^the file differs from the one/)]);
  });
});
