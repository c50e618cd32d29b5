import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { ChangeOf, ChangePreview, ElfPatch } from '../../../shared/plan.ts';
import { asDevmendError } from '../faults.ts';
import { copyExactly } from '../journal/images.ts';
import { exists } from '../journal/steps.ts';
import { commandLine } from '../verify/trial-run.ts';
import type { ChangeContext, ChangeKind } from './change.ts';
import { requirePatched, treePatchDiff } from './elf-checks.ts';
import { patchStaged, patchelfCommands, requirePatchable, requirePatchelf } from './patchelf.ts';
import { attributesUnknown, previewOf } from './preview.ts';
import { runTrial, trialCommands } from './trial.ts';

type CopyTree = ChangeOf<'copy-tree'>;

/**
 * Copies a program's tree, points the copy's ELF files to a sandbox and tries it,
 * all beside the final place; the finished copy gets its name by one rename. The
 * original is only read.
 */
export const copyTree: ChangeKind<'copy-tree'> = {
  kind: 'copy-tree',
  touches: (change) => [change.to],
  copies: (change) => [change.from],
  needs: (change) =>
    change.patches.flatMap((patch) => [patch.interpreter.after, ...patch.rpath.after]),
  points: (change) => change.patches.map((patch) => within(change.to, patch)),
  preview,
  apply,
  verify,
};

async function verify(change: CopyTree): Promise<null> {
  await requirePresent(change.to);
  for (const patch of change.patches) {
    const file = within(change.to, patch);
    requirePatched(file, patch, file);
  }
  return null;
}

async function preview(change: CopyTree): Promise<ChangePreview> {
  await requirePresent(change.from);
  if (await exists(change.to)) throw new DevmendError('target-changed', { path: change.to });
  if (change.patches.length > 0) await requirePatchelf();
  for (const patch of change.patches) {
    const file = within(change.from, patch);
    await requirePatchable(file, file);
  }
  const unknown = await attributesUnknown(
    (await lstat(change.from)).isDirectory() ? 'tree' : 'file',
  );
  return previewOf(change, {
    commands: [
      ...change.patches.flatMap((patch) => patchelfCommands(patch, within(change.to, patch))),
      ...trialCommands(change.trial, change.to),
    ],
    diff: treePatchDiff(change.patches),
    // Undo takes the copy away, which is exact: that it is one cannot be compared in full.
    notes: [
      message('change.note.copiedFrom', { path: change.from }),
      ...(unknown === null ? [] : [unknown]),
    ],
  });
}

async function apply(change: CopyTree, context: ChangeContext): Promise<void> {
  await requirePresent(change.from);
  const staged = await context.temporary(change.to);
  const copying = ['-a', '--reflink=auto', change.from, staged];
  context.emit({ type: 'output', stream: 'command', text: commandLine('cp', copying) });
  await copyExactly(change.from, staged, context.signal);
  // Copying and the last look at the copy take about as long as two patchelf runs each.
  const total = change.patches.length + 4;
  context.emit({ type: 'progress', done: 2, total });
  for (const [index, patch] of change.patches.entries()) {
    if (context.signal.aborted) throw new DevmendError('cancelled');
    await patchStaged(within(change.from, patch), within(staged, patch), patch, context);
    context.emit({ type: 'progress', done: index + 3, total });
  }
  if (change.trial !== null) await runTrial(change.trial, staged, context);
  await context.install(staged, change.to);
}

function within(tree: string, patch: ElfPatch): string {
  if (patch.path === '.') return tree;
  const path = join(tree, patch.path);
  if (!path.startsWith(`${tree}/`)) throw new DevmendError('plan-invalid', { detail: patch.path });
  return path;
}

async function requirePresent(path: string): Promise<void> {
  try {
    const facts = await lstat(path);
    if (!facts.isFile() && !facts.isDirectory()) throw new DevmendError('target-changed', { path });
  } catch (error) {
    throw asDevmendError(error, path);
  }
}
