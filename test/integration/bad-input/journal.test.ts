import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hostMachine } from '../../../electron/engine/host.ts';
import { takeLock } from '../../../electron/engine/journal/lock.ts';
import { buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';
import { benches, treeDigest, type Bench } from './harness.ts';

const newBench = benches();
let bench: Bench;
let id = '';
const state = (...parts: string[]): string => bench.at('home/.local/state/devmend', ...parts);

/** A home in which one repair has been applied; every test begins with it as it was then. */
beforeAll(async () => {
  bench = newBench();
  const program = bench.at('git');
  buildNewerProgram(program, 'git');
  const finding = await bench.findingOf(program);
  expect((await bench.run(['apply', finding, '--program', program, '--yes'])).code).toBe(0);
  [id = ''] = readdirSync(state('journal'));
  cpSync(bench.home, bench.at('kept'), {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
  });
});
beforeEach(() => expect(existsSync(state('journal', id))).toBe(true));
afterEach(() => {
  rmSync(bench.home, { recursive: true });
  cpSync(bench.at('kept'), bench.home, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
  });
});

/** Refused, and nothing anywhere is another than before. */
async function unharmed(args: readonly string[], status: number): Promise<string> {
  const before = treeDigest(bench.home);
  const environment = { TERM: 'dumb' };
  const english = await bench.run(args, { environment });
  const chinese = await bench.run(args, { environment: { ...environment, LANG: 'zh_CN.UTF-8' } });
  expect([english.code, chinese.code]).toEqual([status, status]);
  expect(chinese.stderr).toMatch(/\p{Script=Han}.*。\n$/u);
  expect(english.stderr).not.toMatch(/^ +at .+:\d+/mu);
  expect(treeDigest(bench.home)).toBe(before);
  return english.stderr;
}

describe('a journal', () => {
  it('from the future is only read, and nothing is said to be in order', async () => {
    mkdirSync(state('journal/20990101T000000.000Z'));
    const entry = '{"seq":1,"type":"begin","format":3,"shape":"unknown"}\n';
    writeFileSync(state('journal/20990101T000000.000Z/journal.jsonl'), entry);
    for (const args of [['undo', id, '--yes'], ['recover']])
      expect(await unharmed(args, 3)).toContain('written by a newer Devmend');
    expect((await bench.run(['history'])).stdout).toContain(id);
  });

  it.each([
    ['altered', (text: string) => text.replace('"type":"start"', '"type":"START"')],
    ['overwritten', () => 'no journal at all'],
    ['emptied', () => ''],
  ])('that was %s is named, still listed, and not trusted', async (_what, damage) => {
    const path = state('journal', id, 'journal.jsonl');
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    expect((await bench.run(['history'])).stdout).toContain(id);
    expect(await unharmed(['undo', id, '--yes'], 3)).toContain('is damaged and is not trusted');
  });

  it('whose plan is damaged is not trusted either', async () => {
    writeFileSync(state('journal', id, 'plan.json'), '{');
    expect(await unharmed(['undo', id, '--yes'], 3)).toContain('plan.json is damaged');
  });
});

describe('two Devmends', () => {
  it('A3.12 exclude each other; the process that works is named so that it can be found', async () => {
    const machine = hostMachine({ environment: { HOME: bench.home } });
    const lock = await takeLock(machine);
    if (!lock.ok) throw new Error('locked');
    for (const args of [['undo', id, '--yes'], ['recover']])
      expect(await unharmed(args, 4)).toContain(`(process ${process.pid})`);
    await lock.value.release();
    expect((await bench.run(['recover'])).code).toBe(0);
  });
});

describe('an interruption', () => {
  it('A3.3 by SIGKILL in the middle is found, told and brought back by recover', async () => {
    const program = bench.at('hanging');
    buildNewerProgram(program, 'hanging', { hangs: true });
    const finding = await bench.findingOf(program);
    const home = bench.at('home/.local');
    const own = [state()];
    const before = treeDigest(home, own);
    const words = ['apply', finding, '--program', program, '--yes'];
    const child = spawn(process.execPath, [bench.script, ...words], {
      env: bench.environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let told = '';
    // The trial run hangs, so that the kill comes in the middle whatever the machine does.
    for await (const text of child.stderr.setEncoding('utf8')) {
      told += String(text);
      if (/devmend-\S+ --version/u.test(told)) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await unharmed(['undo', id, '--yes'], 3)).toContain('devmend recover');
    expect((await bench.run(['history'])).stdout).toContain('recover');
    expect((await bench.run(['recover'])).code).toBe(0);
    expect(treeDigest(home, own)).toBe(before);
    expect((await bench.run(['recover'])).stdout).toContain('nothing to recover');
  });
});
