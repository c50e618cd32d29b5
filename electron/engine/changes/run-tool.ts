import { bindEffect } from '../effects/registry.ts';
import type { ChangeKind } from './change.ts';
import { previewOf } from './preview.ts';

/** Runs an allowed tool. What it does is its effect; it is given nothing else to do. */
export const runToolKind: ChangeKind<'run-tool'> = {
  kind: 'run-tool',
  touches: () => [],
  needs: () => [],
  effects: ({ effect }) => [effect],
  preview: async (change) => {
    const { commands, read, requirePossible, reversibility } = bindEffect(change.effect);
    await requirePossible();
    await read();
    return previewOf(change, {
      commands: commands.map((command) => [...command]),
      reversibility: reversibility.reversibility,
      reversibilityReason: reversibility.reason,
    });
  },
  apply: () => Promise.resolve(),
  verify: () => Promise.resolve(null),
};
