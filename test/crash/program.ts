import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { operations, preparations } from './operations.ts';
import { machineOf, readSetting } from './machine.ts';

/**
 * What the campaign interrupts: an operation, once or (`steady`) one after the other. The clock
 * stands still, so that every run makes the same system calls on the same names.
 */
async function operate([name = '', setting = '', answer = '']: readonly string[]): Promise<void> {
  const operation = [...operations, ...preparations].find((candidate) => candidate.name === name);
  if (operation === undefined) throw new Error(`There is no operation called ${name}.`);
  const { home, state, plan } = readSetting(readFileSync(setting, 'utf8'));
  const machine = {
    ...machineOf(home, state),
    clock: () => new Date('2026-11-23T12:00:00.000Z'),
  };
  writeFileSync(answer, JSON.stringify(await operation.run(machine, plan)));
}

/** Waits at the cutter's gate, as often as nothing is left to do, for what comes next. */
function stay(gate: string, next: string): void {
  process.on('beforeExit', () => {
    try {
      mkdirSync(gate);
    } catch {
      // The cutter's answer; nothing is made.
    }
    void operate(JSON.parse(readFileSync(next, 'utf8')) as readonly string[]);
  });
}

const [first = '', ...rest] = process.argv.slice(2);
if (first === 'steady') stay(rest[0] ?? '', rest[1] ?? '');
else void operate([first, ...rest]);
