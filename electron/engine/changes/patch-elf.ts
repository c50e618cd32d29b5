import { constants } from 'node:fs';
import { access, lstat, open, readFile } from 'node:fs/promises';
import { message } from '../../../shared/message.ts';
import type { ChangeOf, ChangePreview } from '../../../shared/plan.ts';
import { guarded } from '../faults.ts';
import { copyBeside } from '../journal/images.ts';
import { isForRoot, type ChangeContext, type ChangeKind } from './change.ts';
import { patchDiff, requirePatched, requireUnedited } from './elf-checks.ts';
import { patchStaged, patchelfCommands, requirePatchable, requirePatchelf } from './patchelf.ts';
import { exactnessOf, previewOf } from './preview.ts';
import { runTrial, trialCommands } from './trial.ts';

type PatchElf = ChangeOf<'patch-elf'>;

/**
 * Points one program to a sandbox where it lies: a temporary copy with everything
 * kept, patchelf, checks, a trial run, and only then the atomic replacement.
 */
export const patchElf: ChangeKind<'patch-elf'> = {
  kind: 'patch-elf',
  touches: (change) => [change.path],
  needs: ({ patch }) => [patch.interpreter.after, ...patch.rpath.after],
  points: (change) => [change.path],
  preview,
  apply,
  verify: (change) => guarded(change.path, () => verified(change)),
};

async function preview(change: PatchElf): Promise<ChangePreview> {
  return guarded(change.path, async () => {
    const facts = await lstat(change.path);
    await requirePatchable(change.path, change.path);
    if (!isForRoot(change) && facts.nlink > 1) await access(change.path, constants.W_OK);
    requireUnedited(change.path, change.path, change.patch);
    await requirePatchelf();
    return previewOf(change, {
      bytes: facts.size,
      commands: [
        ...patchelfCommands(change.patch, change.path),
        ...trialCommands(change.trial, change.path),
      ],
      diff: patchDiff(change.patch),
      notes: facts.nlink > 1 ? [message('change.note.hardLinks', { links: facts.nlink })] : [],
      ...(await exactnessOf('file')),
    });
  });
}

async function apply(change: PatchElf, context: ChangeContext): Promise<void> {
  const { path } = change;
  await guarded(path, async () => {
    const { nlink } = await lstat(path);
    await requireChangeable(path, nlink);
    const staged = await context.temporary(path);
    await copyBeside(path, staged, context.signal);
    await patchStaged(path, staged, change.patch, context);
    if (change.trial !== null) await runTrial(change.trial, staged, context);
    if (nlink > 1) await context.overwrite(path, await readFile(staged));
    else await context.install(staged, path);
  });
}

function verified({ path, patch }: PatchElf): Promise<null> {
  requirePatched(path, patch, path);
  return Promise.resolve(null);
}

/**
 * An immutable file refuses to be opened for appending, also by root. A running
 * program (ETXTBSY) is no obstacle to the rename that replaces it.
 */
async function requireChangeable(path: string, nlink: number): Promise<void> {
  try {
    const handle = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW);
    await handle.close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const readOnlyMode = code === 'EACCES' && nlink === 1;
    if (!readOnlyMode && !(code === 'ETXTBSY' && nlink === 1)) throw error;
  }
}
