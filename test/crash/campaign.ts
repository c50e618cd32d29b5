import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTools, type Point } from './cutter.ts';
import { unmount } from './disk.ts';
import type { Fault } from './faults.ts';
import type { Lane, Target, Verdict } from './lane.ts';

/** A directory in memory with the tools, in which lanes work. */
export async function openCampaign(): Promise<{
  readonly directory: string;
  readonly tools: string;
  readonly dispose: () => void;
}> {
  const directory = mkdtempSync(join(tmpdir(), 'devmend-crash-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4g,mode=700', 'tmpfs', directory]);
  const tools = join(directory, 'tools');
  mkdirSync(tools);
  await makeTools(tools);
  return {
    directory,
    tools,
    dispose: () => {
      for (const lane of ['0', '1', '2', '3'])
        for (const disk of ['a', 'b']) unmount(join(directory, `lane-${lane}`, disk));
      unmount(directory);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The points of an operation that a fault can be tried at. */
export function pointsFor(fault: Fault, points: readonly Point[]): readonly Point[] {
  const { only } = fault;
  const possible = only === null ? points : points.filter(({ call }) => only.test(call));
  if (fault.action !== 'power') return possible;
  // Also when all is done: what was told has to be true after the power comes back.
  return [...possible, { number: 0, call: 'end', line: 'after the end' }];
}

/** Evenly chosen points, the given number at most; always the same for the same `turn`. */
export function sample(points: readonly Point[], most: number, turn: number): readonly Point[] {
  if (points.length <= most) return points;
  const stride = points.length / most;
  const offset = (turn * 0.381966) % 1;
  return Array.from({ length: most }, (_nothing, index) => {
    const at = Math.min(points.length - 1, Math.floor((index + offset) * stride));
    return points[at];
  }).filter((point): point is Point => point !== undefined);
}

/** What one of several runs tries, which together try everything. */
export interface Part {
  readonly which: number;
  readonly of: number;
}

/** By the point's own number, so that a start with few points is in more than the first part. */
export function inPart(points: readonly Point[], part: Part | null): readonly Point[] {
  if (part === null) return points;
  return points.filter(({ number }) => number % part.of === part.which % part.of);
}

/** "3/8" is the third of eight parts. Throws an Error on anything else. */
export function partOf(text: string): Part {
  const [, which = '', of = ''] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const part = { which: Number(which), of: Number(of) };
  if (part.which < 1 || part.which > part.of)
    throw new Error(`--part takes something like 3/8, not ${text}.`);
  return part;
}

/** Tries the points one after the other; a point that throws is lost, with the reason. */
export async function tryAll(
  lane: Lane,
  target: Target,
  fault: Fault,
  points: readonly Point[],
  onVerdict: (verdict: Verdict) => void,
): Promise<void> {
  for (const point of points) {
    try {
      onVerdict(await lane.tryPoint(target, fault, point));
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      onVerdict({ point, lost: [`the campaign itself failed: ${reason}`] });
    }
  }
}
