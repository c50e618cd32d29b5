import { describe, expect, it } from 'vitest';
import { PAUSE_ABOVE, type JobEvent } from '../../../shared/job.ts';
import { fail, ok } from '../../../shared/error.ts';
import type { StreamContext } from '../../../electron/ipc/jobs.ts';
import { openGate, validInputs } from './fakes.ts';

const outcome = { outcomes: [] };

function output(text: string) {
  return { type: 'output', stream: 'data', text } as const;
}

describe('a job', () => {
  it('answers its id first, then numbers its events without gaps, and ends with done', async () => {
    const gate = openGate();
    gate.answer = (_input, context) => {
      context?.emit({ type: 'phase', phase: { key: 'scan.phase', params: {} } });
      context?.emit({ type: 'progress', done: 1, total: 2 });
      return ok(outcome);
    };
    const [answer, ...events] = await gate.open('recovery.start', [{}]).received(4);
    expect(answer).toMatchObject({ ok: true, data: { job: expect.any(String) } });
    expect((events as JobEvent[]).map(({ sequence, event }) => [sequence, event.type])).toEqual([
      [1, 'phase'],
      [2, 'progress'],
      [3, 'done'],
    ]);
    expect((events as JobEvent[])[2]?.event).toEqual({ type: 'done', ok: true, result: outcome });
  });

  it('tells nothing after done', async () => {
    const gate = openGate();
    let late: StreamContext | undefined;
    gate.answer = (_input, context) => {
      late = context;
      return ok(outcome);
    };
    const port = gate.open('recovery.start', [{}]);
    await port.received(2);
    late?.emit({ type: 'progress', done: 1, total: 1 });
    expect(port.sent).toHaveLength(2);
  });

  it('leaves out an event that is not what the contract says, without a gap in the numbers', async () => {
    const gate = openGate();
    gate.answer = (_input, context) => {
      context?.emit({ type: 'progress', done: -1, total: 2 });
      return ok(outcome);
    };
    const [, last] = await gate.open('recovery.start', [{}]).received(2);
    expect(last).toMatchObject({ sequence: 1, event: { type: 'done' } });
    expect(gate.logged.join()).toContain('recovery.start event');
  });

  it('is cancelled by its id', async () => {
    const gate = openGate();
    gate.answer = (_input, context) =>
      new Promise((resolve) => {
        context?.signal.addEventListener('abort', () => resolve(fail('cancelled')));
      });
    const port = gate.open('repair.start', [validInputs['repair.start']]);
    const [answer] = await port.received(1);
    expect(gate.jobs.cancel('another')).toBe(false);
    expect(gate.jobs.cancel((answer as { data: { job: string } }).data.job)).toBe(true);
    const [, done] = await port.received(2);
    expect(done).toMatchObject({
      event: { type: 'done', ok: false, error: { code: 'cancelled' } },
    });
  });

  it('that only reads is cancelled when the window goes away; one that repairs is finished', async () => {
    for (const [name, ends] of [
      ['scan.start', 'cancelled'],
      ['repair.start', 'finished'],
    ] as const) {
      const gate = openGate();
      let aborted = false;
      let finish = (): void => undefined;
      gate.answer = (_input, context) =>
        new Promise((resolve) => {
          finish = () => resolve(fail('locked', { pid: 1, program: 'devmend' }));
          context?.signal.addEventListener('abort', () => {
            aborted = true;
            resolve(fail('cancelled'));
          });
        });
      const port = gate.open(name, [validInputs[name]]);
      await port.received(1);
      expect(gate.jobs.unfinished()).toEqual(ends === 'finished' ? [name] : []);
      port.emit('close');
      expect(aborted).toBe(ends === 'cancelled');
      finish();
      await gate.jobs.idle();
      expect(port.sent).toHaveLength(1);
    }
  });

  it('refuses to be one of too many', async () => {
    const gate = openGate();
    gate.answer = () => new Promise(() => undefined);
    const answers = [];
    for (let n = 0; n < 9; n += 1) {
      answers.push((await gate.open('scan.start', [{}]).received(1))[0]);
    }
    expect(answers.slice(0, 8)).toEqual(Array(8).fill(expect.objectContaining({ ok: true })));
    expect(answers[8]).toMatchObject({ ok: false, error: { code: 'bad-request' } });
  });
});

describe('flow control of a job', () => {
  it('counts output until the window acknowledges it, and believes nothing else it says', async () => {
    const gate = openGate();
    let context: StreamContext | undefined;
    gate.answer = (_input, given) => {
      context = given;
      return new Promise(() => undefined);
    };
    const port = gate.open('repair.start', [validInputs['repair.start']]);
    await port.received(1);
    const calls: string[] = [];
    context?.flow.attach({ pause: () => calls.push('pause'), resume: () => calls.push('resume') });
    context?.emit(output('x'.repeat(PAUSE_ABOVE)));
    expect(calls).toEqual([]);
    context?.emit(output('x'));
    expect(calls).toEqual(['pause']);
    for (const data of [
      null,
      'ack',
      { type: 'ack', characters: -5 },
      { type: 'ack', characters: 1e9 },
    ]) {
      port.emit('message', { data });
    }
    expect(gate.flows[0]?.outstanding()).toBe(PAUSE_ABOVE + 1);
    port.emit('message', { data: { type: 'ack', characters: PAUSE_ABOVE } });
    expect(calls).toEqual(['pause', 'resume']);
  });

  it('lets programs go on when the window is gone', async () => {
    const gate = openGate();
    let context: StreamContext | undefined;
    gate.answer = (_input, given) => {
      context = given;
      return new Promise(() => undefined);
    };
    const port = gate.open('repair.start', [validInputs['repair.start']]);
    await port.received(1);
    const calls: string[] = [];
    context?.flow.attach({ pause: () => calls.push('pause'), resume: () => calls.push('resume') });
    context?.emit(output('x'.repeat(PAUSE_ABOVE + 1)));
    port.emit('close');
    context?.emit(output('x'.repeat(PAUSE_ABOVE + 1)));
    expect(calls).toEqual(['pause', 'resume']);
  });
});
