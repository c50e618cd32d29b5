import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { message } from '../../../shared/message.ts';
import type { ChangeOf, SandboxPackage } from '../../../shared/plan.ts';
import { debFile, sha256 } from '../../fixtures/debs.ts';
import { removeTree } from '../../integration/journal/workbench.ts';
import type { Scenario, World } from '../scenario.ts';

const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

/** A package that has been fetched already: what a repair finds after its plan was made. */
async function cachedPackage(
  world: World,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<SandboxPackage> {
  const entries = Object.entries(files).map(([file, content]) => ({
    name: `./${LIBRARIES}/${file}`,
    content,
    mode: 0o755,
  }));
  const deb = await debFile([
    ...entries,
    { name: `./${LIBRARIES}/lib${name}.so`, type: 'symlink', linkname: `${name}.so.6` },
  ]);
  const digest = sha256(deb);
  const cache = join(world.machine.directories.cache, 'packages');
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, digest), deb);
  const file = `pool/${name}.deb`;
  return { name, version: '1', architecture: 'amd64', file, size: deb.length, sha256: digest };
}

/** A private glibc is unpacked. */
export const sandboxCreation: Scenario = {
  name: 'sandbox-creation',
  kinds: ['create-sandbox'],
  prepare: async (world) => {
    const directory = join(world.machine.directories.data, 'sandboxes/glibc-2.41');
    const change: ChangeOf<'create-sandbox'> = {
      kind: 'create-sandbox',
      id: `create-sandbox:${directory}`,
      title: message('repair.sandbox.title', { program: 'git' }),
      privilege: 'user',
      reversibility: 'full',
      reversibilityReason: null,
      bytes: 0,
      directory,
      spec: {
        source: { kind: 'directory', path: world.at('packages') },
        distributor: 'Debian',
        suite: 'trixie',
        release: '13',
        architecture: 'amd64',
        glibc: '2.41',
        signedBy: { fingerprint: 'A'.repeat(40), name: 'Archive' },
        releaseDigest: sha256('release'),
        packages: [
          await cachedPackage(world, 'libc6', {
            'libc.so.6': 'libc '.repeat(2000),
            'ld-linux-x86-64.so.2': 'loader '.repeat(500),
          }),
          await cachedPackage(world, 'libgcc-s1', { 'libgcc_s.so.1': 'gcc '.repeat(100) }),
        ],
        kernelFloor: null,
        installedBytes: 100_000,
      },
    };
    return [change];
  },
};

function oldTree(world: World): string {
  const tree = join(world.machine.directories.data, 'sandboxes/old');
  mkdirSync(join(tree, 'inner'), { recursive: true });
  writeFileSync(join(tree, 'inner/file'), 'old\n'.repeat(100));
  writeFileSync(join(tree, 'other'), 'other');
  return tree;
}

/** A sandbox nobody needs any more is moved away. */
export const sandboxRemoval: Scenario = {
  name: 'sandbox-removal',
  kinds: ['remove-tree'],
  prepare: (world) => [removeTree(oldTree(world))],
};

/** The same where the tree has to be copied into the store, not moved. */
export const sandboxRemovalElsewhere: Scenario = {
  name: 'sandbox-removal-elsewhere',
  kinds: ['remove-tree'],
  split: true,
  prepare: (world) => [removeTree(oldTree(world))],
};
