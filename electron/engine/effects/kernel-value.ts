import { readFile, writeFile } from 'node:fs/promises';
import { DevmendError } from '../../../shared/error.ts';
import type { EffectOf } from '../../../shared/plan.ts';
import { kernelValues } from '../data/kernel-values.ts';
import { guarded } from '../faults.ts';
import type { EffectKind } from './effect.ts';

type KernelValue = EffectOf<'kernel-value'>;

/** A value below /proc/sys. Only known keys, and only within what the kernel takes for them. */
export const kernelValue: EffectKind<'kernel-value'> = {
  kind: 'kernel-value',
  target: pathOf,
  read: async (effect) => {
    const path = pathOf(effect);
    return guarded(path, async () => readValue(path));
  },
  requirePossible: async (effect) => Promise.resolve(requireKnown(effect)),
  set: async (effect) => {
    const path = pathOf(effect);
    requireKnown(effect);
    await guarded(path, async () => writeWhole(path, effect.value));
  },
  expected: ({ value }) => value,
  back: (effect, before) => ({ ...effect, value: before }),
  reversibility: () => ({ reversibility: 'full', reason: null }),
  commands: () => [],
};

/**
 * The kernel takes the first write for a whole number and passes over what follows, so
 * one that was cut short and continued has set another value: it is made again.
 */
async function writeWhole(path: string, value: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await writeFile(path, `${value}\n`);
    if ((await readValue(path)) === value) return;
  }
}

async function readValue(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trim();
}

/** `fs.inotify.max_user_watches` is /proc/sys/fs/inotify/max_user_watches (sysctl(8)). */
function pathOf({ key }: KernelValue): string {
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}

function requireKnown({ key, value }: KernelValue): void {
  const range = kernelValues.get(key);
  const number = BigInt(value);
  if (range === undefined || number < range.least || number > range.most)
    throw new DevmendError('plan-invalid', { detail: `${key} = ${value}` });
}
