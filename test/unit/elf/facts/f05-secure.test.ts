import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { LoaderSession } from '../../../../electron/engine/elf/loader.ts';
import { library, RPATH, RUNPATH, temporaryDirectory } from '../tools.ts';
import { glibcRoot, placeLibrary, startInRoot, whichProgram } from './roots.ts';

const directory = temporaryDirectory();
const scratch = path.join(directory, 'scratch');
let root = '';

beforeAll(async () => {
  fs.chmodSync(directory, 0o755);
  root = await glibcRoot('bookworm', path.join(directory, 'root'));
}, 120_000);

type Privilege = 'none' | 'setuid' | 'capabilities';

/** Makes the program of the root privileged in one of the two ways. */
function privilege(how: Privilege): void {
  const file = path.join(root, 'opt/program');
  fs.chmodSync(file, how === 'setuid' ? 0o4755 : 0o755);
  if (how === 'capabilities') {
    execFileSync('/usr/sbin/setcap', ['cap_net_raw+ep', file]);
  }
}

/**
 * An ordinary user starts the program; the number it ends with names the
 * directory of the library that it got (its place in `directories`, from 1).
 */
function expectSame(
  how: Privilege,
  directories: readonly string[],
  environment: Record<string, string> = {},
): string | null {
  const real = startInRoot(root, '/opt/program', { environment, asUser: true });
  const session = new LoaderSession(root, { environment });
  const report = session.simulate('/opt/program', { capabilities: how === 'capabilities' });
  const found = report.objects.find((one) => one.soname === 'libwhich.so');
  const ours = found === undefined ? null : path.posix.normalize(found.path);
  const place = real.status === 127 ? null : directories[(real.status ?? 0) - 1];
  const theirs = typeof place !== 'string' ? null : `${place}/libwhich.so`;
  expect({ how, ours, stderr: real.stderr }).toMatchObject({ how, ours: theirs });
  return theirs;
}

function place(directories: readonly string[]): void {
  fs.rmSync(path.join(root, 'usr/lib/secure'), { recursive: true, force: true });
  for (const one of ['opt/own', 'opt/other', 'srv']) {
    fs.rmSync(path.join(root, one), { recursive: true, force: true });
  }
  directories.forEach((one, index) => placeLibrary(root, scratch, one.slice(1), index + 1));
}

describe.each(['none', 'setuid', 'capabilities'] as const)('F5 secure mode: %s', (how) => {
  const secure = how !== 'none';

  test('F5 LD_LIBRARY_PATH counts only for an ordinary program', () => {
    const directories = ['/opt/other', '/opt/own'];
    place(directories);
    whichProgram(root, path.join(directory, 'stub'), [RUNPATH, '-Wl,-rpath,/opt/own']);
    privilege(how);
    const got = expectSame(how, directories, { LD_LIBRARY_PATH: '/opt/other' });
    expect(got).toBe(secure ? '/opt/own/libwhich.so' : '/opt/other/libwhich.so');
  });

  test('F5 $ORIGIN of the program counts only where it leads to a system directory', () => {
    const directories = ['/opt/own'];
    place(directories);
    whichProgram(root, path.join(directory, 'stub'), [RPATH, '-Wl,-rpath,$ORIGIN/own']);
    privilege(how);
    expect(expectSame(how, directories)).toBe(secure ? null : '/opt/own/libwhich.so');
    place(['/usr/lib/secure']);
    whichProgram(root, path.join(directory, 'stub'), [
      RPATH,
      '-Wl,-rpath,$ORIGIN/../usr/lib/secure',
    ]);
    privilege(how);
    expect(expectSame(how, ['/usr/lib/secure'])).toBe('/usr/lib/secure/libwhich.so');
  });

  test('F5 $ORIGIN of a library counts as ever', () => {
    const directories = ['/opt/own/deep'];
    place(directories);
    const outer = library(
      scratch,
      'libouter.so',
      'int which(void);\nint outer(void) { return which(); }\n',
      {
        args: ['-nostdlib', `-L${scratch}/1`, '-lwhich', RUNPATH, '-Wl,-rpath,$ORIGIN/deep'],
      },
    );
    fs.copyFileSync(outer, path.join(root, 'opt/own/libouter.so'));
    whichProgram(root, path.join(directory, 'stub'), [
      '-Wl,--no-as-needed',
      `-L${scratch}`,
      '-louter',
      RUNPATH,
      '-Wl,-rpath,/opt/own',
    ]);
    // Only the library still asks for it.
    execFileSync('patchelf', ['--remove-needed', 'libwhich.so', path.join(root, 'opt/program')]);
    privilege(how);
    expect(expectSame(how, directories)).toBe(`${directories[0] ?? ''}/libwhich.so`);
  });

  test('F5 a preload with a slash is ignored, one without is taken when it is setuid itself', () => {
    const directories = ['/opt/other', '/usr/lib/secure', '/opt/own'];
    place(directories);
    const system = path.join(root, 'usr/lib/x86_64-linux-gnu');
    const early = path.join(system, 'libearly.so');
    // A preload that defines the function wins over the library that is needed.
    whichProgram(root, path.join(directory, 'stub'), [RUNPATH, '-Wl,-rpath,/opt/own']);
    privilege(how);
    const started = (preload: string): readonly [number | null, readonly string[]] => {
      const environment = { LD_PRELOAD: preload };
      const real = startInRoot(root, '/opt/program', { environment, asUser: true });
      const report = new LoaderSession(root, { environment }).simulate('/opt/program', {
        capabilities: how === 'capabilities',
      });
      const preloaded = report.objects.filter((one) => one.foundBy === 'preload');
      return [real.status, preloaded.map((one) => one.path)];
    };
    const early7 = library(scratch, 'libearly.so', 'int which(void) { return 7; }\n', {
      args: ['-nostdlib'],
    });
    fs.copyFileSync(early7, path.join(root, 'opt/early.so'));
    expect(started('/opt/early.so')).toEqual(secure ? [3, []] : [7, ['/opt/early.so']]);
    fs.copyFileSync(early7, early);
    fs.chmodSync(early, 0o755);
    const inSystem = [`/lib/x86_64-linux-gnu/libearly.so`, `/usr/lib/x86_64-linux-gnu/libearly.so`];
    const plain = started('libearly.so');
    expect(plain[0]).toBe(secure ? 3 : 7);
    expect(plain[1].every((one) => inSystem.includes(one))).toBe(true);
    expect(plain[1]).toHaveLength(secure ? 0 : 1);
    fs.chmodSync(early, 0o4755);
    const setuid = started('libearly.so');
    expect([setuid[0], setuid[1].length]).toEqual([7, 1]);
    fs.rmSync(early);
  });

  test('F5 what root put into ld.so.preload by its path is taken, setuid or not', () => {
    place(['/opt/own']);
    whichProgram(root, path.join(directory, 'stub'), [RUNPATH, '-Wl,-rpath,/opt/own']);
    privilege(how);
    const early = library(scratch, 'libfile.so', 'int which(void) { return 7; }\n', {
      args: ['-nostdlib'],
    });
    fs.copyFileSync(early, path.join(root, 'opt/file.so'));
    const list = path.join(root, 'etc/ld.so.preload');
    fs.writeFileSync(list, '/opt/file.so\n');
    const real = startInRoot(root, '/opt/program', { asUser: true });
    const report = new LoaderSession(root).simulate('/opt/program', {
      capabilities: how === 'capabilities',
    });
    fs.rmSync(list);
    expect(real.status).toBe(7);
    expect(report.objects[0]).toMatchObject({ path: '/opt/file.so', foundBy: 'preload' });
  });
});
