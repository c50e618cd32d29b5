import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { JobProgress } from '../../../shared/job.ts';
import { runWithPipes } from '../../../electron/engine/pipes-runner.ts';
import { createEngine, type TaskContext } from '../../../electron/main/engine.ts';
import { createFlowControl } from '../../../electron/terminal/flow-control.ts';

const engine = createEngine({
  workerFile: fileURLToPath(new URL('./engine-fake.mjs', import.meta.url)),
  runnerFor: () => runWithPipes,
});
afterEach(() => engine.stop());

function context(signal = new AbortController().signal) {
  const events: JobProgress[] = [];
  const flow = createFlowControl();
  const given: TaskContext = { emit: (event) => events.push(event), signal, flow };
  return { given, events, flow };
}

describe('the engine in its thread', () => {
  it('hands events and the result to the task they belong to', async () => {
    const { given, events } = context();
    expect(await engine.run({ method: 'show', id: 'event' }, given)).toEqual({
      ok: true,
      value: 'done',
    });
    expect(events).toEqual([{ type: 'progress', done: 1, total: 1 }]);
  });

  it('runs its commands on the main side and tells how they ended', async () => {
    const { given, flow } = context();
    const ran = await engine.run({ method: 'show', id: 'run' }, given);
    expect(ran).toMatchObject({
      ok: true,
      value: { started: true, outcome: { exitCode: 0, output: 'hello\n' } },
    });
    expect(flow.outstanding()).toBe(0);
    const missing = await engine.run({ method: 'show', id: 'missing' }, given);
    expect(missing).toMatchObject({ ok: true, value: { started: false, code: 'ENOENT' } });
  });

  it('is told of a cancel, also of one that came before the task', async () => {
    const controller = new AbortController();
    const running = engine.run({ method: 'show', id: 'endless' }, context(controller.signal).given);
    controller.abort();
    expect(await running).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    const late = engine.run({ method: 'show', id: 'endless' }, context(controller.signal).given);
    expect(await late).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  });

  it('that fails rejects with the stack of the thread', async () => {
    await expect(engine.run({ method: 'show', id: 'fail' })).rejects.toMatchObject({
      stack: expect.stringContaining('at engine'),
    });
  });

  it('that crashes fails all its tasks, and comes back with the next', async () => {
    const waiting = engine.run({ method: 'show', id: 'endless' });
    const crashing = engine.run({ method: 'show', id: 'crash' });
    await expect(waiting).rejects.toThrow('thread down');
    await expect(crashing).rejects.toThrow('thread down');
    expect(await engine.run({ method: 'show', id: 'event' })).toEqual({ ok: true, value: 'done' });
  });
});
