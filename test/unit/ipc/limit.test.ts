import { describe, expect, it } from 'vitest';
import { MESSAGE_LIMIT } from '../../../shared/contract.ts';
import { withinLimit } from '../../../electron/ipc/registrar.ts';

/** A list that says how often it was looked into. */
function watched(length: number): { readonly list: unknown[]; readonly looks: () => number } {
  let looks = 0;
  const list = new Proxy(new Array<unknown>(length), {
    get(target, key) {
      looks += 1;
      return Reflect.get(target, key) as unknown;
    },
    has(target, key) {
      looks += 1;
      return Reflect.has(target, key);
    },
  });
  return { list, looks: () => looks };
}

describe('A1.5 the size of a message', () => {
  it('is found too large without walking a list of holes to its end', () => {
    const { list, looks } = watched(2 * MESSAGE_LIMIT);
    expect(withinLimit({ list })).toBe(false);
    expect(looks()).toBeLessThan(100);
  });

  it('counts an object as often as it is held: a small one can be endless when written out', () => {
    let value: unknown = 'x';
    for (let level = 0; level < 60; level += 1) value = [value, value];
    expect(withinLimit(value)).toBe(false);
  });

  it('ends at the limit, and below it takes plain data only', () => {
    expect(withinLimit({ text: 'x'.repeat(MESSAGE_LIMIT - 100) })).toBe(true);
    expect(withinLimit({ text: 'x'.repeat(MESSAGE_LIMIT) })).toBe(false);
    expect(withinLimit({ a: [1, true, null, 'x', { b: undefined }] })).toBe(true);
    for (const strange of [undefined, new Map(), new Date(0), 1n, { a: 1n }, new Uint8Array(1)])
      expect(withinLimit(strange)).toBe(false);
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    expect(withinLimit(cyclic)).toBe(false);
  });
});
