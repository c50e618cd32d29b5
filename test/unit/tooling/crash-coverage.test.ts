import { expect, it } from 'vitest';
import { inPart, partOf } from '../../crash/campaign.ts';
import { readEngine, uncovered } from '../../crash/coverage.ts';
import { operations } from '../../crash/operations.ts';
import { scenarios } from '../../crash/registry.ts';

const engine = readEngine(process.cwd());

it('every kind of change and everything that writes is in the crash campaign', () => {
  expect(engine.kinds).toContain('edit-json');
  expect(engine.effects).toContain('loader-cache');
  expect(engine.writers).toContain('engine/journal/recover.ts');
  expect(uncovered(engine)).toEqual([]);
});

it('a new kind that is in no scenario is named', () => {
  const grown = { ...engine, kinds: [...engine.kinds, 'edit-launcher'] };
  expect(uncovered(grown)).toEqual([
    'No scenario of test/crash has a change of kind edit-launcher.',
  ]);
});

it('a new kind of effect that is in no scenario is named, whichever kind of change brings it', () => {
  const grown = { ...engine, effects: [...engine.effects, 'editor-state'] };
  expect(uncovered(grown)).toEqual([
    'No scenario of test/crash has an effect of kind editor-state.',
  ]);
});

it('a scenario taken away leaves its kind uncovered', () => {
  const fewer = scenarios.filter(({ kinds }) => !kinds.includes('create-sandbox'));
  expect(uncovered(engine, { scenarios: fewer, operations })).toEqual([
    'No scenario of test/crash has a change of kind create-sandbox.',
  ]);
});

it('a new operation, and a new file that takes the lock, are named', () => {
  const grown = {
    ...engine,
    operations: [...engine.operations, 'merge'],
    writers: [...engine.writers, 'helper/apply.ts'],
  };
  expect(uncovered(grown)).toEqual([
    'The operation merge is not in test/crash/operations.ts.',
    'electron/helper/apply.ts takes the lock and is no operation of test/crash.',
  ]);
});

it('the parts of a campaign together are everything, and no point is in two', () => {
  const points = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => ({ number, call: 'fsync', line: '' }));
  const parts = ['1/3', '2/3', '3/3'].map((text) => inPart(points, partOf(text)));
  expect(parts.map((part) => part.map(({ number }) => number))).toEqual([
    [1, 4, 7],
    [2, 5],
    [0, 3, 6],
  ]);
  for (const text of ['0/3', '4/3', '2', '1/x']) expect(() => partOf(text)).toThrow('--part');
});
