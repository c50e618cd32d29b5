import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { ChangeOf, ChangePreview } from '../../../shared/plan.ts';
import { captureState } from '../journal/capture.ts';
import { exists } from '../journal/steps.ts';
import type { ChangeKind } from './change.ts';
import { exactnessOf, previewOf } from './preview.ts';

/**
 * Takes a directory or a file away. Its before-image keeps it whole, by one rename
 * where the journal lies on the same file system.
 */
export const removeTreeKind: ChangeKind<'remove-tree'> = {
  kind: 'remove-tree',
  touches: (change) => [change.path],
  needs: () => [],
  preview,
  apply: async (change, context) => context.remove(change.path),
  verify: async (change) => {
    if (await exists(change.path))
      throw new DevmendError('verification-failed', { path: change.path, what: 'existence' });
    return null;
  },
};

async function preview(change: ChangeOf<'remove-tree'>): Promise<ChangePreview> {
  const state = await captureState(change.path);
  if (state.type === 'absent') throw new DevmendError('target-changed', { path: change.path });
  // Brought back, it would be a file of its own: the other names go on without it.
  if (state.type === 'file' && state.nlink > 1)
    throw new DevmendError('hard-linked', { path: change.path });
  if (state.type !== 'tree') return previewOf(change, await exactnessOf('file'));
  return previewOf(change, {
    ...(await exactnessOf('tree')),
    bytes: state.bytes,
    notes: [message('change.note.files', { files: state.files })],
  });
}
