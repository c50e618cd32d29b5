import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editJson, copyTree } from '../../integration/journal/workbench.ts';
import {
  compile,
  patchElf,
  patchFor,
  privateLibrary,
} from '../../integration/journal/elf-bench.ts';
import type { Scenario, World } from '../scenario.ts';

const answers = { path: '.', args: [], environment: {}, timeoutMs: 20_000 } as const;

/** A program's directory: two programs, one of them read-only, a file and a link. */
function programTree(world: World): string {
  const tree = world.at('program');
  mkdirSync(join(tree, 'bin'), { recursive: true });
  compile(world, join(tree, 'bin/main'));
  compile(world, join(tree, 'bin/helper'), 'puts("helper");');
  chmodSync(join(tree, 'bin/helper'), 0o555);
  writeFileSync(join(tree, 'notes.txt'), 'notes\n'.repeat(200));
  execFileSync('ln', ['-s', 'main', join(tree, 'bin/alias')]);
  return tree;
}

/** A tree copy whose programs are patched and tried, and the setting that points to it. */
export const programCopy: Scenario = {
  name: 'program-copy',
  kinds: ['copy-tree', 'edit-json'],
  prepare: (world) => {
    const tree = programTree(world);
    const library = privateLibrary(world);
    const copy = world.at('.local/share/devmend/programs/program');
    const settings = world.at('settings.json');
    writeFileSync(settings, '{"path": "program"}\n');
    const patches = ['bin/main', 'bin/helper'].map((path) => ({
      ...patchFor(join(tree, path), library),
      path,
    }));
    return [
      { ...copyTree(tree, copy), patches, trial: { ...answers, args: [], path: 'bin/main' } },
      editJson(settings, 'path', 'program', join(copy, 'bin/main')),
    ];
  },
};

/** Two programs patched where they lie; one has a second name and is written in place. */
export const programsInPlace: Scenario = {
  name: 'programs-in-place',
  kinds: ['patch-elf'],
  prepare: (world) => {
    const library = privateLibrary(world);
    const paths = ['plain', 'linked'].map((name) => world.at(name));
    for (const path of paths) compile(world, path);
    linkSync(world.at('linked'), world.at('linked-too'));
    return paths.map((path) => patchElf(path, patchFor(path, library)));
  },
  wrong: (world) => (statSync(world.at('linked')).nlink === 2 ? [] : ['the link is broken']),
};
