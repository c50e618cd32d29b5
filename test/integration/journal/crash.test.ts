import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captureState } from '../../../electron/engine/journal/capture.ts';
import { listTransactions } from '../../../electron/engine/journal/history.ts';
import { recover } from '../../../electron/engine/journal/recover.ts';
import { undo } from '../../../electron/engine/journal/undo.ts';
import type { TransactionSummary } from '../../../shared/history.ts';
import { Campaign, type KillPoint } from './crash-campaign.ts';
import { job, timeless, value, workbench, type Workbench } from './workbench.ts';

/** All points with DEVMEND_CRASH_FULL=1; else an even sample that takes less than a minute. */
const FULL = process.env['DEVMEND_CRASH_FULL'] === '1';
const SAMPLE = 8;
const TIME_LIMIT = FULL ? 3_600_000 : 120_000;

const campaign = new Campaign();
let bench: Workbench;
let before: unknown;
let after: unknown;

beforeAll(async () => {
  await campaign.prepare();
  campaign.freshHome();
  campaign.save('fresh');
  bench = workbench({ directory: campaign.work });
  before = await world();
  campaign.run('apply');
  campaign.save('applied');
  after = await world();
  campaign.run('undo');
  campaign.save('undone');
  expect(await world()).toEqual(before);
}, TIME_LIMIT);
afterAll(() => campaign.dispose());

const targets = ['settings.json', 'linked.json', 'old', '.local/share'];

/**
 * Every path that the repair is about, to the last fact but access times. An edited
 * file has the time of its edit, another one in every run; so have directories.
 */
async function world(): Promise<unknown> {
  const states: unknown[] = [];
  for (const name of targets) {
    const state = timeless(await captureState(bench.at(name)));
    if (state.type === 'tree') states.push({ ...state, mtimeNs: '', exact: '' });
    else if (state.type === 'file' && isEdited(name)) states.push({ ...state, mtimeNs: '' });
    else states.push(state);
  }
  return states;
}

function isEdited(name: string): boolean {
  return readFileSync(bench.at(name), 'utf8').includes('"a": 2');
}

function sampled(points: readonly KillPoint[]): readonly KillPoint[] {
  if (FULL) return points;
  const stride = Math.max(1, Math.floor(points.length / SAMPLE));
  return points.filter((_point, index) => index % stride === Math.floor(stride / 2));
}

function litter(): string[] {
  return execFileSync('find', [bench.at()], { encoding: 'utf8' })
    .split('\n')
    .filter((path) => /\/(\.devmend-|\.new-|reserve$|lock\.)/.test(path));
}

async function history(): Promise<readonly TransactionSummary[]> {
  return value(await listTransactions(bench.machine));
}

/** What must be true after a crash and a recovery, whatever was going on. */
async function requireSound(point: KillPoint): Promise<void> {
  const outcomes = value(await recover(bench.machine, job()));
  for (const outcome of outcomes) expect(outcome.status, point.line).toBe('rolled-back');
  expect(litter(), point.line).toEqual([]);
  expect(statSync(bench.at('linked.json')).nlink, point.line).toBe(2);

  const [repair] = (await history()).filter(({ type }) => type === 'apply');
  const applied = repair?.status === 'applied' || repair?.status === 'verified';
  expect(await world(), point.line).toEqual(applied ? after : before);

  expect(value(await recover(bench.machine, job())), point.line).toEqual([]);
  expect(await world(), point.line).toEqual(applied ? after : before);
  if (repair === undefined || !applied) return;
  const undone = value(await undo(bench.machine, repair.id, { onConflict: 'stop' }, job()));
  expect(undone.failure, point.line).toBeNull();
  expect(await world(), point.line).toEqual(before);
}

async function killEverywhere(operation: string, start: string): Promise<void> {
  campaign.load(start);
  const points = campaign.killPoints(operation);
  const threads = [...campaign.threads].filter((name) => name.startsWith(`${operation} `));
  expect(threads, 'all calls come from one thread').toHaveLength(1);
  campaign.threads.clear();
  const tried = sampled(points);
  for (const point of tried) {
    campaign.load(start);
    expect(campaign.kill(operation, point), `no kill happened: ${point.line}`).toBe(true);
    await requireSound(point);
  }
  process.stdout.write(`${operation}: killed at ${tried.length} of ${points.length} points\n`);
}

describe('A3.3 killed at any system call, then recovered', () => {
  it('apply is before or after', async () => killEverywhere('apply', 'fresh'), TIME_LIMIT);
  it('undo is before or after', async () => killEverywhere('undo', 'applied'), TIME_LIMIT);
  it('redo is before or after', async () => killEverywhere('redo', 'undone'), TIME_LIMIT);

  it(
    'recovery can itself be killed and done again',
    async () => {
      campaign.load('fresh');
      const points = campaign.killPoints('apply');
      const last = points.filter(({ call }) => call === 'rename').slice(-1)[0];
      expect(last).toBeDefined();
      if (last === undefined) return;
      campaign.load('fresh');
      expect(campaign.kill('apply', last)).toBe(true);
      campaign.save('interrupted');
      await killEverywhere('recover', 'interrupted');
    },
    TIME_LIMIT,
  );
});

it('the campaign can fail: without recovery a kill leaves something in between', async () => {
  campaign.load('fresh');
  const points = campaign.killPoints('apply');
  const middle = points.filter(({ call }) => call === 'rename').slice(-1)[0];
  campaign.load('fresh');
  expect(middle !== undefined && campaign.kill('apply', middle)).toBe(true);
  const [repair] = await history();
  expect(repair?.status).toBe('interrupted');
  expect(existsSync(join(campaign.work, 'home/.local/share/devmend/copy'))).toBe(true);
  expect(readFileSync(bench.at('settings.json'), 'utf8')).toContain('"a": 2');
});
