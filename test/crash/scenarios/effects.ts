import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { message } from '../../../shared/message.ts';
import type { Change } from '../../../shared/plan.ts';
import type { Scenario, World } from '../scenario.ts';

const common = {
  title: message('repair.sandbox.title', { program: 'git' }),
  privilege: 'root',
  reversibility: 'full',
  reversibilityReason: null,
  bytes: 0,
} as const;

const INOTIFY = '/proc/sys/fs/inotify';

/** There is one kernel for all lanes: each has a value of its own. */
function valueOf({ directory }: World): string {
  return basename(directory) === 'lane-0' ? 'max_user_watches' : 'max_user_instances';
}

function readValue(world: World): string {
  return readFileSync(join(INOTIFY, valueOf(world)), 'utf8').trim();
}

/** The value of the kernel before the campaign, by its file. */
const originals = new Map<string, string>();

function original(world: World): string {
  const name = valueOf(world);
  const known = originals.get(name) ?? readValue(world);
  originals.set(name, known);
  return known;
}

const raised = (world: World): string => String(Number(original(world)) + 3);

/** A value of the running kernel, and the file that keeps it. */
export const kernelValue: Scenario = {
  name: 'kernel-value',
  kinds: ['write-file', 'set-sysctl'],
  effects: ['kernel-value'],
  prepare: (world) => {
    const path = world.at('etc/sysctl.d/60-devmend.conf');
    mkdirSync(world.at('etc'));
    const key = `fs.inotify.${valueOf(world)}`;
    return [
      {
        ...common,
        kind: 'write-file',
        id: `write-file:${path}`,
        path,
        before: null,
        content: `${key} = ${raised(world)}\n`,
        mode: 0o644,
      },
      {
        ...common,
        kind: 'set-sysctl',
        id: `set-sysctl:${key}`,
        before: original(world),
        effect: { kind: 'kernel-value', key, value: raised(world) },
      },
    ];
  },
  outside: (world) => ({
    name: valueOf(world),
    under: [INOTIFY],
    read: () => readValue(world),
    write: (value) => writeFileSync(join(INOTIFY, valueOf(world)), value),
  }),
  wrong: (world, applied) => {
    const wanted = applied ? raised(world) : original(world);
    const found = readValue(world);
    return found === wanted ? [] : [`the kernel has ${found} instead of ${wanted}`];
  },
};

function cacheChanges(root: string): Change[] {
  const path = join(root, 'etc/ld.so.conf.d/tool.conf');
  return [
    {
      ...common,
      kind: 'write-file',
      id: `write-file:${path}`,
      path,
      before: null,
      content: '/opt/tool/lib\n',
      mode: 0o644,
    },
    {
      ...common,
      kind: 'run-tool',
      id: 'ldconfig',
      tool: 'ldconfig',
      effect: { kind: 'loader-cache', root, value: 'rebuilt' },
    },
  ];
}

function privateRoot(world: World): string {
  const root = world.at('root');
  for (const directory of ['etc/ld.so.conf.d', 'opt/tool/lib', 'usr/lib'])
    mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, 'etc/ld.so.conf'), 'include /etc/ld.so.conf.d/*.conf\n');
  const source = join(world.directory, 'one.c');
  writeFileSync(source, 'int one(void) { return 1; }\n');
  const library = join(root, 'opt/tool/lib/libone.so.1');
  execFileSync('gcc', ['-shared', '-Wl,-soname,libone.so.1', '-o', library, source]);
  return root;
}

/** A cache that a tool makes out of files: there before, and made anew. */
export const loaderCache: Scenario = {
  name: 'loader-cache',
  kinds: ['write-file', 'run-tool'],
  effects: ['loader-cache'],
  prepare: (world) => {
    const root = privateRoot(world);
    execFileSync('ldconfig', ['-X', '-r', root]);
    return cacheChanges(root);
  },
};

/** The same where there was none before. */
export const firstLoaderCache: Scenario = {
  name: 'first-loader-cache',
  kinds: ['write-file', 'run-tool'],
  effects: ['loader-cache'],
  prepare: (world) => cacheChanges(privateRoot(world)),
};
