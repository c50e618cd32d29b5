import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import type { ChangeOf, ChangePreview } from '../../../shared/plan.ts';
import { overwriteContent, removeMadeDirectories } from '../journal/bring-back.ts';
import { captureState } from '../journal/capture.ts';
import { sameContent, sameFileSystem, stageFromImage } from '../journal/images.ts';
import type { PathRecord } from '../journal/model.ts';
import { differences, identical, type PathState } from '../journal/path-state.ts';
import { diffOfRestore } from '../journal/restore-diff.ts';
import { exists } from '../journal/steps.ts';
import { journalRoot, readTransaction } from '../journal/store.ts';
import type { Machine } from '../machine.ts';
import type { ChangeContext, ChangeKind } from './change.ts';
import { previewOf } from './preview.ts';

type Restore = ChangeOf<'restore'>;

/**
 * Brings a path back to what a transaction recorded before it changed anything:
 * the one change that undo and redo are made of.
 */
export const restore: ChangeKind<'restore'> = {
  kind: 'restore',
  touches: (change) => [change.path],
  needs: () => [],
  preview,
  apply,
  verify,
};

async function preview(change: Restore, machine: Machine): Promise<ChangePreview> {
  const { record, image } = await recorded(change, machine);
  await requireWhole(image, record.before, change.path);
  const present = await captureState(change.path);
  return previewOf(change, {
    diff: await diffOfRestore(change.path, present, record.before, image),
  });
}

/** All images are looked at before the first path is touched: damage means that none is. */
async function requireWhole(image: string | null, before: PathState, path: string): Promise<void> {
  if (before.type === 'absent') return;
  if (image === null || !sameContent(await captureState(image), before))
    throw new DevmendError('before-image-damaged', { path });
}

async function apply(change: Restore, context: ChangeContext): Promise<void> {
  const { record, image } = await recorded(change, context.machine);
  const { path } = change;
  if (record.before.type === 'absent') {
    if (await exists(path)) await context.remove(path);
    await removeMadeDirectories(record.directories);
    return;
  }
  if (image === null) throw new DevmendError('before-image-damaged', { path });
  if (record.before.type === 'tree') {
    await requireUndamaged(image, record.before, path);
    if (await sameFileSystem(image, path)) {
      await context.take(image, path);
      return;
    }
  }
  // Names it has been given since are somebody's backup (cp -l), and stay as they are.
  const { before } = record;
  if (before.type === 'file' && before.nlink > 1 && (await hasOtherLinks(path))) {
    await overwriteContent(image, before, path, context.overwrite);
    return;
  }
  const staged = await context.temporary(path);
  await stageFromImage(image, record.before, staged, path);
  await context.install(staged, path);
}

/** A tree is moved, not copied, so its content is looked at before it leaves the store. */
async function requireUndamaged(image: string, before: PathState, path: string): Promise<void> {
  const present = await captureState(image);
  const damage = differences(present, before).filter((difference) => difference !== 'times');
  if (damage.length > 0)
    throw new DevmendError('before-image-damaged', { path, detail: damage.join(', ') });
}

async function hasOtherLinks(path: string): Promise<boolean> {
  if (!(await exists(path))) return false;
  const facts = await lstat(path);
  return facts.isFile() && facts.nlink > 1;
}

/** Exactly as it was, times included. A moved tree was proven before it was moved. */
async function verify(change: Restore, context: ChangeContext): Promise<null> {
  const { record } = await recorded(change, context.machine);
  if (record.before.type === 'tree') {
    const facts = await lstat(change.path).catch(() => null);
    if (facts?.isDirectory() !== true) throw notRestored(change, ['existence']);
    return null;
  }
  const present = await captureState(change.path);
  if (!identical(present, record.before))
    throw notRestored(change, differences(present, record.before));
  return null;
}

function notRestored(change: Restore, what: readonly string[]): DevmendError {
  return new DevmendError('verification-failed', { path: change.path, what: what.join(', ') });
}

async function recorded(
  change: Restore,
  machine: Machine,
): Promise<{ readonly record: PathRecord; readonly image: string | null }> {
  const { model } = await readTransaction(machine, change.transaction);
  const record = model.records[change.record];
  if (record?.path !== change.path)
    throw new DevmendError('plan-invalid', { detail: `${change.transaction}#${change.record}` });
  const image = record.image === null ? null : join(journalRoot(machine), record.image.file);
  return { record, image };
}
