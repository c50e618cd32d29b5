import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { useReader } from './attributes.ts';
import { inPart, openCampaign, partOf, pointsFor, sample, tryAll, type Part } from './campaign.ts';
import { READER } from './cutter.ts';
import { faults, type Fault } from './faults.ts';
import { Lane, type Target } from './lane.ts';
import { fitting, operations } from './operations.ts';
import { scenarios } from './registry.ts';

/** What a lane is given: one operation from one start, under one fault. */
interface Unit {
  readonly scenario: string;
  readonly operation: string;
  readonly start: string;
  readonly fault: string;
  /** One point only; null for all. */
  readonly point: number | null;
  /** At most so many points, evenly chosen; null for all. */
  readonly most: number | null;
  /** Every `of`-th point, from the `which`-th on; null for all. */
  readonly part: Part | null;
}

interface Loss {
  readonly unit: Unit;
  readonly point: number;
  readonly line: string;
  readonly lost: readonly string[];
}

interface Done {
  readonly unit: Unit;
  readonly tried: number;
  readonly of: number;
  readonly losses: readonly Loss[];
}

const LANES = 2;
const children = new Set<ChildProcess>();

function named<T extends { readonly name: string }>(list: readonly T[], name: string): T {
  const found = list.find((each) => each.name === name);
  if (found === undefined)
    throw new Error(`There is no ${name}. There are: ${list.map((each) => each.name).join(', ')}.`);
  return found;
}

function targetOf(unit: Unit): { readonly target: Target; readonly fault: Fault } {
  const operation = named(operations, unit.operation);
  const target = {
    scenario: named(scenarios, unit.scenario),
    operation,
    start: named(operation.starts, unit.start),
  };
  return { target, fault: named(faults, unit.fault) };
}

async function work(lane: Lane, unit: Unit): Promise<Done> {
  const { target, fault } = targetOf(unit);
  const all = pointsFor(fault, await lane.pointsOf(target));
  const asked =
    unit.point === null
      ? inPart(all, unit.part)
      : all.filter(({ number }) => number === unit.point);
  const points = unit.most === null ? asked : sample(asked, unit.most, 0);
  const losses: Loss[] = [];
  await tryAll(lane, target, fault, points, ({ point, lost }) => {
    if (lost.length > 0)
      losses.push({ unit, point: point.number, line: point.line, lost: lost.slice(0, 6) });
  });
  return { unit, tried: points.length, of: all.length, losses };
}

/** A lane's process: units in, what became of them out. */
function serve(directory: string, tools: string): void {
  mkdirSync(directory, { recursive: true });
  useReader(join(tools, READER));
  const lane = new Lane(directory, tools);
  lane.dropDirectorySync = process.env['DEVMEND_CRASH_DROP_DIRECTORY_SYNC'] === '1';
  process.on('message', (unit: Unit) => {
    work(lane, unit).then(
      (done) => process.send?.(done),
      (error: unknown) =>
        process.send?.({
          unit,
          tried: 0,
          of: 0,
          losses: [{ unit, point: 0, line: 'setting up', lost: [String(error)] }],
        }),
    );
  });
  process.on('disconnect', () => {
    void lane.dispose().finally(() => process.exit(0));
  });
}

