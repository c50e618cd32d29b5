import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProbeData } from '../../../shared/snapshot.ts';
import { addGlibc, CODE_PRODUCT, makeTree, probe, type Tree } from './tree.ts';

type GoExtension = ProbeData<'go-extension'>['extensions'][number];

const SERVER = '/home/ada/.vscode-server/bin/0123456789abcdef0123456789abcdef01234567';
const EXTENSIONS = '/home/ada/.vscode-server/extensions';
const LIST = `${EXTENSIONS}/extensions.json`;

let tree: Tree;
beforeEach(() => {
  tree = makeTree();
  addGlibc(tree);
  tree.json(`${SERVER}/product.json`, CODE_PRODUCT);
  tree.write(`${SERVER}/out/server-main.js`, '');
  tree.copy(`${SERVER}/node`, '/bin/sh');
});
afterEach(() => {
  tree.remove();
});

async function extensions(): Promise<readonly GoExtension[]> {
  const { snapshot } = await probe(tree, { only: ['go-extension'] });
  const slot = snapshot.probes['go-extension'];
  expect(slot.status).toBe('ok');
  return slot.data?.extensions ?? [];
}

function add(version: string, folder = `golang.go-${version}`): void {
  tree.json(`${EXTENSIONS}/${folder}/package.json`, {
    ...{ name: 'go', publisher: 'golang', version, engines: { vscode: '^1.90.0' } },
  });
}

function entry(version: string, metadata?: unknown, id = 'golang.Go') {
  return {
    identifier: { id },
    version,
    relativeLocation: `golang.go-${version}`,
    ...(metadata === undefined ? {} : { metadata }),
  };
}

const versions = (found: readonly GoExtension[]): string[] => found.map(({ version }) => version);

describe('the Go extension of an editor', () => {
  it('version, engine, place and editor are named', async () => {
    add('0.50.0');
    tree.json(LIST, [entry('0.50.0', { pinned: true })]);
    expect(await extensions()).toEqual([
      {
        editorId: expect.any(String) as string,
        editorName: 'Visual Studio Code Server',
        editorVersion: CODE_PRODUCT.version,
        version: '0.50.0',
        engine: '^1.90.0',
        directory: `${EXTENSIONS}/golang.go-0.50.0`,
        pinned: true,
      },
    ]);
  });

  it.each([
    ['true', { pinned: true }, true],
    ['false', { pinned: false }, false],
    ['left out', {}, false],
    ['no boolean', { pinned: 'yes' }, false],
    ['without metadata', undefined, false],
  ])('pinned %s', async (_words, metadata, pinned) => {
    add('0.50.0');
    tree.json(LIST, [entry('0.50.0', metadata)]);
    expect((await extensions()).map((one) => one.pinned)).toEqual([pinned]);
  });

  it('of several versions the listed one counts, with its own pin', async () => {
    for (const version of ['0.41.4', '0.50.0']) add(version);
    tree.json(LIST, [entry('0.50.0', { pinned: false })]);
    expect(versions(await extensions())).toEqual(['0.50.0']);
    tree.json(LIST, [entry('0.41.4', { pinned: true }), entry('0.50.0', { pinned: false })]);
    expect((await extensions()).map((one) => [one.version, one.pinned])).toEqual([
      ['0.41.4', true],
      ['0.50.0', false],
    ]);
  });

  it('what .obsolete is about to delete does not count, listed or not', async () => {
    for (const version of ['0.41.4', '0.50.0']) add(version);
    tree.json(`${EXTENSIONS}/.obsolete`, { 'golang.go-0.41.4': true, 'golang.go-0.50.0': false });
    expect(versions(await extensions())).toEqual(['0.50.0']);
    tree.json(LIST, [entry('0.41.4', { pinned: true }), entry('0.50.0')]);
    expect((await extensions()).map((one) => [one.version, one.pinned])).toEqual([
      ['0.50.0', false],
    ]);
  });

  it.each(['[{"identifier":', '{}', '[{"id":"golang.go"}]', '', '\0\0'])(
    'a list that is broken (%j) counts for nothing: every folder is one, unpinned',
    async (text) => {
      add('0.50.0');
      tree.write(LIST, text);
      expect((await extensions()).map((one) => [one.version, one.pinned])).toEqual([
        ['0.50.0', false],
      ]);
    },
  );

  it('is not there without a package.json that names a version', async () => {
    add('0.50.0');
    const own = `${EXTENSIONS}/golang.go-0.50.0/package.json`;
    for (const text of ['{"version":', '{"version":5}', 'null']) {
      tree.write(own, text);
      expect(await extensions()).toEqual([]);
    }
    rmSync(tree.host(own));
    expect(await extensions()).toEqual([]);
    tree.write(`${own}/stray`, 'package.json is a directory');
    expect(await extensions()).toEqual([]);
  });

  it('says null where the extension does not say which VS Code it needs', async () => {
    tree.json(`${EXTENSIONS}/golang.go-0.50.0/package.json`, { version: '0.50.0', engines: 7 });
    expect((await extensions()).map(({ engine }) => engine)).toEqual([null]);
  });

  it('is no file, no other extension, and no link out of the root', async () => {
    tree.write(`${EXTENSIONS}/golang.go-0.50.0`, 'a file, not a folder');
    add('1.0.0', 'golang.go-nightly-1.0.0');
    tree.link(`${EXTENSIONS}/golang.go-0.49.0`, '/nowhere');
    expect(await extensions()).toEqual([]);
  });

  it('belongs to the editor that loads it, in each editor by itself', async () => {
    add('0.50.0');
    tree.json('/usr/share/code/resources/app/product.json', CODE_PRODUCT);
    tree.copy('/usr/share/code/code', '/bin/sh');
    tree.json('/home/ada/.vscode/extensions/golang.go-0.41.4/package.json', { version: '0.41.4' });
    const found = await extensions();
    expect(
      found
        .map(({ editorName, version }) => [editorName, version])
        .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    ).toEqual([
      ['Visual Studio Code', '0.41.4'],
      ['Visual Studio Code Server', '0.50.0'],
    ]);
    expect(new Set(found.map(({ editorId }) => editorId)).size).toBe(2);
  });
});
