import { DevmendError } from '../../../shared/error.ts';
import { bindEffect } from '../effects/registry.ts';
import type { ChangeKind } from './change.ts';
import { previewOf } from './preview.ts';

/** Sets a value of the running kernel. That it lasts is the business of a file in sysctl.d. */
export const setSysctl: ChangeKind<'set-sysctl'> = {
  kind: 'set-sysctl',
  touches: () => [],
  needs: () => [],
  effects: ({ effect }) => [effect],
  preview: async (change) => {
    const { target, read, requirePossible, back } = bindEffect(change.effect);
    await requirePossible();
    const present = await read();
    if (present !== change.before) throw new DevmendError('target-changed', { path: target });
    // Undo sets it as well: a value that could not be given back is not taken away.
    await bindEffect(back(present)).requirePossible();
    return previewOf(change, {
      diff: [
        { sign: '-', line: null, text: present },
        { sign: '+', line: null, text: change.effect.value },
      ],
    });
  },
  apply: () => Promise.resolve(),
  verify: () => Promise.resolve(null),
};
