import { readFileSync, writeFileSync } from 'node:fs';
import { operations, preparations } from './operations.ts';
import { machineOf, readSetting } from './machine.ts';

/**
 * What the campaign interrupts: one operation in a process of its own. The clock stands
 * still, so that every run makes the same system calls on the same names.
 */
async function main(): Promise<void> {
  const [name = '', setting = '', answer = ''] = process.argv.slice(2);
  const operation = [...operations, ...preparations].find((candidate) => candidate.name === name);
  if (operation === undefined) throw new Error(`There is no operation called ${name}.`);
  const { home, state, plan } = readSetting(readFileSync(setting, 'utf8'));
  const machine = {
    ...machineOf(home, state),
    clock: () => new Date('2026-11-23T12:00:00.000Z'),
  };
  writeFileSync(answer, JSON.stringify(await operation.run(machine, plan)));
}

void main();
