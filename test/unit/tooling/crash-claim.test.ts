import { expect, it } from 'vitest';
import { claim } from '../../crash/claim.ts';

it('what one crash campaign changes on this machine, another waits for', async () => {
  const name = `test-${process.pid}`;
  const told: string[] = [];
  const release = await claim(name, () => told.push('first waits'));
  const second = claim(name, () => {
    told.push('second waits');
    release();
  });
  (await second)();
  expect(told).toEqual(['second waits']);
});
