import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { redactLine } from '../../../electron/engine/secrets/redact-line.ts';
import { openFiles } from '../../../electron/engine/probes/files.ts';
import { readApk } from '../../../electron/engine/probes/packages/apk.ts';
import { stanzas } from '../../../electron/engine/probes/packages/dpkg.ts';
import { lz4Parts } from '../../../electron/engine/probes/packages/lz4.ts';
import { readPacman } from '../../../electron/engine/probes/packages/pacman.ts';
import { commandInWords } from '../../../electron/engine/processes/command-words.ts';
import { makeTree, type Tree } from '../../integration/probes/tree.ts';

const trees: Tree[] = [];
afterEach(() => trees.splice(0).forEach((tree) => tree.remove()));

function packaged() {
  const tree = makeTree();
  trees.push(tree);
  return { tree, root: { root: tree.root, files: openFiles(tree.root), machine: 'x86-64' } };
}

/** Quadratic work on these takes minutes and more; the runner's own limit ends the test. */
describe('what a stranger’s root or process holds is read in one pass', () => {
  it('blank lines in pacman.conf, and what is ignored behind them', () => {
    const { tree, root } = packaged();
    tree.write('/var/lib/pacman/local/glibc-2.40-1/desc', '%NAME%\nglibc\n\n%VERSION%\n2.40-1\n');
    tree.write('/etc/pacman.conf', `${'\n'.repeat(2_000_000)}  IgnorePkg =  a glibc\n`);
    const [found] = readPacman(root, [{ soname: 'libc.so.6', path: '/usr/lib/libc.so.6' }]) ?? [];
    expect(found).toMatchObject({ name: 'glibc', version: '2.40-1', held: true });
  });

  it('an LZ4 frame of empty blocks', () => {
    const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0xc0]);
    const stored = Buffer.from([0, 0, 0, 0x80]);
    const packed = Buffer.from([1, 0, 0, 0, 0]);
    for (const block of [stored, packed]) {
      const bytes = Buffer.concat([head, ...Array<Buffer>(1000).fill(block), Buffer.alloc(4)]);
      expect(() => [...lz4Parts(bytes)]).toThrow(RangeError);
    }
  });

  it('a status file of one package a million times', () => {
    const text = `\n${'Package: libc6\n\n'.repeat(100_000)}`;
    expect(stanzas(text, 'libc6').length).toBeLessThan(1000);
  });

  it('an apk database whose package stands behind many empty ones', () => {
    const { tree, root } = packaged();
    const packages = ['P:musl-dev\nV:9', 'P:musl\nV:1.2.5-r0\nA:x86_64', 'P:zlib\nV:8'];
    tree.write('/lib/apk/db/installed', `${'a\n\n'.repeat(1000)}${packages.join('\n\n')}\n`);
    const runtime = [{ soname: 'ld-musl-x86_64.so.1', path: '/lib/ld-musl-x86_64.so.1' }];
    expect(readApk(root, runtime)).toMatchObject([{ name: 'musl', version: '1.2.5-r0' }]);
    fs.writeFileSync(tree.host(join('/lib/apk/db/installed')), 'P:musl\nV:2');
    expect(readApk(root, runtime)).toMatchObject([{ name: 'musl', version: '2' }]);
  });

  it('a command line that looks like the beginning of secrets', () => {
    const words = commandInWords(['x', 'password'.repeat(16_000), '--password', 'hidden']);
    expect(words.length).toBeLessThan(2_100);
    expect(redactLine('password'.repeat(50_000))).toHaveLength(400_000);
    expect(redactLine(`"my.token.name": "s3cret"`)).not.toContain('s3cret');
    const many = commandInWords([
      'x',
      ...Array<string>(5).fill(`--token=${'s'.repeat(5000)}`),
      'z',
    ]);
    expect(many).not.toContain('sss');
    expect(many).toMatch(/ z$/);
  });
});