function unitsFor(options: Readonly<Record<string, string | undefined>>): readonly Unit[] {
  const chosen = <T extends { readonly name: string }>(
    list: readonly T[],
    key: string,
  ): readonly T[] => {
    const names = options[key]?.split(',');
    return names === undefined ? list : names.map((name) => named(list, name));
  };
  const point = options['point'] === undefined ? null : Number(options['point']);
  const most = options['most'] === undefined ? null : Number(options['most']);
  const part = options['part'] === undefined ? null : partOf(options['part']);
  return chosen(faults, 'fault').flatMap((fault) =>
    chosen(scenarios, 'scenario').flatMap((scenario) =>
      fitting(scenario, chosen(operations, 'operation')).flatMap((operation) =>
        chosen(operation.starts, 'start').map((start) => ({
          scenario: scenario.name,
          operation: operation.name,
          start: start.name,
          fault: fault.name,
          point,
          most,
          part,
        })),
      ),
    ),
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function reproduce({ unit, point }: Loss): string {
  const { scenario, operation, start, fault } = unit;
  return `npm run crash -- --scenario ${scenario} --operation ${operation} --start ${start} --fault ${fault} --point ${point}`;
}

/** Gives the units to the lanes; a lane that dies has lost its unit. */
async function runUnits(units: readonly Unit[], directory: string, tools: string): Promise<Done[]> {
  const waiting = [...units];
  const finished: Done[] = [];
  const started = Date.now();
  const report = (done: Done): void => {
    finished.push(done);
    const { scenario, operation, start, fault } = done.unit;
    const seconds = Math.round((Date.now() - started) / 1000);
    say(
      `[${finished.length}/${units.length}, ${seconds} s] ${scenario} ${operation} (${start}) ${fault}: ${done.tried} of ${done.of}, ${done.losses.length} lost`,
    );
    for (const loss of done.losses) {
      say(`  LOST at ${loss.point}, ${loss.line}`);
      for (const what of loss.lost) say(`    ${what}`);
      say(`    ${reproduce(loss)}`);
    }
  };
  const lanes = Array.from({ length: Math.min(LANES, units.length) }, async (_nothing, index) => {
    const [, program = ''] = process.argv;
    const child = fork(program, ['--lane', join(directory, `lane-${index}`), tools]);
    children.add(child);
    for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift())
      report(await ask(child, unit));
    child.disconnect();
    await new Promise((resolve) => child.once('exit', resolve));
  });
  await Promise.all(lanes);
  return finished;
}

async function ask(child: ChildProcess, unit: Unit): Promise<Done> {
  return new Promise((resolve, reject) => {
    const died = (): void => reject(new Error(`A lane died at ${JSON.stringify(unit)}.`));
    child.once('exit', died);
    child.once('message', (done) => {
      child.off('exit', died);
      resolve(done as Done);
    });
    child.send(unit);
  });
}

/** One row a scenario, one column a fault: points tried, and lost where any was. */
function table(done: readonly Done[]): readonly string[] {
  const columns = faults
    .map(({ name }) => name)
    .filter((name) => done.some((each) => each.unit.fault === name));
  const cell = (group: readonly Done[]): string => {
    const tried = group.reduce((sum, each) => sum + each.tried, 0);
    const lost = group.reduce((sum, each) => sum + each.losses.length, 0);
    return lost === 0 ? String(tried) : `${tried} (${lost} lost)`;
  };
  const row = (name: string, group: readonly Done[]): string =>
    `| ${[name, ...columns.map((fault) => cell(group.filter((each) => each.unit.fault === fault))), cell(group)].join(' | ')} |`;
  return [
    `| scenario | ${columns.join(' | ')} | all |`,
    `|${' --- |'.repeat(columns.length + 2)}`,
    ...scenarios
      .map(({ name }) => [name, done.filter((each) => each.unit.scenario === name)] as const)
      .filter(([, group]) => group.length > 0)
      .map(([name, group]) => row(name, group)),
    row('all', done),
  ];
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      ...{ scenario: text, operation: text, start: text, fault: text, point: text, most: text },
      part: text,
    },
  });
  const units = unitsFor(values);
  const campaign = await openCampaign();
  const stop = (): void => {
    children.forEach((child) => child.kill('SIGKILL'));
    campaign.dispose();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const done = await runUnits(units, campaign.directory, campaign.tools);
    say('');
    for (const line of table(done)) say(line);
    const tried = done.reduce((sum, each) => sum + each.tried, 0);
    const lost = done.reduce((sum, each) => sum + each.losses.length, 0);
    say('');
    say(`${tried} points tried, ${lost} lost`);
    process.exitCode = lost === 0 && tried > 0 ? 0 : 1;
  } finally {
    campaign.dispose();
  }
}

const [, , first, directory = '', tools = ''] = process.argv;
if (first === '--lane') serve(directory, tools);
else await main();
