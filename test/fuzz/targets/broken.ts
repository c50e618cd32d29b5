import { byteMutators } from '../mutate.ts';
import { LARGEST_FILE, type Target } from '../target.ts';

const seeds = [{ name: 'zeros', bytes: Buffer.alloc(64) }];

/** Each does one thing that must not happen, so that a test sees the harness report it. */
export const broken: readonly Target[] = [
  target('broken-throw', (bytes) => {
    if (bytes[3] === 0xff) throw new TypeError('this reader gave up');
  }),
  target('broken-endless', (bytes) => {
    // Read anew each time, so that no compiler takes the loop for an empty one.
    while (bytes.length > 3 && bytes[3] === 0xff) bytes[4] = 1;
  }),
  target('broken-waits', (bytes) => (bytes[3] === 0xff ? new Promise(() => undefined) : undefined)),
  target('broken-slow', (bytes) => {
    // Processor time, as it is measured: on a busy machine 150 ms of the clock are little work.
    const begun = process.cpuUsage();
    while (bytes[3] === 0xff && process.cpuUsage(begun).user < 150_000) bytes[4] = 1;
  }),
  target('broken-leak', leaking()),
  target('broken-crash', (bytes) => {
    if (bytes[3] === 0xff) process.abort();
  }),
];

function target(name: string, reader: ReturnType<Target['open']>): Target {
  return {
    name,
    about: 'a reader that is broken on purpose',
    seeds,
    mutators: byteMutators,
    largest: LARGEST_FILE,
    runs: 0,
    open: () => reader,
  };
}

function leaking(): ReturnType<Target['open']> {
  const kept: string[] = [];
  return () => {
    kept.push('x'.repeat(8192).concat(String(kept.length)));
    // Flattened: a rope would share its long half.
    Number(kept[kept.length - 1]);
  };
}
