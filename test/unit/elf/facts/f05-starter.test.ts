import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { LoaderSession } from '../../../../electron/engine/elf/loader.ts';
import { startsSecure } from '../../../../electron/engine/elf/loader/secure.ts';
import { mountOf, parseMounts } from '../../../../electron/engine/processes/mounts.ts';
import { compile, library, temporaryDirectory } from '../tools.ts';

const directory = temporaryDirectory();
const program = path.join(directory, 'program');
const environment = { LD_LIBRARY_PATH: directory };
const ROOT = 0;
const NOBODY = 65_534;

beforeAll(() => {
  fs.chmodSync(directory, 0o755);
  library(directory, 'libown.so', 'int own(void) { return 0; }\n');
  const source = 'int own(void);\nint main(void) { return own(); }\n';
  compile(directory, 'program', source, [`-L${directory}`, '-lown']);
});

/** Gives the program an owner and a mode, in the order that keeps the mode. */
function make(owner: number, group: number, mode: number, capabilities = false): void {
  fs.chownSync(program, owner, group);
  fs.chmodSync(program, mode);
  if (capabilities) execFileSync('/usr/sbin/setcap', ['cap_net_raw+ep', program]);
}

/** Only a start that is not secure finds the library, by LD_LIBRARY_PATH. */
function isSecureFor(user: number, capabilities = false): boolean {
  const real = spawnSync(program, { uid: user, gid: user, env: environment, encoding: 'utf8' });
  const starter = { uid: user, gid: user };
  const { verdict } = new LoaderSession('/', { environment, user: starter }).simulate(program, {
    capabilities,
  });
  expect({ verdict, stderr: real.stderr }).toMatchObject({
    verdict: real.status === 0 ? 'starts' : 'fails',
  });
  return real.status !== 0;
}

describe('F5 secure mode depends on who starts the program', () => {
  test('F5 setuid: not for its owner, be that root', () => {
    make(NOBODY, NOBODY, 0o4755);
    expect([isSecureFor(NOBODY), isSecureFor(ROOT)]).toEqual([false, true]);
    make(ROOT, ROOT, 0o4755);
    expect([isSecureFor(NOBODY), isSecureFor(ROOT)]).toEqual([true, false]);
  });

  test('F5 setgid: not for its group, and not where the group may not execute it', () => {
    make(ROOT, NOBODY, 0o2755);
    expect([isSecureFor(NOBODY), isSecureFor(ROOT)]).toEqual([false, true]);
    make(ROOT, ROOT, 0o2755);
    expect([isSecureFor(NOBODY), isSecureFor(ROOT)]).toEqual([true, false]);
    make(ROOT, ROOT, 0o2745);
    expect([isSecureFor(NOBODY), isSecureFor(ROOT)]).toEqual([false, false]);
  });

  test('F5 capabilities: not for root, who has them', () => {
    make(ROOT, ROOT, 0o755, true);
    expect([isSecureFor(NOBODY, true), isSecureFor(ROOT, true)]).toEqual([true, false]);
  });

  test('F5 where nobody knows who starts it, the answer is the careful one', () => {
    const secure = (mode: number): boolean => {
      make(ROOT, ROOT, mode);
      return new LoaderSession('/', { environment }).simulate(program).verdict === 'fails';
    };
    expect([0o4755, 0o2755, 0o2745].map(secure)).toEqual([true, true, false]);
  });
});

test('F5 a file system that is mounted nosuid takes every privilege away', () => {
  const point = path.join(directory, 'mounted');
  fs.mkdirSync(point);
  make(ROOT, ROOT, 0o4755);
  const script = `mount -t tmpfs -o nosuid none "$1" && cp -p "$2" "$1/program" &&
    cat /proc/self/mountinfo && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$1/program"`;
  const { status, stdout, stderr } = spawnSync(
    '/usr/bin/unshare',
    ['-m', '/bin/sh', '-c', script, 'sh', point, program],
    { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...environment }, encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const mounts = parseMounts(stdout);
  const nosuid = mountOf(`${point}/program`, mounts)?.nosuid === true;
  const file = { mode: 0o104755, uid: ROOT, gid: ROOT };
  const starter = { uid: NOBODY, gid: NOBODY };
  const secure = (on: boolean): boolean =>
    startsSecure({ file, capabilities: false, starter, nosuid: () => on });
  expect(nosuid).toBe(true);
  expect([secure(nosuid), secure(false)]).toEqual([false, true]);
});
