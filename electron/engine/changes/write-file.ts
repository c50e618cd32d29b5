import { chmod, lstat, writeFile } from 'node:fs/promises';
import { DevmendError } from '../../../shared/error.ts';
import type { ChangeOf, ChangePreview } from '../../../shared/plan.ts';
import { createHash } from 'node:crypto';
import { isAbsent, guarded } from '../faults.ts';
import { readQuietly } from '../journal/capture.ts';
import { copyBeside } from '../journal/images.ts';
import { requireReplaceable, requireWritable, writeInPlace } from '../journal/steps.ts';
import { isForRoot, type ChangeContext, type ChangeKind } from './change.ts';
import { exactnessOf, previewOf } from './preview.ts';
import { diffTexts } from './text-diff.ts';

type WriteFile = ChangeOf<'write-file'>;

/**
 * Writes a whole text file, new or in place of one whose content is known. One that
 * is there keeps its owner, mode, attributes and ACLs, and stays one file with its
 * other hard links.
 */
export const writeFileKind: ChangeKind<'write-file'> = {
  kind: 'write-file',
  touches: (change) => [change.path],
  needs: () => [],
  produces: ({ content }) => Buffer.from(content),
  preview,
  apply,
  verify: async (change) => {
    const present = await contentOf(change.path);
    if (present?.toString('utf8') !== change.content)
      throw new DevmendError('verification-failed', { path: change.path, what: 'content' });
    return null;
  },
};

async function preview(change: WriteFile): Promise<ChangePreview> {
  const before = await expectedContent(change);
  const after = Buffer.from(change.content);
  if (before !== null && !isForRoot(change))
    await guarded(change.path, async () => requireReplaceable(change.path));
  return previewOf(change, {
    diff: diffTexts(before ?? Buffer.alloc(0), after),
    bytes: (before?.length ?? 0) + after.length,
    ...(before === null ? {} : await exactnessOf('file')),
  });
}

async function apply(change: WriteFile, context: ChangeContext): Promise<void> {
  const { path } = change;
  const content = Buffer.from(change.content);
  const before = await expectedContent(change);
  await guarded(path, async () => {
    if (before !== null) await requireWritable(path);
    if (before !== null && (await lstat(path)).nlink > 1) {
      await context.overwrite(path, content);
      return;
    }
    const staged = await context.temporary(path);
    if (before === null) {
      await writeFile(staged, content, { flag: 'wx', mode: 0o600 });
      await chmod(staged, change.mode);
    } else {
      await copyBeside(path, staged, context.signal);
      await writeInPlace(staged, content);
    }
    await context.install(staged, path);
  });
}

/** What is there, which must be what the plan was made from. */
async function expectedContent({ path, before }: WriteFile): Promise<Buffer | null> {
  const present = await contentOf(path);
  const digest = present === null ? null : createHash('sha256').update(present).digest('hex');
  if (digest !== before) throw new DevmendError('target-changed', { path });
  return present;
}

async function contentOf(path: string): Promise<Buffer | null> {
  return guarded(path, async () => {
    try {
      if (!(await lstat(path)).isFile()) throw new DevmendError('target-changed', { path });
      return await readQuietly(path);
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  });
}
