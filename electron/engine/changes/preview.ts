import { message, type Message } from '../../../shared/message.ts';
import type { Change, ChangePreview } from '../../../shared/plan.ts';
import { attributesReadable } from '../journal/attributes.ts';
import { targetOf } from './change.ts';

/** What every preview says; a kind adds its own diff, commands and notes. */
export function previewOf(change: Change, own: Partial<ChangePreview> = {}): ChangePreview {
  return {
    change: change.id,
    kind: change.kind,
    title: change.title,
    target: targetOf(change),
    through: null,
    privilege: change.privilege,
    reversibility: change.reversibility,
    reversibilityReason: change.reversibilityReason,
    bytes: change.bytes,
    commands: [],
    diff: [],
    notes: [],
    ...own,
  };
}

/** Why attributes of a file or tree cannot be compared on this machine; null where they can. */
export async function attributesUnknown(of: 'file' | 'tree'): Promise<Message | null> {
  if (await attributesReadable(of)) return null;
  return message(
    of === 'file' ? 'change.reason.attributesUnknown' : 'change.reason.treeAttributesUnknown',
  );
}

/** What a preview says of something that is there already and cannot be compared whole. */
export async function exactnessOf(
  of: 'file' | 'tree',
): Promise<Partial<Pick<ChangePreview, 'reversibility' | 'reversibilityReason'>>> {
  const reason = await attributesUnknown(of);
  return reason === null ? {} : { reversibility: 'partial', reversibilityReason: reason };
}
