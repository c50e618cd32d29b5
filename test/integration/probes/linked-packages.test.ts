import { afterEach, describe, expect, it, vi } from 'vitest';
import { nativeFilesBelow } from '../../../electron/engine/probes/component-files.ts';
import { openFiles } from '../../../electron/engine/probes/files.ts';
import { makeTree, type Tree } from './tree.ts';

const trees: Tree[] = [];
afterEach(() => trees.splice(0).forEach((tree) => tree.remove()));

const PROGRAM = '/usr/bin/true';
const signal = new AbortController().signal;

/** An extension whose packages are all linked in from a store beside it. */
function linked(count: number): Tree {
  const tree = makeTree();
  trees.push(tree);
  for (let at = 0; at < count; at += 1) {
    tree.write(`/store/package-${at}/package.json`, '{}');
    tree.link(`/extension/node_modules/package-${at}`, `/store/package-${at}`);
  }
  return tree;
}

describe('packages that are linked into a tree', () => {
  it('are each looked into once, however they contain each other', async () => {
    const tree = linked(2);
    tree.write('/store/package-0/inner/package.json', '{}');
    tree.copy('/store/package-0/inner/tool', PROGRAM);
    tree.link('/extension/node_modules/inner', '/store/package-0/inner');
    // It holds the tree itself.
    tree.write('/package.json', '{}');
    tree.link('/extension/node_modules/root', '/');
    const { files } = await nativeFilesBelow('/extension', openFiles(tree.root), signal);
    expect(files.map(({ realPath }) => realPath)).toEqual(['/store/package-0/inner/tool']);
  });

  it('take as many more comparisons as there are more of them', async () => {
    const compared = async (count: number): Promise<number> => {
      const files = openFiles(linked(count).root);
      const spy = vi.spyOn(String.prototype, 'startsWith');
      await nativeFilesBelow('/extension', files, signal);
      const calls = spy.mock.calls.length;
      spy.mockRestore();
      return calls;
    };
    expect(await compared(400)).toBeLessThan(3 * (await compared(200)));
  });
});
