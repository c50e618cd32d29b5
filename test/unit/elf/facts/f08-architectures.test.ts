import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { LoaderSession } from '../../../../electron/engine/elf/loader.ts';
import { elfOf, temporaryDirectory } from '../tools.ts';
import { packagesRoot } from './roots.ts';

const directory = temporaryDirectory();
const root = path.join(directory, 'beside');

/** Debian's name, the ELF header, the interpreter, and where its libraries lie. */
const FOREIGN = [
  ['arm64', 'ELF64', true, '/lib/ld-linux-aarch64.so.1', 'aarch64-linux-gnu'],
  ['armhf', 'ELF32', true, '/lib/ld-linux-armhf.so.3', 'arm-linux-gnueabihf'],
  ['ppc64el', 'ELF64', true, '/lib64/ld64.so.2', 'powerpc64le-linux-gnu'],
  ['s390x', 'ELF64', false, '/lib/ld64.so.1', 's390x-linux-gnu'],
] as const;

beforeAll(async () => {
  // Programs keep their own directory; the libraries of all share one root, as with multiarch.
  for (const architecture of ['amd64', 'i386', ...FOREIGN.map(([name]) => name)]) {
    await packagesRoot('bookworm', ['libc6'], root, architecture);
    const programs = path.join(directory, architecture);
    await packagesRoot('bookworm', ['libc-bin'], programs, architecture);
    fs.mkdirSync(path.join(root, 'opt', architecture), { recursive: true });
    for (const name of ['getent', 'iconv']) {
      const copy = path.join(root, 'opt', architecture, name);
      fs.copyFileSync(path.join(programs, 'usr/bin', name), copy);
    }
  }
}, 240_000);

describe('F8 other architectures beside ours', () => {
  test.each(FOREIGN)(
    'F8 %s: read in its own class and byte order, and resolved to its own libraries',
    (name, elfClass, littleEndian, interpreter, multiarch) => {
      const file = path.join(root, 'opt', name, 'getent');
      expect(elfOf(file)).toMatchObject({ class: elfClass, littleEndian, interpreter });
      const report = new LoaderSession(root).simulate(`/opt/${name}/getent`);
      expect(report).toMatchObject({ verdict: 'starts', missing: [], versionErrors: [] });
      expect(report.symbolErrors).toEqual([]);
      expect(report.objects.map((one) => one.path)).toEqual([
        `/lib/${multiarch}/libc.so.6`,
        interpreter,
      ]);
      // A library names no interpreter: the architecture's own is taken.
      const library = new LoaderSession(root).simulate(`/lib/${multiarch}/libm.so.6`);
      expect(library).toMatchObject({ verdict: 'starts', reason: 'no-interpreter' });
      expect(library.objects.map((one) => one.path)).toContain(interpreter);
    },
  );

  test('F8 each takes its own libc, ours and i386 included, as their loaders say', () => {
    const session = new LoaderSession(root);
    for (const [name, multiarch, loader] of [
      ['amd64', 'x86_64-linux-gnu', '/lib64/ld-linux-x86-64.so.2'],
      ['i386', 'i386-linux-gnu', '/lib/ld-linux.so.2'],
    ] as const) {
      for (const program of ['getent', 'iconv']) {
        const report = session.simulate(`/opt/${name}/${program}`);
        expect(report).toMatchObject({ verdict: 'starts', mixedGlibc: [] });
        const ours = report.objects.map((one) => one.path);
        expect(ours).toContain(`/lib/${multiarch}/libc.so.6`);
        const arguments_ = [root, loader, '--list', `/opt/${name}/${program}`];
        const real = spawnSync('/usr/sbin/chroot', arguments_, { encoding: 'utf8', env: {} });
        expect([name, real.status]).toEqual([name, 0]);
        const theirs = [...real.stdout.matchAll(/(?:^|\s)(\/\S+) \(0x/gm)].map((match) => match[1]);
        expect(ours).toEqual(theirs);
      }
    }
  });

  test('F8 a file of another class or machine where ours is looked for is passed over', () => {
    const wanted = 'libc.so.6';
    const environment = {
      LD_LIBRARY_PATH: ['i386-linux-gnu', 's390x-linux-gnu', 'aarch64-linux-gnu']
        .map((one) => `/lib/${one}`)
        .join(':'),
    };
    const report = new LoaderSession(root, { environment }).simulate('/opt/amd64/getent');
    const real = spawnSync(
      '/usr/sbin/chroot',
      [root, '/lib64/ld-linux-x86-64.so.2', '--list', '/opt/amd64/getent'],
      { encoding: 'utf8', env: environment },
    );
    const ours = report.objects.find((one) => one.soname === wanted)?.path;
    expect(ours).toBe('/lib/x86_64-linux-gnu/libc.so.6');
    expect(real.stdout).toContain(`${wanted} => ${ours ?? ''} `);
  });

  test('F8 without its own loader in the root, nothing is claimed about a foreign program', () => {
    const alone = path.join(directory, 's390x');
    const report = new LoaderSession(alone).simulate('/usr/bin/getent');
    expect(report).toMatchObject({ verdict: 'unknown', reason: 'foreign-architecture' });
  });
});
