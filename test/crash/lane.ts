import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recover } from '../../electron/engine/journal/recover.ts';
import { bindChange } from '../../electron/engine/changes/registry.ts';
import { message } from '../../shared/message.ts';
import type { Plan } from '../../shared/plan.ts';
import { job, planOf } from '../integration/journal/workbench.ts';
import { claim } from './claim.ts';
import {
  cut,
  SteadyProgram,
  type Cut,
  type CutRun,
  type Point,
  type Surroundings,
} from './cutter.ts';
import { LoopDisk, MemoryDisk, type Disk } from './disk.ts';
import type { Fault } from './faults.ts';
import { honest, judge, type Case } from './judge.ts';
import { machineOf, readSetting } from './machine.ts';
import type { Operation, Start, Step } from './operations.ts';
import { pictureOf, type Picture } from './picture.ts';
import type { Outside, Scenario, World } from './scenario.ts';

interface Prepared {
  readonly scenario: Scenario;
  readonly world: World;
  readonly plan: Plan;
  readonly setting: string;
  readonly fresh: Picture;
  readonly applied: Picture;
  readonly outside: Outside | null;
}

/** What one point was and what it lost; nothing when `lost` is empty. */
export interface Verdict {
  readonly point: Point;
  readonly lost: readonly string[];
}

/** What there is to interrupt. */
export interface Target {
  readonly scenario: Scenario;
  readonly operation: Operation;
  readonly start: Start;
}

/** One directory in which points are tried, one after the other. Needs root: it mounts. */
export class Lane {
  /** The harness's own fault: every fsync of a directory is answered and not made. */
  dropDirectorySync = false;
  /** Whether a program that lives through its fault is used for the next point. */
  steadily = true;
  private readonly directory: string;
  private readonly tools: string;
  private readonly kept: string;
  private disk: Disk | null = null;
  private diskOptions: string | null = null;
  private steady: SteadyProgram | null = null;
  private readonly prepared = new Map<string, Prepared>();
  private readonly starts = new Map<string, Picture | null>();
  private readonly traces = new Map<string, readonly Point[]>();
  /** What lies on no disk, as each snapshot has it. */
  private readonly outsideOf = new Map<string, string>();
  private owned: { readonly outside: Outside; readonly giveBack: () => void } | null = null;

  constructor(directory: string, tools: string) {
    this.directory = directory;
    this.tools = tools;
    this.kept = join(directory, 'kept');
    mkdirSync(this.kept, { recursive: true });
  }

  async dispose(): Promise<void> {
    await this.endSteady();
    this.disk?.dispose();
    this.disk = null;
    await this.own(null);
  }

  /**
   * Keeps other campaigns on this machine from what the scenario changes outside its disk, as
   * long as the lane is at it: they would find each other's values. Gives back what it had.
   */
  private async own(outside: Outside | null): Promise<void> {
    if (outside === this.owned?.outside) return;
    this.owned?.giveBack();
    this.owned = null;
    if (outside === null) return;
    const wait = (): void =>
      void process.stderr.write(
        `Another crash campaign changes ${outside.name}: waiting for it.\n`,
      );
    const release = await claim(outside.name, wait);
    const original = outside.read();
    const giveBack = (): void => {
      outside.write(original);
      release();
    };
    this.owned = { outside, giveBack };
  }

  private save(disk: Disk, prepared: Pick<Prepared, 'outside'>, name: string): void {
    disk.save(name);
    if (prepared.outside !== null) this.outsideOf.set(name, prepared.outside.read());
  }

  private load(disk: Disk, prepared: Pick<Prepared, 'outside'>, name: string): void {
    disk.load(name);
    const value = this.outsideOf.get(name);
    if (prepared.outside !== null && value !== undefined) prepared.outside.write(value);
  }

  /** Every place at which the operation changes a file system, from a clean run that is judged too. */
  async pointsOf(target: Target): Promise<readonly Point[]> {
    const { scenario, operation, start } = target;
    const name = `${scenario.name}/${operation.name}/${start.name}`;
    const known = this.traces.get(name);
    if (known !== undefined) return known;
    const one = await this.begin(target, null);
    const run = await this.run(one, operation.name, 0, 'trace');
    const wrong = [...(await honest(one.case, run.answer)), ...(await judge(one.case))];
    if (wrong.length > 0) throw new Error(`${name} without any fault: ${wrong.join('; ')}`);
    this.requireDeclared(scenario, one.case.plan);
    this.traces.set(name, run.points);
    return run.points;
  }

