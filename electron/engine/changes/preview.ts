import type { Change, ChangePreview } from '../../../shared/plan.ts';
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
