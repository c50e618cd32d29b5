import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { captureState } from '../../../electron/engine/journal/capture.ts';
import type { Change } from '../../../shared/plan.ts';
import { compile, patchElf, patchFor, privateLibrary } from './elf-bench.ts';
import { privatePackages, type PrivatePackages } from './private-packages.ts';
import { copyTree, editJson, type Workbench } from './workbench.ts';

/** A repair of one path, and the file that somebody then changes: it, or one inside it. */
export interface Target {
  readonly change: Change;
  readonly path: string;
  readonly file: string;
}

/** What is repaired. Each brings its own change, so that every kind is undone. */
export const targets = {
  'edit-json': (bench) => {
    const path = bench.at('config/settings.json');
    mkdirSync(dirname(path));
    writeFileSync(path, '{\n  "a": 1\n}\n');
    return { change: editJson(path, 'a', 1, 2), path, file: path };
  },
  'patch-elf': (bench) => {
    const path = bench.at('opt/main');
    mkdirSync(dirname(path));
    compile(bench, path);
    return { change: patchElf(path, patchFor(path, privateLibrary(bench))), path, file: path };
  },
  'copy-tree': (bench) => {
    mkdirSync(bench.at('program/bin'), { recursive: true });
    writeFileSync(bench.at('program/bin/main'), 'content');
    writeFileSync(bench.at('program/readme'), 'read me');
    const path = bench.at('.local/share/devmend/programs/copy');
    return { change: copyTree(bench.at('program'), path), path, file: join(path, 'bin/main') };
  },
} satisfies Record<string, (bench: Workbench) => Target>;
export type TargetName = keyof typeof targets;

/** What somebody does to the file behind Devmend's back. */
export const deeds = {
  changed: (file) => appendFileSync(file, '// later'),
  deleted: (file) => rmSync(file),
  'replaced by a link': (file) => {
    rmSync(file);
    symlinkSync('/etc/hostname', file);
  },
  'replaced by a directory': (file) => {
    rmSync(file);
    mkdirSync(join(file, 'inner'), { recursive: true });
    writeFileSync(join(file, 'inner/theirs'), 'work of somebody else');
  },
  'hidden by another file system': (file, disks) => disks.mount(dirname(file)),
  'changed and moved to another file system, with a link to it': (file, disks) => {
    moveAway(dirname(file), disks);
    appendFileSync(file, '// later');
  },
  'changed by a package upgrade': (file, _disks, packages) => {
    const next = join(packages.database, '../version-2');
    cpSync(packages.shipped, next);
    appendFileSync(next, '// version 2');
    packages.install('2.0', next, file);
  },
} satisfies Record<string, (file: string, disks: Disks, packages: Shipped) => void>;
export type DeedName = keyof typeof deeds;

/** A package whose first version has been installed, with this as its file. */
export interface Shipped extends PrivatePackages {
  readonly shipped: string;
}

/** Makes a file that is there the file of a package. */
export function ship(bench: Workbench, file: string): Shipped {
  const packages = privatePackages(bench.directory);
  const shipped = join(bench.directory, 'version-1');
  cpSync(file, shipped);
  packages.install('1.0', shipped, file);
  return { ...packages, shipped };
}

/** Moves a directory to a file system of its own and leaves a link behind. */
export function moveAway(directory: string, disks: Disks): void {
  const other = disks.mount(join(disks.directory, `disk-${basename(directory)}`));
  execFileSync('cp', ['-a', directory, join(other, 'moved')]);
  rmSync(directory, { recursive: true });
  symlinkSync(join(other, 'moved'), directory);
}

/** Gives a directory a file system of its own, with all that was in it. */
export function moveUnder(directory: string, disks: Disks): void {
  const aside = join(disks.directory, `aside-${basename(directory)}`);
  renameSync(directory, aside);
  disks.mount(directory);
  execFileSync('cp', ['-aT', aside, directory]);
  rmSync(aside, { recursive: true });
}

/** Real file systems, mounted for a test and unmounted behind it. */
export class Disks {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  mount(path: string): string {
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=755', 'tmpfs', path]);
    return path;
  }

  dispose(): void {
    // One may have been moved together with the directory that it lies in.
    const ours = execFileSync('findmnt', ['-rno', 'TARGET'], { encoding: 'utf8' })
      .split('\n')
      .filter((path) => path.startsWith(`${this.directory}/`));
    for (const path of ours.reverse()) execFileSync('umount', [path]);
  }
}

/** Everything in a directory but times: contents, names, types, modes, owners, links, attributes. */
export async function pictureOf(directory: string): Promise<unknown> {
  const state = await captureState(directory);
  return state.type === 'tree' ? [state.digest, state.xattrs, state.files] : state;
}
