import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';
import { benches, treeDigest, type Bench } from './harness.ts';

const newBench = benches();

/** A home whose editor settings name a git that this system refuses. */
function desk(text: (git: string) => string | Buffer): { bench: Bench; git: string; file: string } {
  const bench = newBench();
  const git = bench.at('home', 'git');
  buildNewerProgram(git, 'git');
  const file = bench.at('home', '.config/Code/User/settings.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text(git));
  return { bench, git, file };
}

/** Repairs, and answers where the settings then lead; undo has to bring back every byte. */
async function repaired(
  { bench, git, file }: ReturnType<typeof desk>,
  check: (text: string, copy: string) => void,
): Promise<void> {
  const own = bench.at('home', '.local');
  const before = treeDigest(bench.directory, [own]);
  const { code, stdout, stderr } = await bench.run(['apply', await bench.findingOf(git), '--yes']);
  expect(code, stdout + stderr).toBe(0);
  const text = readFileSync(file, 'latin1');
  check(text, /([^"]+\/programs\/git-[0-9a-f]+\/git)"/u.exec(text)?.[1] ?? '');
  const { transactions } = JSON.parse((await bench.run(['history', '--json'])).stdout);
  expect((await bench.run(['undo', transactions[0].id, '--yes'])).code).toBe(0);
  expect(treeDigest(bench.directory, [own])).toBe(before);
}

describe('settings that can be edited', () => {
  it('of two equal keys, the last one is edited, as the editor reads it', async () => {
    const text = (git: string): string => `{\n "git.path": "/a",\n "git.path": "${git}"\n}`;
    await repaired(desk(text), (now, copy) => expect(now).toBe(text(copy)));
  });

  it('keep a byte order mark, CR LF and an escape sequence in a value, which reaches no terminal', async () => {
    const text = (git: string): string =>
      `\u00ef\u00bb\u00bf{\r\n\t// note\r\n\t"git.path": "${git}",\r\n\t"x": "\\u001b]0;owned\\u0007",\r\n}`;
    const place = desk((git) => Buffer.from(text(git), 'latin1'));
    const shown = await place.bench.run(['plan', '--all']);
    expect(shown.stdout + shown.stderr).not.toContain('\u001b');
    await repaired(place, (now, copy) => expect(now).toBe(text(copy)));
  });

  it('A3.13 stay a link, and stay one file with two names', async () => {
    const place = desk((git) => `{"git.path": "${git}"}`);
    const real = place.bench.at('home', 'dotfiles.json');
    renameSync(place.file, real);
    symlinkSync('../../../dotfiles.json', place.file);
    linkSync(real, place.bench.at('home', 'second.json'));
    await repaired(place, (now, copy) => {
      expect(now).toBe(`{"git.path": "${copy}"}`);
      expect(lstatSync(place.file).isSymbolicLink()).toBe(true);
      expect(statSync(real).nlink).toBe(2);
    });
  });
});

describe('settings that cannot be edited', () => {
  it('because their text breaks off, are left alone, and it is said where', async () => {
    const place = desk((git) => `{\n "git.path": "${git}",\n "x": [1,\n`);
    const id = await place.bench.findingOf(place.git);
    const before = treeDigest(place.bench.directory);
    const told = await place.bench.refused(['apply', id, '--yes'], 3);
    expect(told).toContain(`${place.file} is not valid JSON with comments`);
    const { unchecked } = JSON.parse((await place.bench.run(['scan', '--json'])).stdout);
    expect(JSON.stringify(unchecked)).toContain(`${place.file} cannot be understood from line`);
    expect(treeDigest(place.bench.directory)).toBe(before);
  });

  it('because they are a dangling link, are "could not check"', async () => {
    const place = desk(() => '{}');
    renameSync(place.file, `${place.file}.away`);
    symlinkSync('nowhere', place.file);
    const { unchecked } = JSON.parse((await place.bench.run(['scan', '--json'])).stdout);
    expect(JSON.stringify(unchecked)).toContain('is a link to something that does not exist');
  });

  it('A3.6 because they changed since the plan, or the plan was edited: nothing is done', async () => {
    const place = desk((git) => `{"git.path": "${git}"}`);
    const plan = place.bench.at('plan.json');
    const touched = place.bench.at('touched');
    expect((await place.bench.run(['plan', '--all', '--out', plan])).code).toBe(0);
    const good = JSON.parse(readFileSync(plan, 'utf8'));
    const starts = good.verifications.find(
      ({ kind }: { kind: string }) => kind === 'program-starts',
    );
    Object.assign(starts, { path: '/bin/sh', args: ['-c', `touch ${touched}`] });
    writeFileSync(plan, JSON.stringify(good));
    const before = treeDigest(place.bench.directory);
    await place.bench.refused(['apply', plan, '--yes'], 4);
    expect(treeDigest(place.bench.directory)).toBe(before);
    writeFileSync(place.file, `{"git.path": "${place.git}" }`);
    expect(await place.bench.refused(['apply', plan, '--yes'], 4)).toContain(place.file);
  });
});
