import {
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { takeLock } from '../../../electron/engine/journal/lock.ts';
import { recover, recoveryStatus } from '../../../electron/engine/journal/recover.ts';
import type { ErrorData } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import { translateError } from '../../../shared/messages/translate.ts';
import { plant } from './dead-lock.ts';
import { lockBench, type LockBench, type Talker } from './lock-bench.ts';
import { apply, code, cutBehind, editJson, job, planOf, value, workbench } from './workbench.ts';

/** Locks of processes that cannot be looked at, and what becomes of a holder that stood still. */
let takers: LockBench;
let bench: ReturnType<typeof workbench>;
let state: string;
let lock: string;
let settings: string;
beforeAll(async () => {
  takers = await lockBench();
});
afterAll(() => takers.dispose());
beforeEach(() => {
  bench = workbench();
  ({ state } = bench.machine.directories);
  lock = join(state, 'lock');
  mkdirSync(state, { recursive: true, mode: 0o700 });
  settings = bench.at('settings.json');
  writeFileSync(settings, '{"a":0}\n');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  bench.dispose();
});

const NAMESPACE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL'];

/** A Devmend in a pid namespace of its own that holds the lock. */
async function holderElsewhere(): Promise<Talker> {
  const holder = takers.taker(state, ['take', 'wait', 'release'], NAMESPACE);
  expect([await holder.hear(), await holder.hear()]).toEqual(['taken', 'waits as 1']);
  return holder;
}

/** As if nobody had touched it for that long. */
function age(path: string, seconds: number): void {
  const at = lstatSync(path).mtimeMs / 1000 - seconds;
  lutimesSync(path, at, at);
}

async function refusal(): Promise<ErrorData> {
  const answer = await takeLock(bench.machine);
  if (answer.ok) throw new Error('It was taken.');
  return answer.error;
}

describe('A3.12 a lock of another pid namespace', () => {
  it('is believed for a minute after its container was killed, and says so; then it is recovered', async () => {
    const { id } = await apply(bench, [editJson(settings, 'a', 0, 1)]);
    cutBehind(bench, id, 1);
    const holder = await holderElsewhere();
    holder.child.kill('SIGKILL');
    await holder.leave();

    const error = await refusal();
    expect(error).toMatchObject({ code: 'locked', params: { program: 'devmend 0.1.0' } });
    const seconds = Number(error.params['seconds']);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(translateError('en', error)).toContain(`another ${seconds} s without a sign of life`);
    expect(translateError('zh-CN', error)).toContain(`再过 ${seconds} 秒`);
    expect(code(await recover(bench.machine, job()))).toBe('locked');
    const meanwhile = value(await recoveryStatus(bench.machine));
    expect(meanwhile.interrupted).toEqual([]);
    expect(meanwhile.lockedBy?.seconds).toBeLessThanOrEqual(60);

    age(lock, 61);
    const later = value(await recoveryStatus(bench.machine));
    expect(later).toMatchObject({ lockedBy: null, interrupted: [{ id }] });
    expect(value(await recover(bench.machine, job()))).toMatchObject([{ id, failure: null }]);
    expect(readFileSync(settings, 'utf8')).toBe('{"a":0}\n');
    expect(readdirSync(state)).toEqual(['journal']);
  });

  it('is believed while its owner lives, and is not judged by a clock of this machine', async () => {
    const holder = await holderElsewhere();
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 3_600_000);
    expect(await refusal()).toMatchObject({ code: 'locked' });
    expect(value(await recoveryStatus(bench.machine)).lockedBy?.seconds).toBeGreaterThan(0);
    expect(readdirSync(state)).toEqual(['lock']);
    holder.child.kill('SIGKILL');
    await holder.leave();
  });

  it('is nobody’s when it was touched in a future that the clock has been set back from', async () => {
    plant(state, { namespace: 'pid:[1]' });
    age(lock, -61);
    await value(await takeLock(bench.machine)).release();
    expect(readdirSync(state)).toEqual([]);
  });

  it('is judged in the same way where a full disk made it a link', async () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 13);
    symlinkSync(`7 1 ${boot} 4026539999`, lock);
    expect((await refusal()).params['seconds']).toBeGreaterThan(0);
    age(lock, 61);
    await value(await takeLock(bench.machine)).release();
    expect(readdirSync(state)).toEqual([]);
  });

  it('keeps what its owner is about to link, until that is a minute old', async () => {
    const young = join(state, 'lock.4194000.4026539999.1');
    const old = join(state, 'lock.4194000.4026539999.2');
    for (const path of [young, old]) writeFileSync(path, '');
    age(old, 61);
    await value(await takeLock(bench.machine)).release();
    expect(readdirSync(state)).toEqual(['lock.4194000.4026539999.1']);
  });
});

describe('A3.12 a lock of this pid namespace', () => {
  it('is free once its owner is dead, though nobody has waited for that process', async () => {
    const script = '"$@" & exec sleep 1000';
    const holder = takers.taker(state, ['take', 'wait'], ['sh', '-c', script, 'sh']);
    expect(await holder.hear()).toBe('taken');
    const pid = Number((await holder.hear())?.replace('waits as ', ''));
    age(lock, 3600);
    expect(await refusal()).toMatchObject({ params: { pid } });
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /));
    await value(await takeLock(bench.machine)).release();
    holder.child.kill('SIGKILL');
    await holder.leave();
  });
});

describe('A3.12 whoever holds the lock', () => {
  it('touches it every fifteen seconds, until it is given back', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const held = value(await takeLock(bench.machine));
    for (const seconds of [50, 3600]) {
      const { mtimeMs } = lstatSync(lock);
      age(lock, seconds);
      vi.advanceTimersByTime(15_000);
      await vi.waitFor(() => expect(lstatSync(lock).mtimeMs).toBeGreaterThanOrEqual(mtimeMs - 1));
    }
    await held.release();
    expect(vi.getTimerCount()).toBe(0);
    expect(readdirSync(state)).toEqual([]);
  });

  it('leaves a lock alone that has become somebody else’s', async () => {
    const held = value(await takeLock(bench.machine));
    rmSync(lock);
    plant(state, { namespace: 'pid:[1]' });
    const others = readFileSync(lock, 'utf8');
    await held.release();
    expect(readFileSync(lock, 'utf8')).toBe(others);
  });

  it.each([
    ['after a standstill', 'clock'],
    ['at its beat', 'beat'],
  ])(
    'writes nothing more, not even to go back, once it finds its lock taken %s',
    async (_, how) => {
      if (how === 'beat') vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      const runVerification = async () => {
        rmSync(lock);
        plant(state, { namespace: 'pid:[1]' });
        if (how === 'clock') vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 31_000);
        else vi.advanceTimersByTime(15_000);
        // The beat has found it once it is no longer asked for.
        if (how === 'beat') await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0));
        return { passed: false, output: 'broken', error: null };
      };
      const plan = planOf(bench, [editJson(settings, 'a', 0, 1)], {
        verifications: [
          {
            kind: 'loader-simulation',
            title: message('verify.title.loads', { program: 'git' }),
            path: settings,
          },
        ],
      });
      const outcome = value(await applyPlan(bench.machine, plan, job(), { runVerification }));
      expect(outcome).toMatchObject({ status: 'interrupted', failure: { code: 'lock-lost' } });
      expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual({ a: 1 });
      expect(existsSync(lock)).toBe(true);
      age(lock, 61);
      expect(value(await recover(bench.machine, job()))).toMatchObject([{ id: outcome.id }]);
      expect(readFileSync(settings, 'utf8')).toBe('{"a":0}\n');
    },
  );
});
