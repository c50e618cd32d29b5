import { message } from '../../../shared/message.ts';
import { bindEffect } from '../effects/registry.ts';
import type { ChangeKind } from './change.ts';
import { previewOf } from './preview.ts';

/** Sets an effect back to what a transaction read before it changed anything. */
export const restoreEffect: ChangeKind<'restore-effect'> = {
  kind: 'restore-effect',
  touches: () => [],
  needs: () => [],
  effects: ({ effect }) => [effect],
  preview: async (change) => {
    const { commands, read, expected, requirePossible } = bindEffect(change.effect);
    const present = await read();
    await requirePossible();
    return previewOf(change, {
      commands: commands.map((command) => [...command]),
      diff:
        expected === null || present === expected
          ? []
          : [
              { sign: '-', line: null, text: present },
              { sign: '+', line: null, text: expected },
            ],
    });
  },
  apply: () => Promise.resolve(),
  // What a tool makes out of the files may differ where other files have come or gone since.
  verify: async ({ effect, wanted }) =>
    (await bindEffect(effect).read()) === wanted ? null : message('journal.step.effectDiffers'),
};
