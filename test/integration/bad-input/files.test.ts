import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';
import { benches, isRoot, sentence, treeDigest, type Bench } from './harness.ts';

const newBench = benches();
let bench: Bench;
let program = '';
beforeAll(() => {
  bench = newBench();
  program = bench.at('program');
  buildNewerProgram(program, 'program');
});

describe('a file that cannot be read', () => {
  it.each([
    ['a dangling link', 'dangling', 'ENOENT', () => symlinkSync('nowhere', bench.at('dangling'))],
    ['a link to itself', 'loop', 'ELOOP', () => symlinkSync('loop', bench.at('loop'))],
    ['a directory', 'directory', 'not a regular file', () => mkdirSync(bench.at('directory'))],
    ['a pipe', 'pipe', 'not a regular file', () => execFileSync('mkfifo', [bench.at('pipe')])],
  ])('%s is named with what it is, not with a guess', async (_what, name, reason, make) => {
    make();
    const told = await bench.run(['deps', name]);
    expect(told.code).toBe(3);
    expect(told.stderr).toContain(`${bench.at(name)} could not be read (`);
    expect(told.stderr).toContain(reason);
  });

  it.skipIf(!isRoot)('that belongs to somebody else is "could not check", never fine', async () => {
    const secret = bench.at('secret');
    copyFileSync(program, secret);
    chmodSync(secret, 0);
    const home = bench.nobodysOwn('own');
    const call = { home, asNobody: true };
    const { unchecked } = JSON.parse(
      (await bench.run(['scan', '--program', secret, '--json'], call)).stdout,
    );
    expect(JSON.stringify(unchecked)).toContain(secret);
    expect((await bench.run(['deps', secret], call)).code).toBe(3);
  });

  it.skipIf(!isRoot)(
    'in a home that is closed is "could not check", never "all clear"',
    async () => {
      const home = bench.at('closed');
      mkdirSync(home, { mode: 0o700 });
      const { stdout } = await bench.run(['scan'], { home, asNobody: true });
      expect(stdout).toContain(home);
      expect(stdout).not.toContain('All clear');
      expect(await bench.refused(['history'], 5, { home, asNobody: true })).toContain(home);
    },
  );
});

describe('a place that is not there', () => {
  it.each([['--root'], ['--home']])('%s is refused rather than found in order', async (option) => {
    const before = treeDigest(bench.directory);
    expect(await bench.refused(['scan', option, '/no/such/place'], 2)).toContain('/no/such/place');
    expect(treeDigest(bench.directory)).toBe(before);
  });

  it('a root that is a file is refused', async () => {
    expect(await bench.refused(['scan', '--root', program], 2)).toContain(program);
  });

  it('without a HOME, or with one that is no path, the account says where home is', async () => {
    for (const HOME of ['', 'relative']) {
      const { code } = await bench.run(['history'], { environment: { HOME } });
      expect(code).toBe(0);
      expect(existsSync(bench.at('relative'))).toBe(false);
      expect(existsSync(bench.at('.local'))).toBe(false);
    }
  });

  it.skipIf(!isRoot)(
    'a user without an account can scan, and is told where nothing can be written',
    async () => {
      const user = ['setpriv', '--reuid=4242', '--regid=4242', '--clear-groups'];
      const passwd = execFileSync('getent', ['passwd'], { encoding: 'utf8' });
      expect(passwd).not.toContain(':4242:');
      const call = {
        mounts: `set -- ${user.join(' ')} "$@"`,
        home: '/nonexistent',
        environment: { XDG_CACHE_HOME: '/nonexistent' },
      };
      // 1 where this machine has something to find.
      const { code } = await bench.run(['scan', '--only', 'library-missing'], call);
      expect([0, 1]).toContain(code);
      expect(await bench.refused(['recover'], 5, call)).toContain('/nonexistent');
    },
  );
});

describe.skipIf(!isRoot)('a home that cannot be written to (as an ordinary user)', () => {
  it('is named before anything is changed, whoever owns it', async () => {
    const home = bench.at('foreign');
    mkdirSync(home, { mode: 0o755 });
    const call = { home, asNobody: true };
    const before = treeDigest(home);
    expect(await bench.refused(['recover'], 5, call)).toContain(home);
    const id = await bench.findingOf(program, [], call);
    const told = await bench.run(['apply', id, '--program', program, '--yes'], call);
    expect(told.code).toBe(5);
    expect(sentence(told)).toMatch(/may not be read or changed by you \(EACCES\)\. \w/u);
    expect(treeDigest(home)).toBe(before);
  });
});

