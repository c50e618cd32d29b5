import * as fs from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Coverage } from './coverage.ts';
import { writeCurrent } from './current-input.ts';
import type { ChildFinding, Order, Report } from './finding.ts';
import { liveBytes, type MemorySample } from './memory.ts';
import { Random } from './random.ts';
import { applyEdit, applyEdits, minimise, type Edit, type Recipe } from './recipe.ts';
import { seedsOf, type Reader, type Seed, type Target } from './target.ts';

/** Inputs between two looks at the coverage: looking costs as much as dozens of inputs. */
const BATCH = 32;
const MOST_CORPUS = 1500;
const MOST_EDITS = 16;
const SAMPLES = 30;

interface Run {
  readonly error: unknown;
  readonly threw: boolean;
  readonly ms: number;
}

/** Makes inputs, runs them, keeps those that reach new code, and tells what goes wrong. */
export class Driver {
  private readonly target: Target;
  private readonly order: Order;
  private readonly send: (report: Report) => Promise<void>;
  private readonly seeds: ReadonlyMap<string, Buffer>;
  private readonly names: readonly string[];
  private readonly read: Reader;
  private readonly coverage: Coverage | null;
  private readonly current: number;
  private readonly corpus: Recipe[];
  private readonly samples: MemorySample[] = [];
  private readonly told = new Map<string, number>();
  private slowestMs = 0;
  private input = 0;

  constructor(
    target: Target,
    order: Order,
    script: string,
    send: (report: Report) => Promise<void>,
  ) {
    this.target = target;
    this.order = order;
    this.send = send;
    const seeds =
      order.replay === null ? seedsOf(target, order.seedDirectory) : [replayed(order.replay)];
    this.seeds = new Map(seeds.map(({ name, bytes }) => [name, bytes]));
    this.names = seeds.map(({ name }) => name);
    this.corpus = this.names.map((seed) => ({ seed, edits: [] }));
    this.read = target.open(order.workDirectory, order.seedDirectory);
    this.coverage = order.coverage ? new Coverage(script.slice(script.lastIndexOf('/'))) : null;
    this.current = fs.openSync(order.currentFile, 'w+');
  }

  async run(): Promise<void> {
    if (this.order.replay === null) await this.campaign();
    else for (const recipe of this.corpus) await this.one(recipe, 0);
    await this.send({
      type: 'done',
      slowestMs: this.slowestMs,
      samples: this.samples,
      blocks: this.coverage?.blocks ?? 0,
      corpus: this.corpus.length,
    });
  }

  private async campaign(): Promise<void> {
    // The seeds themselves: they have to be read without complaint, and warm the code up.
    for (const recipe of [...this.corpus]) await this.one(recipe, this.order.first);
    this.coverage?.takeNew();
    const { first, runs } = this.order;
    const pause = Math.max(1, Math.floor(runs / SAMPLES));
    let batch: Recipe[] = [];
    for (let index = first; index < first + runs; index += 1) {
      const { recipe, bytes } = this.invent(new Random(this.order.seed, index));
      batch.push(recipe);
      await this.one(recipe, index, bytes);
      if (batch.length === BATCH) {
        // A turn of the event loop, in which rejections that nobody handled come up.
        await setImmediate();
        await this.learn(batch);
        batch = [];
      }
      if ((index - first + 1) % pause === 0)
        this.samples.push({ inputs: index - first + 1, bytes: liveBytes() });
    }
  }

  /** An input of the corpus with a few more edits; every third time one of the seeds. */
  private invent(random: Random): { readonly recipe: Recipe; readonly bytes: Buffer } {
    const base = random.chance(3)
      ? { seed: random.pick(this.names), edits: [] }
      : random.pick(this.corpus);
    const edits: Edit[] = [...base.edits];
    let bytes = applyEdits(this.seedBytes(base.seed), edits, this.target.largest);
    const other = this.seedBytes(random.pick(this.names));
    const most = Math.min(MOST_EDITS, edits.length + 1 + random.below(4));
    while (edits.length < most) {
      const edit = random.pick(this.target.mutators)(bytes, random, other);
      edits.push(edit);
      bytes = applyEdit(bytes, edit, this.target.largest);
    }
    return { recipe: { seed: base.seed, edits }, bytes };
  }

