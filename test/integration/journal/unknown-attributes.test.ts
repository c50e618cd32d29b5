import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { reviewPlan } from '../../../electron/engine/journal/apply.ts';
import type * as tools from '../../../electron/engine/journal/tools.ts';
import type { Change, ChangePreview } from '../../../shared/plan.ts';
import { compile, patchElf, patchFor, privateLibrary } from './elf-bench.ts';
import {
  copyTree,
  editJson,
  planOf,
  removeTree,
  value,
  workbench,
  writeFile,
} from './workbench.ts';
import type { Workbench } from './workbench.ts';

const missing = vi.hoisted(() => new Set<string>());
vi.mock('../../../electron/engine/journal/tools.ts', async (importOriginal) => {
  const real = await importOriginal<typeof tools>();
  return {
    ...real,
    findTool: async (name: string) => (missing.has(name) ? null : real.findTool(name)),
  };
});

let bench: Workbench;
beforeEach(() => {
  bench = workbench();
});
afterEach(() => {
  missing.clear();
  bench.dispose();
});

async function previewOf(change: Change): Promise<ChangePreview> {
  const [preview] = value(await reviewPlan(planOf(bench, [change]), bench.machine));
  if (preview === undefined) throw new Error('a preview expected');
  return preview;
}

function file(name: string): string {
  const path = bench.at(name);
  writeFileSync(path, '{ "a": 0 }\n');
  return path;
}

function tree(): string {
  mkdirSync(bench.at('tree'), { recursive: true });
  return bench.at('tree');
}

function program(): Change {
  compile(bench, bench.at('program'));
  return patchElf(bench.at('program'), patchFor(bench.at('program'), privateLibrary(bench)));
}

const FILE = 'change.reason.attributesUnknown';
const TREE = 'change.reason.treeAttributesUnknown';

describe('A3.8 attributes that cannot be read on a machine', () => {
  it.each([
    ['edit-json', FILE, () => editJson(file('a.json'), 'a', 0, 1)],
    ['write-file', FILE, () => writeFile(file('a.txt'), 'new')],
    ['patch-elf', FILE, program],
    ['remove-tree, a file', FILE, () => removeTree(file('a.txt'))],
    ['remove-tree, a directory', TREE, () => removeTree(tree())],
  ])('are said not to be compared: %s', async (_kind, reason, change) => {
    const made = change();
    expect((await previewOf(made)).reversibility).toBe('full');
    missing.add('getfattr').add('tar');
    expect(await previewOf(made)).toMatchObject({
      reversibility: 'partial',
      reversibilityReason: { key: reason },
    });
  });

  it('are said not to be compared in a copy, whose undo is exact all the same', async () => {
    const change = copyTree(tree(), bench.at('copy'));
    expect((await previewOf(change)).notes.map(({ key }) => key)).not.toContain(TREE);
    missing.add('getfattr');
    const { notes, reversibility } = await previewOf(change);
    expect(notes.map(({ key }) => key)).toContain(TREE);
    expect(reversibility).toBe('full');
  });

  it('are read by tar where getfattr is missing, but not of a whole directory', async () => {
    missing.add('getfattr');
    expect((await previewOf(removeTree(file('a.txt')))).reversibility).toBe('full');
    expect((await previewOf(removeTree(tree()))).reversibility).toBe('partial');
  });

  it('do not matter to a file that is new', async () => {
    missing.add('getfattr').add('tar');
    const fresh = { ...writeFile(file('a.txt'), 'new'), before: null, path: bench.at('b.txt') };
    expect((await previewOf(fresh)).reversibility).toBe('full');
  });
});
