import * as fs from 'node:fs';
import * as os from 'node:os';
import { dirname, join } from 'node:path';
import type { JobProgress } from '../../../shared/job.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import type { Machine } from '../../../electron/engine/machine.ts';
import { runProbes, type ProbeOptions } from '../../../electron/engine/probes/run.ts';

export { PRODUCT as CODE_PRODUCT } from '../../fixtures/editor-tree.ts';

/** A root file system made for one test. Paths are as seen inside it. */
export interface Tree {
  readonly root: string;
  readonly home: string;
  readonly write: (path: string, text: string, mode?: number) => void;
  readonly json: (path: string, value: unknown) => void;
  readonly link: (path: string, target: string) => void;
  /** Copies a real program or library of this machine to a path inside the root. */
  readonly copy: (path: string, from: string) => void;
  readonly host: (path: string) => string;
  readonly remove: () => void;
}

/** Makes an empty root with a home directory in it. */
export function makeTree(home = '/home/ada'): Tree {
  const root = fs.mkdtempSync(join(os.tmpdir(), 'devmend-probes-'));
  const host = (path: string): string => {
    const full = join(root, path);
    fs.mkdirSync(dirname(full), { recursive: true });
    return full;
  };
  fs.mkdirSync(join(root, home), { recursive: true });
  return {
    root,
    home,
    host: (path) => join(root, path),
    write: (path, text, mode = 0o644) => fs.writeFileSync(host(path), text, { mode }),
    json: (path, value) => fs.writeFileSync(host(path), JSON.stringify(value)),
    link: (path, target) => fs.symlinkSync(target, host(path)),
    copy: (path, from) => {
      fs.copyFileSync(fs.realpathSync(from), host(path));
      fs.chmodSync(host(path), 0o755);
    },
    remove: () => fs.rmSync(root, { recursive: true, force: true }),
  };
}

/** What a minimal glibc system holds: loader, libc, cache-less default directories, a shell. */
export function addGlibc(tree: Tree): void {
  const { interpreter, libraries } = systemLibraries();
  tree.copy(interpreter, interpreter);
  for (const path of libraries) tree.copy(path, path);
  tree.copy('/bin/sh', '/bin/sh');
}

/** The loader and the libraries of this machine, at the paths where its loader finds them. */
export function systemLibraries(): { interpreter: string; libraries: readonly string[] } {
  const isArm = process.arch === 'arm64';
  const directory = `/lib/${isArm ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const sonames = ['libc.so.6', 'libm.so.6', 'libstdc++.so.6', 'libgcc_s.so.1'];
  return {
    interpreter: isArm ? '/lib/ld-linux-aarch64.so.1' : '/lib64/ld-linux-x86-64.so.2',
    libraries: sonames
      .map((soname) => join(directory, soname))
      .filter((path) => fs.existsSync(path)),
  };
}

/** A machine handle on a tree. Running anything in it is a failure of the test. */
export function machineOf(
  tree: Tree,
  environment: Readonly<Record<string, string>> = {},
  user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, name: 'ada' },
): Machine {
  const directory = (name: string): string => join(tree.root, '.devmend', name);
  return {
    root: tree.root,
    home: tree.home,
    user,
    environment,
    clock: () => new Date('2026-11-23T12:00:00Z'),
    run: (command) => {
      if (command.file.startsWith(tree.root)) throw new Error(`ran ${command.file}`);
      return Promise.resolve({
        exitCode: 0,
        signal: null,
        timedOut: false,
        cancelled: false,
        output: '',
      });
    },
    directories: {
      config: directory('config'),
      state: directory('state'),
      cache: directory('cache'),
      data: directory('data'),
    },
    version: '0.0.0-test',
  };
}

/** Runs the probes on a tree and answers the snapshot and what the job told. */
export async function probe(
  tree: Tree,
  options: Partial<ProbeOptions> & { readonly environment?: Record<string, string> } = {},
): Promise<{ readonly snapshot: Snapshot; readonly events: readonly JobProgress[] }> {
  const events: JobProgress[] = [];
  const job = {
    emit: (event: JobProgress): void => void events.push(event),
    signal: new AbortController().signal,
  };
  const { environment, ...rest } = options;
  const snapshot = await runProbes(machineOf(tree, environment), { programs: [], ...rest }, job);
  return { snapshot, events };
}