  /** Interrupts at one point, recovers and judges. */
  async tryPoint(target: Target, fault: Fault, point: Point): Promise<Verdict> {
    const one = await this.begin(target, fault.mount);
    let run = await this.run(one, target.operation.name, point.number, fault.action);
    const lost: string[] = [];
    if (!reached(run, point)) {
      run = await this.attempt(target, fault, point);
      if (!reached(run, point)) lost.push('the point was not reached');
    }
    this.disk?.restart();
    const ended = point.number === 0 || !['kill', 'power'].includes(fault.action);
    if (ended) lost.push(...(await honest(one.case, run.answer)));
    lost.push(...(await judge(one.case)));
    return { point, lost };
  }

  /** Interrupts at one point and answers what the operation did and said, without recovery. */
  async attempt(target: Target, fault: Fault, point: Point): Promise<CutRun> {
    const one = await this.begin(target, fault.mount);
    return this.run(one, target.operation.name, point.number, fault.action);
  }

  private async begin(
    { scenario, operation, start }: Target,
    mount: string | null,
  ): Promise<{ readonly case: Case } & Pick<Prepared, 'setting' | 'outside'>> {
    const prepared = await this.prepare(scenario);
    await this.own(prepared.outside);
    const picture = await this.reach(prepared, start.steps);
    this.load(await this.useDisk(mount), prepared, snapshotOf(scenario, start.steps));
    const { world, plan, setting, fresh, applied, outside } = prepared;
    // Each repair gives its files the time of the edit; an undo and a redo give back what was.
    const repairs = start.steps.filter(({ operation: name }) => name === 'apply');
    const timesKnown = repairs.length === 1 && repairs[0]?.killAt === undefined;
    const one: Case = {
      ...{ scenario, operation, world, plan, fresh, applied },
      start: picture,
      timesKnown,
    };
    return { case: one, setting, outside };
  }

  private async useDisk(mount: string | null): Promise<Disk> {
    if (this.disk !== null && this.diskOptions === mount) return this.disk;
    await this.endSteady();
    this.disk?.dispose();
    this.disk =
      mount === null
        ? new MemoryDisk(this.directory, this.kept)
        : new LoopDisk(this.directory, this.kept, mount);
    this.diskOptions = mount;
    return this.disk;
  }

  /** Makes the world of a scenario, once: before, and after the repair. */
  private async prepare(scenario: Scenario): Promise<Prepared> {
    const known = this.prepared.get(scenario.name);
    if (known !== undefined) return known;
    const disk = await this.useDisk(null);
    mkdirSync(join(this.kept, 'empty/0'), { recursive: true });
    mkdirSync(join(this.kept, 'empty/1'), { recursive: true });
    disk.load('empty');
    const [a = '', b = ''] = disk.directories;
    const home = join(scenario.split === true ? b : a, 'home');
    mkdirSync(home);
    const machine = machineOf(home, join(a, 'state'));
    const world: World = {
      directory: this.directory,
      machine,
      at: (...parts) => join(home, ...parts),
      dispose: () => undefined,
    };
    const outside = scenario.outside?.(world) ?? null;
    await this.own(outside);
    const plan = planOf(world, [...(await scenario.prepare(world))], {
      verifications: [
        {
          kind: 'loader-simulation',
          title: message('verify.title.starts', { program: 'git' }),
          path: home,
        },
      ],
    });
    const setting = join(this.kept, `${scenario.name}.json`);
    writeFileSync(setting, JSON.stringify({ home, state: join(a, 'state'), plan }));
    readSetting(readFileSync(setting, 'utf8'));
    const fresh = await pictureOf(home, plan);
    this.save(disk, { outside }, snapshotOf(scenario, []));
    const steps: readonly Step[] = [{ operation: 'apply' }];
    await this.take({ scenario, setting, outside }, [], steps);
    const applied = await pictureOf(home, plan);
    this.starts.set(snapshotOf(scenario, []), fresh);
    this.starts.set(snapshotOf(scenario, steps), applied);
    const prepared = { scenario, world, plan, setting, fresh, applied, outside };
    this.prepared.set(scenario.name, prepared);
    return prepared;
  }

