import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../../shared/error.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';
import { openCampaign, pointsFor, sample } from '../../crash/campaign.ts';
import { faults, type Fault } from '../../crash/faults.ts';
import { Lane, type Target } from '../../crash/lane.ts';
import { fitting, operations, type Operation } from '../../crash/operations.ts';
import { scenarios } from '../../crash/registry.ts';
import type { Scenario } from '../../crash/scenario.ts';

/**
 * A representative part of `npm run crash`: every scenario, operation and class of fault,
 * at a point or two each, and the points at which something has once been lost.
 */
const LIMIT = 600_000;

let campaign: Awaited<ReturnType<typeof openCampaign>>;
let lane: Lane;
beforeAll(async () => {
  campaign = await openCampaign();
  const directory = join(campaign.directory, 'lane-0');
  mkdirSync(directory);
  lane = new Lane(directory, campaign.tools);
}, LIMIT);
afterAll(async () => {
  await lane.dispose();
  campaign.dispose();
});

function named<T extends { readonly name: string }>(list: readonly T[], name: string): T {
  const found = list.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}

/** The operation on the scenario; of several starts another one in each turn. */
function targetOf(scenario: Scenario, operation: Operation, turn: number): Target {
  const start = operation.starts[turn % operation.starts.length];
  if (start === undefined) throw new Error(`${operation.name} starts from nothing.`);
  return { scenario, operation, start };
}

/** What is tried on a scenario; of the two undos with a conflict one, in turn. */
function representative(scenario: Scenario, index: number): readonly Operation[] {
  const other = index % 2 === 0 ? 'keep' : 'restore';
  return fitting(scenario, operations).filter(({ conflict }) => conflict !== other);
}

const errors = faults.filter(({ action }) => action.startsWith('errno'));
const cuts = faults.filter(({ action }) => action === 'power');

/** What is lost at `most` points of one operation, as sentences; another selection each turn. */
async function lostIn(
  target: Target,
  fault: Fault,
  most: number,
  turn: number,
): Promise<readonly string[]> {
  const points = sample(pointsFor(fault, await lane.pointsOf(target)), most, turn);
  const sentences: string[] = [];
  for (const point of points) {
    const { lost } = await lane.tryPoint(target, fault, point);
    const where = `${target.operation.name} (${target.start.name}) ${fault.name} ${point.number}`;
    sentences.push(...lost.map((what) => `${where}, ${point.line}: ${what}`));
  }
  return sentences;
}

describe('A3.3 interrupted at a system call, then recovered', () => {
  it.each(scenarios.map((scenario, index) => [scenario.name, scenario, index] as const))(
    '%s: killed, failed, cut short',
    async (_name, scenario, index) => {
      const lost: string[] = [];
      for (const [position, operation] of representative(scenario, index).entries()) {
        const turn = index * operations.length + position;
        const target = targetOf(scenario, operation, turn);
        const error = errors[turn % errors.length];
        for (const fault of [named(faults, 'kill'), named(faults, 'short'), error])
          if (fault !== undefined) lost.push(...(await lostIn(target, fault, 1, turn)));
      }
      expect(lost).toEqual([]);
    },
    LIMIT,
  );

  it.each(['settings-elsewhere', 'sandbox-removal'])(
    '%s: the power is cut',
    async (name) => {
      const lost: string[] = [];
      for (const [turn, operation] of representative(named(scenarios, name), 0).entries()) {
        const target = targetOf(named(scenarios, name), operation, turn);
        const fault = cuts[turn % cuts.length];
        if (fault !== undefined) lost.push(...(await lostIn(target, fault, 2, turn)));
      }
      expect(lost).toEqual([]);
    },
    LIMIT,
  );
});

/** The points of an operation whose line in the trace says so. */
async function lostWhere(
  target: Target,
  fault: Fault,
  pattern: RegExp,
): Promise<readonly string[]> {
  const points = (await lane.pointsOf(target)).filter(({ line }) => pattern.test(line));
  expect(points).not.toEqual([]);
  const sentences: string[] = [];
  for (const point of points)
    sentences.push(...(await lane.tryPoint(target, fault, point)).lost.map((what) => what));
  return sentences;
}

