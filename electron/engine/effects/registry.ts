import { assertNever } from '../../../shared/error.ts';
import type { Effect, EffectKindName, EffectOf } from '../../../shared/plan.ts';
import type { EffectKind, EffectReversibility } from './effect.ts';
import { kernelValue } from './kernel-value.ts';
import { loaderCache } from './loader-cache.ts';

type Kinds = { readonly [Name in EffectKindName]: EffectKind<Name> };

/** Every kind of effect there is; a kind of the contract that is missing here does not compile. */
const kinds: Kinds = {
  'kernel-value': kernelValue,
  'loader-cache': loaderCache,
};

/** The names of all kinds, for whoever has to deal with each of them. */
export const effectKindNames: readonly string[] = Object.keys(kinds);

/** An effect with its kind closed over it. */
export interface BoundEffect {
  readonly effect: Effect;
  readonly target: string;
  readonly expected: string | null;
  readonly reversibility: EffectReversibility;
  readonly commands: readonly (readonly string[])[];
  readonly read: () => Promise<string>;
  readonly requirePossible: () => Promise<void>;
  readonly set: () => Promise<void>;
  readonly back: (before: string) => Effect;
}

/** Binds an effect to its kind. */
export function bindEffect(effect: Effect): BoundEffect {
  switch (effect.kind) {
    case 'kernel-value':
      return bind(kinds[effect.kind], effect);
    case 'loader-cache':
      return bind(kinds[effect.kind], effect);
    default:
      return assertNever(effect);
  }
}

function bind<Name extends EffectKindName>(
  kind: EffectKind<Name>,
  effect: EffectOf<Name> & Effect,
): BoundEffect {
  return {
    effect,
    target: kind.target(effect),
    expected: kind.expected(effect),
    reversibility: kind.reversibility(effect),
    commands: kind.commands(effect),
    read: async () => kind.read(effect),
    requirePossible: async () => kind.requirePossible(effect),
    set: async () => kind.set(effect),
    back: (before) => kind.back(effect, before),
  };
}
