import { closeSync, openSync, unlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { takeLock, type Lock } from '../../../electron/engine/journal/lock.ts';
import { machineOf } from '../../crash/machine.ts';
import { plantDead } from './dead-lock.ts';

/**
 * A Devmend that does nothing but take the lock, in a process of its own:
 *
 *   lock-taker STATE COMMAND...
 *
 * `take` answers `taken`, or the error as JSON; `release` answers `released`; `toil MARKER
 * TURNS` takes it among others (see below); `wait` answers its process id and goes on at SIGTERM. Without commands they are read from stdin, one a line.
 */
const [state = '', ...commands] = process.argv.slice(2);
const machine = machineOf('/nowhere', state);
let lock: Lock | null = null;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function take(): Promise<string> {
  const answer = await takeLock(machine);
  if (!answer.ok) return JSON.stringify(answer.error);
  lock = answer.value;
  return 'taken';
}

/**
 * Takes it again and again, among others, and makes sure each time that it is alone: whoever
 * else believes that the lock is his has the marker. Each time the lock stays as if its
 * owner had died. Answers how often that was, or `together`.
 */
async function toil(marker: string, turns: number): Promise<string> {
  let alone = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    if ((await take()) !== 'taken') continue;
    try {
      closeSync(openSync(marker, 'wx'));
    } catch {
      return 'together';
    }
    await new Promise((resolve) => setImmediate(resolve));
    unlinkSync(marker);
    plantDead(state, `${process.pid}-${turn}`);
    alone += 1;
  }
  return `alone ${alone}`;
}

/** A handler for a signal alone keeps no process alive. */
async function wait(): Promise<string> {
  const stay = setInterval(() => undefined, 1 << 30);
  const told = new Promise((resolve) => process.once('SIGTERM', resolve));
  say(`waits as ${process.pid}`);
  await told;
  clearInterval(stay);
  return 'waited';
}

async function obey(line: string): Promise<string> {
  const [command, argument = '', turns = ''] = line.split(' ');
  if (command === 'take') return take();
  if (command === 'toil') return toil(argument, Number(turns));
  if (command === 'wait') return wait();
  await lock?.release();
  lock = null;
  return 'released';
}

for (const line of commands) say(await obey(line));
if (commands.length === 0)
  for await (const line of createInterface({ input: process.stdin })) say(await obey(line));