/** What an operation told of itself: how it ended, and why. */
function told(answer: string | null): unknown {
  const result = JSON.parse(answer ?? 'null') as Result<TransactionOutcome>;
  if (!result.ok) return result.error.code;
  return [result.value.status, result.value.failure?.code];
}

describe('one program for many points', () => {
  it.each(['ENOSPC', 'short'])(
    'does the same at each point as one of its own: %s',
    async (name) => {
      const target = targetOf(named(scenarios, 'text-files'), named(operations, 'apply'), 0);
      const fault = named(faults, name);
      const points = sample(pointsFor(fault, await lane.pointsOf(target)), 12, 0);
      const tell = async (steadily: boolean): Promise<unknown[]> => {
        lane.steadily = steadily;
        const all: unknown[] = [];
        for (const point of points) {
          const run = await lane.attempt(target, fault, point);
          all.push([
            point.number,
            run.injected,
            run.points.map(({ call }) => call),
            told(run.answer),
          ]);
        }
        return all;
      };
      try {
        expect(await tell(true)).toEqual(await tell(false));
      } finally {
        lane.steadily = true;
      }
    },
    LIMIT,
  );
});

describe('what the campaign once found', () => {
  it(
    'a patchelf that outlives Devmend puts nothing back after recovery',
    async () => {
      const target = targetOf(named(scenarios, 'programs-in-place'), named(operations, 'apply'), 0);
      const openings = /^patchelf: openat .*-0$/;
      expect(await lostWhere(target, named(faults, 'kill'), openings)).toEqual([]);
    },
    LIMIT,
  );

  it(
    'a recovery killed before it could open a directory to all opens it the next time',
    async () => {
      const recovery = named(operations, 'recover');
      const start = named(recovery.starts, 'undo-at-80');
      const target = { scenario: named(scenarios, 'sandbox-creation'), operation: recovery, start };
      expect(await lostWhere(target, named(faults, 'kill'), /^node: chmod /)).toEqual([]);
    },
    LIMIT,
  );

  it.each(['settings', 'text-files'])(
    '%s: attributes that cp could not write, and says nothing of, are missed before the file is replaced',
    async (name) => {
      const target = targetOf(named(scenarios, name), named(operations, 'apply'), 0);
      const silent = /^cp: fsetxattr .*-0$/;
      expect(await lostWhere(target, named(faults, 'EIO'), silent)).toEqual([]);
    },
    LIMIT,
  );

  it.each(['EIO', 'ENOSPC'])(
    'attributes that recovery could not write (%s) are written by the next one',
    async (fault) => {
      const recovery = named(operations, 'recover');
      const start = named(recovery.starts, 'apply-at-95');
      const target = { scenario: named(scenarios, 'settings'), operation: recovery, start };
      expect(await lostWhere(target, named(faults, fault), /^cp: fsetxattr /)).toEqual([]);
    },
    LIMIT,
  );

  it(
    'a pin that was half written leaves nothing behind',
    async () => {
      const target = targetOf(named(scenarios, 'settings'), named(operations, 'pin'), 0);
      expect(await lostWhere(target, named(faults, 'kill'), /pins\.json/)).toEqual([]);
    },
    LIMIT,
  );

  it(
    'a disk that breaks for good does not turn what was told into "nothing was written"',
    async () => {
      const target = targetOf(named(scenarios, 'settings'), named(operations, 'apply'), 0);
      const broken = named(faults, 'EIO+');
      expect(await lostWhere(target, broken, /: (rename|fchmod|fsetxattr) /)).toEqual([]);
    },
    LIMIT,
  );
});

it(
  'the campaign can fail: without the fsync of directories a power cut takes a repair back',
  async () => {
    const target = targetOf(named(scenarios, 'settings-elsewhere'), named(operations, 'apply'), 0);
    const power = named(faults, 'power');
    const afterTheEnd = { number: 0, call: 'end', line: 'after the end' };
    expect((await lane.tryPoint(target, power, afterTheEnd)).lost).toEqual([]);
    lane.dropDirectorySync = true;
    try {
      const { lost } = await lane.tryPoint(target, power, afterTheEnd);
      expect(lost.join('\n')).toMatch(/settings\.json: content/);
    } finally {
      lane.dropDirectorySync = false;
    }
  },
  LIMIT,
);
