import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { isAbsent } from '../faults.ts';
import { captureState } from './capture.ts';
import { sameContent } from './images.ts';
import type { PathRecord } from './model.ts';
import { imagePath, type OpenTransaction } from './open-transaction.ts';
import type { PathState } from './path-state.ts';
import { exists } from './steps.ts';

/**
 * What can never be brought back is found before anything is moved away for it. Throws
 * `before-image-damaged`, and `not-found` where the directory above has been removed, or
 * its disk is not there: making it anew would put the file onto another disk.
 */
export async function requireRestorable(
  transaction: OpenTransaction,
  record: PathRecord,
  present: PathState,
): Promise<void> {
  const { before, path } = record;
  const image = imagePath(transaction, record);
  if (before.type === 'absent' || image === null) return;
  if (!wasTakenAway(record) && !(await isDirectory(dirname(path))))
    throw new DevmendError('not-found', { path });
  const movesAway = present.type === 'tree' || before.type === 'tree';
  const whole = movesAway && present.type !== 'absent';
  if (whole ? !sameContent(await captureState(image), before) : !(await exists(image)))
    throw new DevmendError('before-image-damaged', { path });
}

/** With what it takes away, an undo removes the directories that were made for it. */
function wasTakenAway({ steps }: PathRecord): boolean {
  return steps[steps.length - 1]?.method === 'remove';
}

async function isDirectory(path: string): Promise<boolean> {
  const facts = await stat(path).catch((error: unknown) => {
    if (isAbsent(error)) return null;
    throw error;
  });
  return facts?.isDirectory() === true;
}
