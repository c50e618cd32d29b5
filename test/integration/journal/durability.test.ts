import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../../shared/error.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';
import { openCampaign } from '../../crash/campaign.ts';
import type { Point } from '../../crash/cutter.ts';
import { faults } from '../../crash/faults.ts';
import { Lane, type Target } from '../../crash/lane.ts';
import { operations } from '../../crash/operations.ts';
import { scenarios } from '../../crash/registry.ts';

/** What reaches the disk, and when: read from the system calls of real repairs. */
const LIMIT = 600_000;

let campaign: Awaited<ReturnType<typeof openCampaign>>;
let lane: Lane;
beforeAll(async () => {
  campaign = await openCampaign();
  const directory = join(campaign.directory, 'lane-1');
  mkdirSync(directory);
  lane = new Lane(directory, campaign.tools);
}, LIMIT);
afterAll(async () => {
  await lane.dispose();
  campaign.dispose();
});

const eachScenario = scenarios.map((scenario) => [scenario.name, scenario] as const);

function targetOf(scenario: Target['scenario'], name: string): Target {
  const operation = operations.find((each) => each.name === name);
  const start = operation?.starts[0];
  if (operation === undefined || start === undefined) throw new Error(`There is no ${name}.`);
  return { scenario, operation, start };
}

interface Call {
  readonly call: string;
  readonly path: string;
}

/** A transaction is made under a name of its own and then renamed: here it has one name. */
function callOf({ call, line }: Point): Call {
  const path = line.slice(line.indexOf(` ${call} `) + call.length + 2);
  return { call, path: path.replace('/journal/.new-', '/journal/') };
}

const isSync = ({ call }: Call): boolean => call === 'fsync' || call === 'fdatasync';
const creates =
  /^(openat|open|creat|mkdir|mkdirat|rename|renameat2?|link|linkat|symlink|symlinkat)$/;
const changesContent = /^(write|pwrite64|writev|pwritev2?|ftruncate|copy_file_range|sendfile)$/;

/** What is in the store and not certainly on the disk after these calls. */
function notDurable(calls: readonly Call[]): readonly string[] {
  const waiting = new Set<string>();
  const known = new Set<string>();
  for (const { call, path } of calls) {
    const opensAgain = call === 'openat' && known.has(path);
    if (creates.test(call) && !opensAgain) waiting.add(dirname(path));
    known.add(path);
    if (changesContent.test(call)) waiting.add(path);
    if (isSync({ call, path })) waiting.delete(path);
    if (call === 'syncfs') waiting.clear();
    // A tree that is thrown away again needs no place on the disk.
    if (/^(unlink|unlinkat|rmdir)$/.test(call)) waiting.delete(path);
  }
  return [...waiting];
}

describe('A3.2 before the first change', () => {
  it.each(eachScenario)(
    '%s: plan and before-images are on the disk, with their directories',
    async (_name, scenario) => {
      for (const name of ['apply', 'undo', 'redo']) {
        const calls = (await lane.pointsOf(targetOf(scenario, name))).map(callOf);
        const takesAway = ({ call, path }: Call): boolean =>
          call.startsWith('rename') && /\/images\//.test(path);
        const inStore = ({ path }: Call): boolean => /\/a\/state(\/|$)/.test(path);
        const first = calls.findIndex(
          (each) => takesAway(each) || (!inStore(each) && !isSync(each)),
        );
        expect(first, `${name} changes something`).toBeGreaterThan(0);
        const before = calls.slice(0, first);
        expect(before.some(isSync)).toBe(true);
        const store = before.filter(({ path }) => /\/journal\//.test(path));
        expect(store.length).toBeGreaterThan(0);
        expect(notDurable(before).filter((path) => /\/journal(\/|$)/.test(path))).toEqual([]);
      }
    },
    LIMIT,
  );
});

describe('A3.2 A3.4 an fsync that fails', () => {
  it.each(['settings', 'settings-elsewhere'])(
    '%s: is fatal, is not tried again, and nothing is told as repaired',
    async (name) => {
      const scenario = scenarios.find((each) => each.name === name);
      const broken = faults.find((each) => each.name === 'EIO');
      if (scenario === undefined || broken === undefined) throw new Error('not there');
      const target = targetOf(scenario, 'apply');
      const syncs = (await lane.pointsOf(target)).filter((point) => isSync(callOf(point)));
      expect(syncs.length).toBeGreaterThan(5);
      for (const point of syncs) {
        const { answer, points, injected } = await lane.attempt(target, broken, point);
        expect(injected, point.line).toBe(true);
        const result = JSON.parse(answer ?? 'null') as Result<TransactionOutcome>;
        const told = result.ok ? result.value.status : 'refused';
        expect(['refused', 'rolled-back', 'interrupted'], point.line).toContain(told);
        const { path } = callOf(point);
        const later = points.filter((each) => each.number > point.number).map(callOf);
        const again = later.findIndex((each) => isSync(each) && each.path === path);
        if (again < 0) continue;
        // Something else came to be synced there; the same data is never asked for twice.
        const between = later.slice(0, again);
        const changed = between.some((each) => each.path === path || dirname(each.path) === path);
        expect(changed, `${point.line} is asked for again`).toBe(true);
      }
    },
    LIMIT,
  );
});

describe('A3.3 a recovery that was killed right behind the rename that puts a file back', () => {
  it(
    'is ended by one that makes the rename durable before it says so',
    async () => {
      const scenario = scenarios.find((each) => each.name === 'settings-elsewhere');
      if (scenario === undefined) throw new Error('not there');
      const killed = { operation: 'apply', killAt: 0.95 };
      const first = {
        ...targetOf(scenario, 'recover'),
        start: { name: 'killed', steps: [killed] },
      };
      const points = await lane.pointsOf(first);
      const back = points.findIndex(({ line }) =>
        /: rename .*\/b\/home\/settings\.json$/.test(line),
      );
      const next = points[back + 1];
      if (back < 0 || next === undefined) throw new Error('nothing is put back');
      expect(next.line).toMatch(/: fsync .*\/b\/home$/);
      const killAt = (next.number - 0.5) / points.length;
      const steps = [killed, { operation: 'recover', killAt }];
      const again = { ...first, start: { name: 'killed twice', steps } };
      const calls = (await lane.pointsOf(again)).map(callOf);
      const synced = calls.findIndex((each) => isSync(each) && /\/b\/home$/.test(each.path));
      expect(synced).toBeGreaterThanOrEqual(0);
      const said = calls.findLastIndex(({ path }) => path.endsWith('/journal.jsonl'));
      expect(synced).toBeLessThan(said);
    },
    LIMIT,
  );
});
