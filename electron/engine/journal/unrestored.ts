import { dirname } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { message, type Message } from '../../../shared/message.ts';
import { bindEffect } from '../effects/registry.ts';
import type { EffectRecord, PathRecord } from './model.ts';
import { imagePath, type OpenTransaction } from './open-transaction.ts';
import { exists } from './steps.ts';

/**
 * Why a path can never be put back, in words; null for what may pass (a disk that does
 * not answer, is full, read-only or denied): that is tried again by the next recovery.
 */
export async function reasonOfPath(
  transaction: OpenTransaction,
  record: PathRecord,
  error: unknown,
): Promise<Message | null> {
  if (!(error instanceof DevmendError)) return null;
  const { path } = record;
  const image = imagePath(transaction, record);
  if (error.data.code === 'before-image-damaged')
    return message('journal.unrestored.copyDamaged', { path });
  if (error.data.code !== 'not-found') return null;
  if (image === null) return message('journal.unrestored.gone', { path });
  return (await exists(image))
    ? message('journal.unrestored.placeGone', { path, directory: dirname(path), copy: image })
    : message('journal.unrestored.copyDamaged', { path });
}

/** The same for an effect that is not a file. */
export function reasonOfEffect(record: EffectRecord, error: unknown): Message | null {
  if (!(error instanceof DevmendError)) return null;
  const back = bindEffect(bindEffect(record.what).back(record.before));
  const path = back.target;
  switch (error.data.code) {
    case 'not-found':
      return message('journal.unrestored.gone', { path });
    case 'target-changed':
      return message('journal.unrestored.replaced', { path });
    case 'plan-invalid':
    case 'verification-failed':
      return message('journal.unrestored.refused', { path, value: record.before });
    case 'tool-missing': {
      const command = back.commands.map((words) => words.join(' ')).join('; ');
      return message('journal.unrestored.toolMissing', { path, command });
    }
    default:
      return null;
  }
}
