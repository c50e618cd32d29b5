import { lstat, realpath } from 'node:fs/promises';
import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { ChangeOf, ChangePreview } from '../../../shared/plan.ts';
import { readQuietly } from '../journal/capture.ts';
import { asDevmendError, guarded, isAbsent } from '../faults.ts';
import { copyBeside } from '../journal/images.ts';
import { requireReplaceable, requireWritable, writeInPlace } from '../journal/steps.ts';
import type { Machine } from '../machine.ts';
import { isForRoot, type ChangeContext, type ChangeKind } from './change.ts';
import { editJsonText, jsonValueAt } from './json-text.ts';
import { exactnessOf, previewOf } from './preview.ts';
import { diffTexts } from './text-diff.ts';

type EditJson = ChangeOf<'edit-json'>;

/** Settings files are small; what is larger than this is not one. */
const LARGEST_FILE = 16 * 1024 * 1024;

/**
 * Edits keys of a JSON-with-comments file and leaves every other byte as it is.
 * A file with one name is replaced atomically by a copy that has its owner, mode,
 * attributes and ACLs; a file with several hard links is written in place, so that
 * they stay one file.
 */
export const editJson: ChangeKind<'edit-json'> = {
  kind: 'edit-json',
  touches: (change) => [change.path],
  needs: () => [],
  produces: (change, before) => {
    const result = before === null ? null : editJsonText(before, change.edits, change.path);
    return result?.ok === true ? result.value : null;
  },
  preview,
  apply,
  verify,
};

async function preview(change: EditJson, _machine: Machine): Promise<ChangePreview> {
  await requireLink(change);
  const before = await readContent(change.path);
  const after = edited(before, change);
  if (!isForRoot(change)) await guarded(change.path, async () => requireReplaceable(change.path));
  const links = (await lstat(change.path)).nlink;
  return previewOf(change, {
    through: change.link,
    diff: diffTexts(before, after),
    bytes: before.length + after.length,
    notes: links > 1 ? [message('change.note.hardLinks', { links })] : [],
    ...(await exactnessOf('file')),
  });
}

async function apply(change: EditJson, context: ChangeContext): Promise<void> {
  const { path } = change;
  await requireLink(change);
  const content = edited(await readContent(path), change);
  await guarded(path, async () => {
    await requireWritable(path);
    if ((await lstat(path)).nlink > 1) {
      await context.overwrite(path, content);
      return;
    }
    const staged = await context.temporary(path);
    await copyBeside(path, staged);
    await writeInPlace(staged, content);
    await context.install(staged, path);
  });
}

/** A link is followed on purpose, and only to where the plan has shown that it leads. */
async function requireLink({ link, path }: EditJson): Promise<void> {
  if (link === null) return;
  const target = await guarded(link, async () => realpath(link));
  if (target !== path) throw new DevmendError('target-changed', { path: link });
}

async function verify(change: EditJson): Promise<null> {
  const content = await readContent(change.path);
  for (const edit of change.edits) {
    const value = jsonValueAt(content, edit.jsonPath);
    const wanted: unknown = edit.after === null ? undefined : JSON.parse(edit.after);
    if (JSON.stringify(value) !== JSON.stringify(wanted))
      throw new DevmendError('verification-failed', {
        path: change.path,
        what: edit.jsonPath.join('.'),
      });
  }
  return null;
}

function edited(content: Buffer, change: EditJson): Buffer {
  const result = editJsonText(content, change.edits, change.path);
  if (!result.ok) throw DevmendError.from(result.error);
  return result.value;
}

async function readContent(path: string): Promise<Buffer> {
  try {
    const facts = await lstat(path);
    if (!facts.isFile()) throw new DevmendError('target-changed', { path });
    if (facts.size > LARGEST_FILE) throw new DevmendError('settings-unreadable', { path });
    return await readQuietly(path);
  } catch (error) {
    if (isAbsent(error))
      throw DevmendError.from(
        { code: 'target-changed', params: { path }, correlationId: '' },
        error,
      );
    throw asDevmendError(error, path);
  }
}
