import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantDead } from './dead-lock.ts';
import { lockBench, type LockBench, type Talker } from './lock-bench.ts';

/** What is left of a lock whose owner is gone goes to one of many, whatever happens to them. */
let bench: LockBench;
beforeAll(async () => {
  bench = await lockBench();
});
afterAll(() => bench.dispose());

/** A taker that stands still before each system call that changes something. */
class Held {
  taken = false;
  private pid = 0;
  private readonly talker: Talker;

  constructor(state: string) {
    this.talker = bench.traced(state, ['take', 'wait', 'release'], 'hold');
  }

  /** Goes on until it stands before its n-th call; false when its attempt was over before. */
  async goOnTo(count: number): Promise<boolean> {
    for (;;) {
      const line = await this.talker.hear();
      if (line === 'taken') this.taken = true;
      if (line === null || line.startsWith('waits as ')) {
        this.pid = Number(line?.slice(9));
        return false;
      }
      if (line.startsWith(`held ${count} `)) return true;
      if (line.startsWith('held ')) this.goOn();
    }
  }

  goOn(): void {
    this.talker.child.stdin.write('\n');
  }

  async release(): Promise<void> {
    this.talker.child.stdin.end();
    if (this.pid > 0) process.kill(this.pid, 'SIGTERM');
    while ((await this.talker.hear()) !== null);
  }
}

/** Who of three has a dead owner's lock: the first stands still at two calls, and the others come. */
async function threeAt(
  state: string,
  [first, second]: readonly [number, number],
  others: readonly [Talker, Talker],
): Promise<'no such call' | { firstEnded: boolean; wrong: readonly string[] }> {
  plantDead(state, 'earlier');
  const held = new Held(state);
  const wrong: string[] = [];
  let stands = await held.goOnTo(first);
  if (!stands) {
    await held.release();
    return 'no such call';
  }
  const taken = [(await others[0].ask('take')) === 'taken'];
  if (second > first) {
    held.goOn();
    stands = await held.goOnTo(second);
  }
  taken.push((await others[1].ask('take')) === 'taken');
  if (stands) {
    held.goOn();
    await held.goOnTo(Infinity);
  }
  const has = [...taken, held.taken];
  if (has.filter(Boolean).length !== 1) wrong.push(`held by ${has.filter(Boolean).length}`);
  const release = [...others.map((one) => async () => one.ask('release')), () => held.release()];
  for (const [index, give] of release.entries()) if (has[index] === false) await give();
  if (readdirSync(state).join() !== 'lock') wrong.push(`left: ${readdirSync(state).join()}`);
  for (const [index, give] of release.entries()) if (has[index] === true) await give();
  if (readdirSync(state).length > 0) wrong.push(`left at last: ${readdirSync(state).join()}`);
  return { firstEnded: !stands, wrong };
}

/** The same at every two calls; what was wrong, and how many cases there were. */
async function threeEverywhere(): Promise<{ wrong: readonly string[]; cases: number }> {
  const state = bench.state();
  const others = [bench.taker(state), bench.taker(state)] as const;
  const wrong: string[] = [];
  let cases = 0;
  for (let first = 1; ; first += 1)
    for (let second = first; ; second += 1) {
      const result = await threeAt(state, [first, second], others);
      if (result === 'no such call') return { wrong, cases };
      cases += 1;
      wrong.push(...result.wrong.map((what) => `${first}, ${second}: ${what}`));
      if (result.firstEnded) break;
    }
}

describe('A3.12 a lock whose owner is gone', () => {
  it('goes to one of three, wherever the first of them stands still', async () => {
    const { wrong, cases } = await threeEverywhere();
    expect(wrong).toEqual([]);
    expect(cases).toBeGreaterThan(20);
  }, 120_000);

  it('can be taken after a taker was killed at any call, and another one that came then', async () => {
    const state = bench.state();
    const wrong: string[] = [];
    let point = 1;
    for (; ; point += 1) {
      plantDead(state, 'earlier');
      const killed = bench.traced(state, ['take', 'release'], 'kill', point);
      await killed.leave();
      if (!bench.injected()) break;
      const again = bench.traced(state, ['take', 'release'], 'kill', 3 + (point % 6));
      await again.leave();
      const last = bench.taker(state);
      const answers = [await last.ask('take'), await last.ask('release')];
      await last.leave();
      const left = readdirSync(state);
      if (answers.join() !== 'taken,released' || left.length > 0)
        wrong.push(`${point}: ${answers.join()} ${left.join()}`);
    }
    expect(wrong).toEqual([]);
    expect(point).toBeGreaterThan(8);
  }, 120_000);

  it('never goes to two of many that come and die', async () => {
    const state = bench.state();
    const marker = join(bench.directory, 'marker');
    plantDead(state, 'first');
    const live = async (): Promise<readonly (string | null)[]> => {
      const worker = bench.taker(state);
      const answers = [await worker.ask(`toil ${marker} 100`), await worker.ask('take')];
      worker.child.kill('SIGKILL');
      await worker.leave();
      return answers;
    };
    const lives = Array.from({ length: 5 }, async () => [...(await live()), ...(await live())]);
    const answers = (await Promise.all(lives)).flat().map(String);
    expect(answers.filter((answer) => !/^(alone \d+|taken|\{.*"locked".*)$/.test(answer))).toEqual(
      [],
    );
    const alone = answers.map((answer) => Number(/^alone (\d+)$/.exec(answer)?.[1] ?? 0));
    expect(alone.reduce((sum, times) => sum + times)).toBeGreaterThan(20);
    const last = bench.taker(state);
    expect([await last.ask('take'), await last.ask('release')]).toEqual(['taken', 'released']);
    await last.leave();
    expect(readdirSync(state)).toEqual([]);
  }, 120_000);
});
