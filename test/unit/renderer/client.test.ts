import { describe, expect, it } from 'vitest';
import { createClient } from '../../../renderer/bridge/client.ts';
import { FakeBridge } from '../../../renderer/bridge/fake.ts';
import { scenarios } from '../../../renderer/bridge/scenarios/index.ts';
import type { DevmendBridge } from '../../../shared/bridge.ts';
import type { JobEvent } from '../../../shared/job.ts';

/** A bridge whose job is played by the test. */
function handBridge(start: DevmendBridge['start']) {
  const calls: { name: string; input: unknown }[] = [];
  const acknowledged: [string, number][] = [];
  const bridge: DevmendBridge = {
    start,
    call: (name, input) => {
      calls.push({ name, input });
      return Promise.resolve({ ok: true, data: {} });
    },
    acknowledge: (job, characters) => acknowledged.push([job, characters]),
  };
  return { bridge, calls, acknowledged };
}
const done = (sequence: number, result: unknown): JobEvent => ({
  sequence,
  event: { type: 'done', ok: true, result },
});

describe('the client of the bridge', () => {
  it('answers with checked data', async () => {
    const client = createClient(new FakeBridge(scenarios.git));
    const result = await client.call('history.list', {});
    expect(result.ok && result.value.transactions.length).toBe(5);
  });

  it('turns an answer that is not of the contract into a failure', async () => {
    const { bridge } = handBridge(() => Promise.reject(new Error('unused')));
    const result = await createClient(bridge).call('app.info', {});
    expect(result).toMatchObject({ ok: false, error: { code: 'internal' } });
  });

  it('turns a bridge that throws into a failure', async () => {
    const { bridge } = handBridge(() => Promise.reject(new Error('port closed')));
    const { result } = createClient(bridge).stream('scan.start', {}, () => undefined);
    expect(await result).toMatchObject({ ok: false, error: { code: 'internal' } });
  });

  it('passes the failure of the other side on, with its correlation id', async () => {
    const client = createClient(new FakeBridge(scenarios['scan-fails']));
    const result = await client.stream('scan.start', {}, () => undefined).result;
    expect(result).toMatchObject({ ok: false, error: { correlationId: '51aa-0d02' } });
  });

  it('refuses a stream with a gap in its numbers, and stops the job', async () => {
    const { bridge, calls } = handBridge((_name, _input, listener) => {
      queueMicrotask(() => {
        listener({ sequence: 1, event: { type: 'progress', done: 1, total: 2 } });
        listener(done(3, { outcomes: [] }));
      });
      return Promise.resolve({ ok: true, data: { job: 'j1' } });
    });
    const { result } = createClient(bridge).stream('recovery.start', {}, () => undefined);
    expect(await result).toMatchObject({ ok: false, error: { code: 'internal' } });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(calls).toEqual([{ name: 'job.cancel', input: { job: 'j1' } }]);
  });

  it('refuses a result that is not of the contract', async () => {
    const { bridge } = handBridge((_name, _input, listener) => {
      listener(done(1, { outcomes: 'none' }));
      return Promise.resolve({ ok: true, data: { job: 'j1' } });
    });
    const { result } = createClient(bridge).stream('recovery.start', {}, () => undefined);
    expect(await result).toMatchObject({ ok: false, error: { code: 'internal' } });
  });

  it('takes events that come before the id of the job', async () => {
    const { bridge } = handBridge((_name, _input, listener) => {
      listener(done(1, { outcomes: [] }));
      return Promise.resolve({ ok: true, data: { job: 'j1' } });
    });
    const { result } = createClient(bridge).stream('recovery.start', {}, () => undefined);
    expect(await result).toEqual({ ok: true, value: { outcomes: [] } });
  });

  it('sends a cancel that was asked for before the id was known', async () => {
    let answer: (value: { ok: true; data: { job: string } }) => void = () => undefined;
    const { bridge, calls } = handBridge(() => new Promise((resolve) => (answer = resolve)));
    const job = createClient(bridge).stream('scan.start', {}, () => undefined);
    job.cancel();
    expect(calls).toEqual([]);
    answer({ ok: true, data: { job: 'j7' } });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(calls).toEqual([{ name: 'job.cancel', input: { job: 'j7' } }]);
  });

  it('adds up acknowledgements until the id is known', async () => {
    let answer: (value: { ok: true; data: { job: string } }) => void = () => undefined;
    const { bridge, acknowledged } = handBridge(() => new Promise((resolve) => (answer = resolve)));
    const job = createClient(bridge).stream('scan.start', {}, () => undefined);
    job.acknowledge(300);
    job.acknowledge(20);
    answer({ ok: true, data: { job: 'j7' } });
    await new Promise((resolve) => setTimeout(resolve, 0));
    job.acknowledge(5);
    expect(acknowledged).toEqual([
      ['j7', 320],
      ['j7', 5],
    ]);
  });
});