  /** Makes the snapshot in which an operation starts; answers its picture unless it is half done. */
  private async reach(prepared: Prepared, steps: readonly Step[]): Promise<Picture | null> {
    const { scenario, world, plan } = prepared;
    const name = snapshotOf(scenario, steps);
    const known = this.starts.get(name);
    if (known !== undefined) return known;
    const earlier = steps.slice(0, -1);
    await this.reach(prepared, earlier);
    await this.take(prepared, earlier, steps);
    const half = steps.some(({ killAt }) => killAt !== undefined);
    const picture = half ? null : await pictureOf(world.machine.home, plan);
    this.starts.set(name, picture);
    return picture;
  }

  /** Takes the last of the steps, from the snapshot of those before it, and keeps the result. */
  private async take(
    prepared: Pick<Prepared, 'scenario' | 'setting' | 'outside'>,
    earlier: readonly Step[],
    steps: readonly Step[],
  ): Promise<void> {
    const { scenario } = prepared;
    const last = steps[steps.length - 1];
    if (last === undefined) return;
    const disk = await this.useDisk(null);
    this.load(disk, prepared, snapshotOf(scenario, earlier));
    const whole = await this.run(prepared, last.operation, 0, 'trace');
    if (whole.code !== 0 || whole.answer?.startsWith('{"ok":true') !== true)
      throw new Error(`${scenario.name}: ${last.operation} failed: ${whole.answer ?? 'no answer'}`);
    if (last.killAt !== undefined) {
      this.load(disk, prepared, snapshotOf(scenario, earlier));
      const at = Math.ceil(whole.points.length * last.killAt);
      await this.run(prepared, last.operation, at, 'kill');
    }
    this.save(disk, prepared, snapshotOf(scenario, steps));
  }

  private async run(
    { setting, outside }: Pick<Prepared, 'setting' | 'outside'>,
    operation: string,
    at: number,
    action: string,
  ): Promise<CutRun> {
    const { home, state } = readSetting(readFileSync(setting, 'utf8'));
    const surroundings = {
      tools: this.tools,
      lane: this.directory,
      under: [...(this.disk?.directories ?? []), ...(outside?.under ?? [])],
      dropDirectorySync: this.dropDirectorySync,
    };
    const request = { operation, setting, at, action };
    if (this.steadily && /^(errno|short)/.test(action))
      return this.runSteadily(surroundings, request, state);
    await this.endSteady();
    // What outlived the program goes on after a recovery: it must find nothing to spoil.
    return cut(
      surroundings,
      request,
      async () => void (await recover(machineOf(home, state), job())),
    );
  }

  /** In a program that has done other operations before, as long as it leaves no lock. */
  private async runSteadily(
    surroundings: Surroundings,
    request: Cut,
    state: string,
  ): Promise<CutRun> {
    const { under, dropDirectorySync } = surroundings;
    const known = this.steady?.surroundings;
    if (known?.under.join() !== under.join() || known.dropDirectorySync !== dropDirectorySync)
      await this.endSteady();
    this.steady ??= new SteadyProgram(surroundings);
    const run = await this.steady.run(request);
    // A lock that could not be removed is its own while it lives, and keeps the judge out.
    if (!(await this.steady.lives()) || leavesLock(state)) await this.endSteady();
    return run;
  }

  private async endSteady(): Promise<void> {
    await this.steady?.end();
    this.steady = null;
  }

  /** A scenario that says it has a kind has it, or the check would be satisfied by words. */
  private requireDeclared(scenario: Scenario, plan: Plan): void {
    const bound = plan.changes.map(bindChange);
    const found = [
      ...bound.map(({ change }) => change.kind),
      ...bound.flatMap(({ effects }) => effects.map(({ kind }) => kind)),
    ];
    const declared = [...scenario.kinds, ...(scenario.effects ?? [])];
    const [has, says] = [found, declared].map((kinds) => [...new Set(kinds)].sort().join());
    if (has !== says) throw new Error(`${scenario.name} declares ${says} and has ${has}`);
  }
}

function leavesLock(state: string): boolean {
  return existsSync(state) && readdirSync(state).some((name) => name.startsWith('lock'));
}

/** Whether the fault was at the call of that point, and not at another that came first this time. */
function reached({ injected, points }: CutRun, { number, call }: Point): boolean {
  const at = points.find((made) => made.number === number);
  return injected && (number === 0 || at?.call === call);
}

function snapshotOf(scenario: Scenario, steps: readonly Step[]): string {
  const path = steps.map(({ operation, killAt }) => `${operation}${killAt ?? ''}`);
  return [scenario.name, 'fresh', ...path].join('-');
}
