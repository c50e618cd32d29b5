import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerLimits, isWithinLimits } from '../../../shared/answer-limits.ts';
import { contract, type ChannelName } from '../../../shared/contract.ts';
import { openGate } from './fakes.ts';

function nested(depth: number): unknown {
  return depth === 0 ? {} : { inner: nested(depth - 1) };
}

describe('A1.5 answers of the contract', () => {
  it('have an end: entries, texts, values, characters and depth', () => {
    const long = 'x'.repeat(answerLimits.text);
    expect(isWithinLimits({ long })).toBe(true);
    expect(isWithinLimits({ long: `${long}x` })).toBe(false);
    expect(isWithinLimits([long, long, long, long, long])).toBe(false);
    const list = Array.from({ length: answerLimits.entries }, () => 1);
    expect(isWithinLimits({ list })).toBe(true);
    expect(isWithinLimits({ list: [...list, 1] })).toBe(false);
    expect(isWithinLimits(Array.from({ length: 30 }, () => list))).toBe(false);
    expect(isWithinLimits(Object.fromEntries([...list, 1].map((_, at) => [at, 1])))).toBe(false);
    expect(isWithinLimits(nested(answerLimits.depth))).toBe(true);
    expect(isWithinLimits(nested(answerLimits.depth + 1))).toBe(false);
  });

  it('of a usual size are never refused', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => isWithinLimits(value)));
  });

  it('that are longer never leave, whatever the channel', async () => {
    const gate = openGate();
    const info = { version: '1', language: 'en', privilegedRepairs: 'no-helper' };
    const answer = { ...info, developmentRuntime: false, home: '/home/jo' };
    gate.answer = () => ({ ok: true, value: answer });
    expect(await gate.send('app.info', [{}])).toEqual({ ok: true, data: answer });
    const endless = { ...answer, home: 'x'.repeat(answerLimits.text + 1) };
    gate.answer = () => ({ ok: true, value: endless });
    expect(await gate.send('app.info', [{}])).toMatchObject({ error: { code: 'internal' } });
    for (const name of Object.keys(contract) as ChannelName[]) {
      expect(contract[name].output.def.checks, name).toHaveLength(1);
    }
  });
});