describe('a machine that Devmend is not made for', () => {
  it.each([
    ['platform', 'darwin'],
    ['arch', 'ppc64'],
  ])('by its %s (%s) is told so before anything is looked at', async (key, value) => {
    const stub = bench.at(`${value}.cjs`);
    writeFileSync(stub, `Object.defineProperty(process, '${key}', { value: '${value}' });\n`);
    expect(await bench.refused(['scan'], 3, { node: ['--require', stub] })).toContain(value);
  });
});

describe('what a person names on the command line', () => {
  it('a program named twice, and once by another name, is one finding', async () => {
    const args = ['--program', program, '--program', program, '--program', './program', '--json'];
    const { findings } = JSON.parse((await bench.run(['scan', ...args])).stdout);
    expect(findings).toHaveLength(1);
  });

  it('a plan that is no plan is refused, and its file named', async () => {
    for (const [name, text] of [
      ['empty', ''],
      ['list', '[]'],
      ['bytes', '\u0000\u00ff'],
      ['other', '{"schema":"devmend.plan/99"}'],
    ] as const) {
      writeFileSync(bench.at(name), text);
      expect(await bench.refused(['apply', `./${name}`, '--yes'], 2)).toContain(name);
    }
    expect(await bench.refused(['apply', './absent', '--yes'], 2)).toContain('absent');
  });

  it('a folder to write to that is not there is the one that is named', async () => {
    const told = await bench.refused(['scan', '--save-snapshot', 'no/such/file'], 2);
    expect(told).toContain('no/such.');
  });

  it.skipIf(!isRoot)('a full disk does not cost the snapshot that was there', async () => {
    const disk = bench.at('disk');
    mkdirSync(disk);
    const kept = bench.at('kept');
    const mounts = [
      `mount -t tmpfs -o size=16k,mode=755 tmpfs ${disk}`,
      `echo old > ${disk}/file`,
      `dd if=/dev/zero of=${disk}/fill bs=1k status=none 2>/dev/null || true`,
      `"$@" || true; ls -A ${disk} > ${kept}; cat ${disk}/file >> ${kept}; exit 0`,
    ].join('; ');
    const { stderr } = await bench.run(['scan', '--save-snapshot', join(disk, 'file')], { mounts });
    expect(stderr).toContain('not enough free space');
    expect(readFileSync(kept, 'utf8')).toBe('file\nfill\nold\n');
  });
});

describe('names that try something', () => {
  const hostile = 'a b\n\u001b]0;owned\u0007\u001b[31mq\'"x';

  it('a line end, quotes and escape sequences in a path are shown, not obeyed, through a repair', async () => {
    const strange = join(bench.at(hostile), 'git');
    buildNewerProgram(strange, 'git');
    const id = await bench.findingOf(strange);
    const { code, stdout, stderr } = await bench.run(['apply', id, '--program', strange, '--yes']);
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain('\u001b');
    expect(stderr).toContain('a b\\x0a\\x1b]0;owned\\x07');
    const commands = stderr.split('\n').filter((line) => line.startsWith('  $ '));
    expect(commands.every((line) => /^ {2}\$ (cp|\/)/u.test(line))).toBe(true);
    expect(readdirSync(bench.at(hostile))).toEqual(['git']);
  });

  it('a very long path is found and said whole; one that is too long is not fine', async () => {
    const folder = bench.at(...Array.from({ length: 18 }, () => 'x'.repeat(200)));
    const far = join(folder, 'git');
    buildNewerProgram(bench.at('short'), 'git');
    mkdirSync(folder, { recursive: true });
    copyFileSync(bench.at('short'), far);
    expect(await bench.findingOf(far)).toMatch(/^glibc-version-missing:/u);
    const { stdout } = await bench.run(['scan', '--program', `${far}/${folder}`, '--json']);
    expect(JSON.parse(stdout).unchecked).toHaveLength(1);
  });
});
