import type { Message } from '../../../shared/message.ts';
import type { Reversibility } from '../../../shared/finding.ts';
import type { EffectKindName, EffectOf } from '../../../shared/plan.ts';

/** How far undo can give an effect back; said before the change is applied. */
export interface EffectReversibility {
  readonly reversibility: Reversibility;
  readonly reason: Message | null;
}

/** One kind of effect that is not a file. */
export interface EffectKind<Name extends EffectKindName = EffectKindName> {
  readonly kind: Name;
  /** Where a person would look for it. */
  readonly target: (effect: EffectOf<Name>) => string;
  /** How it stands now, in one line. Throws DevmendError where it cannot be read. */
  readonly read: (effect: EffectOf<Name>) => Promise<string>;
  /** Throws DevmendError where it cannot be set as things stand; sets nothing. */
  readonly requirePossible: (effect: EffectOf<Name>) => Promise<void>;
  /** Brings `effect.value` about. May be interrupted and done again. */
  readonly set: (effect: EffectOf<Name>) => Promise<void>;
  /** What `read` has to answer afterwards; null: whatever a tool makes of the files. */
  readonly expected: (effect: EffectOf<Name>) => string | null;
  /** The effect that leads back to what `read` answered before. */
  readonly back: (effect: EffectOf<Name>, before: string) => EffectOf<Name>;
  readonly reversibility: (effect: EffectOf<Name>) => EffectReversibility;
  /** Programs it runs, as they are run. */
  readonly commands: (effect: EffectOf<Name>) => readonly (readonly string[])[];
}