  /** Runs one input; what goes wrong is made smaller and told. */
  private async one(recipe: Recipe, index: number, bytes = this.bytesOf(recipe)): Promise<void> {
    this.input = index;
    const run = await this.attempt(bytes, recipe.seed);
    if (run.threw) {
      const detail = wordsOf(run.error);
      if (this.isNews(`throw ${placeOf(run.error)}`)) {
        const smallest = await minimise(recipe, async (candidate) => {
          const again = await this.attempt(this.bytesOf(candidate), candidate.seed);
          return again.threw && placeOf(again.error) === placeOf(run.error);
        });
        await this.tell('throw', detail, index, smallest);
      }
    } else if (this.order.slowMs !== null && run.ms > this.order.slowMs) {
      await this.suspect(recipe, index, this.order.slowMs);
    } else this.slowestMs = Math.max(this.slowestMs, run.ms);
  }

  /**
   * The machine may have been busy elsewhere: what counts is the least processor time of
   * three more runs.
   */
  private async suspect(recipe: Recipe, index: number, limit: number): Promise<void> {
    // Once told, the same kind again would only cost time.
    if (this.told.has(`slow ${recipe.seed}`)) return;
    const ms = await this.processorMs(recipe);
    this.slowestMs = Math.max(this.slowestMs, ms);
    if (ms <= limit || !this.isNews(`slow ${recipe.seed}`)) return;
    const smallest = await minimise(
      recipe,
      async (candidate) => (await this.processorMs(candidate)) > limit,
      16,
    );
    await this.tell('slow', `${Math.round(ms)} ms of processor time`, index, smallest);
  }

  private async processorMs(recipe: Recipe): Promise<number> {
    const bytes = this.bytesOf(recipe);
    let least = Infinity;
    for (let round = 0; round < 3; round += 1) {
      const begun = process.cpuUsage();
      await this.attempt(bytes, recipe.seed);
      const { user, system } = process.cpuUsage(begun);
      least = Math.min(least, (user + system) / 1000);
    }
    return least;
  }

  private async attempt(bytes: Buffer, seed: string): Promise<Run> {
    // Before the run, so that the input is there when the process is not.
    writeCurrent(this.current, { input: this.input, seedName: seed, bytes });
    const begun = performance.now();
    try {
      const pending = this.read(bytes, seed);
      if (pending instanceof Promise) await pending;
      return { error: null, threw: false, ms: performance.now() - begun };
    } catch (error) {
      return { error, threw: true, ms: performance.now() - begun };
    }
  }

  /** Which of the last inputs reached new code is found by running them again, one by one. */
  private async learn(batch: readonly Recipe[]): Promise<void> {
    const fresh = this.coverage?.takeNew() ?? new Set();
    for (const recipe of batch) {
      if (fresh.size === 0 || this.corpus.length >= MOST_CORPUS) return;
      await this.attempt(this.bytesOf(recipe), recipe.seed);
      const reached = this.coverage?.takeBlocks() ?? [];
      if (reached.filter((block) => fresh.delete(block)).length > 0) this.corpus.push(recipe);
    }
  }

  /** The first of its kind is told in full; the rest are counted. */
  private isNews(key: string): boolean {
    const times = (this.told.get(key) ?? 0) + 1;
    this.told.set(key, times);
    return times === 1;
  }

  private async tell(
    kind: ChildFinding['kind'],
    detail: string,
    input: number,
    recipe: Recipe,
  ): Promise<void> {
    const edits = recipe.edits.map(({ at, remove, insert }) => ({
      at,
      remove,
      insert: insert.toString('base64'),
    }));
    const bytes = this.bytesOf(recipe);
    const finding = {
      kind,
      detail,
      input,
      seedName: recipe.seed,
      edits,
      bytes: bytes.toString('base64'),
    };
    await this.send({ type: 'finding', finding });
  }

  private bytesOf({ seed, edits }: Recipe): Buffer {
    return applyEdits(this.seedBytes(seed), edits, this.target.largest);
  }

  private seedBytes(name: string): Buffer {
    return this.seeds.get(name) ?? Buffer.alloc(0);
  }
}

/** An input that was written down stands in for the seed that it came from. */
function replayed({ seedName, bytes }: NonNullable<Order['replay']>): Seed {
  return { name: seedName, bytes: Buffer.from(bytes, 'base64') };
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error.stack ?? error.message).split('\n').slice(0, 6).join('\n');
}

/** What makes two throws the same one: the kind of error and the function it came from. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const frame = /\n\s+at ([^\s(]+)/.exec(error.stack ?? '')?.[1] ?? '';
  return error instanceof RangeError && /call stack/.test(error.message)
    ? 'call stack'
    : `${error.name} ${frame}`;
}
