import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { openFiles } from '../../../electron/engine/probes/files.ts';
import { readDatabase } from '../../../electron/engine/probes/packages/of-root.ts';
import { makeTree, type Tree } from '../../integration/probes/tree.ts';

const LIBC = '/usr/lib/x86_64-linux-gnu/libc.so.6';
const MUSL = '/lib/ld-musl-x86_64.so.1';
const TEXT = 'the library';
const digest = (kind: string, encoding: 'hex' | 'base64' = 'hex', text = TEXT): string =>
  createHash(kind).update(text).digest(encoding);

const trees: Tree[] = [];
afterEach(() => trees.splice(0).forEach((tree) => tree.remove()));

function tree(path: string): Tree {
  const made = makeTree();
  trees.push(made);
  made.write(path, TEXT);
  return made;
}

function read({ root }: Tree, soname: string, path: string) {
  const packaged = { root, files: openFiles(root), machine: 'x86-64' };
  return readDatabase(packaged, [{ soname, path }]);
}

describe("apk's database", () => {
  const installed = (sum: string): string =>
    `C:Q1x=\nP:musl-utils\nV:1.2.5-r9\nA:x86_64\nF:sbin\nR:ldconfig\n\n` +
    `C:Q1y=\nP:musl\nV:1.2.5-r10\nA:x86_64\nT:the musl c library\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\nZ:Q1${sum}\nR:libc.musl-x86_64.so.1\na:0:0:777\nZ:Q1other=\n\n`;

  it.each([
    ['/lib/apk/db/installed', 'musl=1.2.5-r10 git', true],
    ['/usr/lib/apk/db/installed', 'musl git', false],
  ])('%s: version, owner, digest and pin', (path, world, held) => {
    const at = tree(MUSL);
    at.write(path, installed(digest('sha1', 'base64')));
    at.write('/etc/apk/world', world.replace(/ /g, '\n'));
    expect(read(at, 'ld-musl-x86_64.so.1', MUSL)).toEqual({
      manager: 'apk',
      packages: [
        {
          ...{ library: 'ld-musl-x86_64.so.1', name: 'musl', version: '1.2.5-r10' },
          ...{ architecture: 'x86_64', held, owns: true, intact: true },
        },
      ],
    });
  });

  it('a file changed since is not intact, and one elsewhere is not the package’s', () => {
    const at = tree(MUSL);
    at.write('/lib/apk/db/installed', installed(digest('sha1', 'base64', 'as it was')));
    expect(read(at, 'ld-musl-x86_64.so.1', MUSL)?.packages).toMatchObject([
      { owns: true, intact: false },
    ]);
    const other = '/opt/ld-musl-x86_64.so.1';
    at.write(other, TEXT);
    expect(read(at, 'ld-musl-x86_64.so.1', other)?.packages).toMatchObject([
      { owns: false, intact: null },
    ]);
  });
});

describe("pacman's database", () => {
  it('version, owner, digest from the compressed mtree, and IgnorePkg', () => {
    const at = tree('/usr/lib/libc.so.6');
    const local = '/var/lib/pacman/local/glibc-2.42+r17-1';
    at.write(
      `${local}/desc`,
      '%NAME%\nglibc\n\n%VERSION%\n2.42+r17-1\n\n%BASE%\nglibc\n\n%ARCH%\nx86_64\n',
    );
    at.write(
      `${local}/files`,
      '%FILES%\nusr/\nusr/lib/\nusr/lib/libc.so.6\n\n%BACKUP%\netc/gai.conf\tx\n',
    );
    at.write('/etc/pacman.conf', '[options]\n#IgnorePkg = linux\nIgnorePkg   = linux glibc\n');
    at.write('/var/lib/pacman/local/glibc-locales-2.42-1/desc', '%NAME%\nglibc-locales\n');
    const mtree = `#mtree\n/set type=file uid=0\n./usr/lib/libc.so.6 time=1.0 size=11 md5digest=0 sha256digest=${digest('sha256')}\n`;
    fs.mkdirSync(dirname(at.host(`${local}/mtree`)), { recursive: true });
    fs.writeFileSync(at.host(`${local}/mtree`), gzipSync(mtree));
    const libc = {
      ...{ library: 'libc.so.6', name: 'glibc', version: '2.42+r17-1' },
      ...{ architecture: 'x86_64', held: true, owns: true, intact: true },
    };
    const answer = read(at, 'libc.so.6', '/usr/lib/libc.so.6');
    expect(answer).toEqual({ manager: 'pacman', packages: [libc] });
    fs.writeFileSync(at.host(`${local}/mtree`), gzipSync(mtree).subarray(0, 30));
    expect(read(at, 'libc.so.6', '/usr/lib/libc.so.6')?.packages[0]?.intact).toBeNull();
  });
});

describe("dpkg's database", () => {
  function debian(list: string, listed = LIBC): Tree {
    const at = tree(LIBC);
    const stanza = (architecture: string, version: string): string =>
      `Package: libc6\nStatus: hold ok installed\nArchitecture: ${architecture}\nMulti-Arch: same\nVersion: ${version}\n\n`;
    at.write('/var/lib/dpkg/status', stanza('i386', '2.36-1') + stanza('amd64', '2.36-9'));
    at.write(`/var/lib/dpkg/info/${list}.list`, `/.\n/usr\n${listed}\n`);
    at.write(`/var/lib/dpkg/info/${list}.md5sums`, `${digest('md5')}  ${listed.slice(1)}\n`);
    return at;
  }

  it.each(['libc6:amd64', 'libc6'])('the lists of %s belong to this architecture', (list) => {
    expect(read(debian(list), 'libc.so.6', LIBC)?.packages).toMatchObject([
      { version: '2.36-9', architecture: 'amd64', held: true, owns: true, intact: true },
    ]);
  });

  it('a file diverted by another package is no longer this package’s', () => {
    const at = debian('libc6:amd64');
    at.write('/var/lib/dpkg/diversions', `${LIBC}\n${LIBC}.distrib\nother-libc\n`);
    expect(read(at, 'libc.so.6', LIBC)?.packages).toMatchObject([{ owns: false, intact: null }]);
    const moved = `${LIBC}.distrib`;
    at.write(moved, TEXT);
    expect(read(at, 'libc.so.6', moved)?.packages).toMatchObject([{ owns: true, intact: true }]);
    // Its own diversions do not concern it.
    at.write('/var/lib/dpkg/diversions', `${LIBC}\n${LIBC}.distrib\nlibc6\n`);
    expect(read(at, 'libc.so.6', LIBC)?.packages).toMatchObject([{ owns: true, intact: true }]);
  });
});
