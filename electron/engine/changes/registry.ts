import { assertNever } from '../../../shared/error.ts';
import type { Message } from '../../../shared/message.ts';
import type {
  Change,
  ChangeKindName,
  ChangeOf,
  ChangePreview,
  Effect,
} from '../../../shared/plan.ts';
import type { Machine } from '../machine.ts';
import type { ChangeContext, ChangeKind } from './change.ts';
import { copyTree } from './copy-tree.ts';
import { createSandbox } from './create-sandbox.ts';
import { editJson } from './edit-json.ts';
import { patchElf } from './patch-elf.ts';
import { removeTreeKind } from './remove-tree.ts';
import { restoreEffect } from './restore-effect.ts';
import { restore } from './restore.ts';
import { runToolKind } from './run-tool.ts';
import { setSysctl } from './set-sysctl.ts';
import { writeFileKind } from './write-file.ts';

type Kinds = { readonly [Name in ChangeKindName]: ChangeKind<Name> };

/** Every kind of change there is; a kind of the contract that is missing here does not compile. */
const kinds: Kinds = {
  'create-sandbox': createSandbox,
  'copy-tree': copyTree,
  'patch-elf': patchElf,
  'edit-json': editJson,
  'remove-tree': removeTreeKind,
  'write-file': writeFileKind,
  'set-sysctl': setSysctl,
  'run-tool': runToolKind,
  'restore-effect': restoreEffect,
  restore,
};

/** The names of all kinds, for whoever has to deal with each of them. */
export const changeKindNames: readonly string[] = Object.keys(kinds);

/** A change with its kind closed over it. */
export interface BoundChange {
  readonly change: Change;
  readonly touches: readonly string[];
  readonly copies: readonly string[];
  readonly needs: readonly string[];
  readonly points: readonly string[];
  readonly effects: readonly Effect[];
  readonly produces: (before: Buffer | null) => Buffer | null;
  readonly preview: (machine: Machine) => Promise<ChangePreview>;
  readonly apply: (context: ChangeContext) => Promise<void>;
  readonly verify: (context: ChangeContext) => Promise<Message | null>;
}

/** Binds a change to its kind. */
export function bindChange(change: Change): BoundChange {
  switch (change.kind) {
    case 'create-sandbox':
      return bind(kinds[change.kind], change);
    case 'copy-tree':
      return bind(kinds[change.kind], change);
    case 'patch-elf':
      return bind(kinds[change.kind], change);
    case 'edit-json':
      return bind(kinds[change.kind], change);
    case 'remove-tree':
      return bind(kinds[change.kind], change);
    case 'write-file':
      return bind(kinds[change.kind], change);
    case 'set-sysctl':
      return bind(kinds[change.kind], change);
    case 'run-tool':
      return bind(kinds[change.kind], change);
    case 'restore-effect':
      return bind(kinds[change.kind], change);
    case 'restore':
      return bind(kinds[change.kind], change);
    default:
      return assertNever(change);
  }
}

function bind<Name extends ChangeKindName>(
  kind: ChangeKind<Name>,
  change: ChangeOf<Name> & Change,
): BoundChange {
  return {
    change,
    touches: kind.touches(change),
    copies: kind.copies?.(change) ?? [],
    needs: kind.needs(change),
    points: kind.points?.(change) ?? [],
    effects: kind.effects?.(change) ?? [],
    produces: (before) => kind.produces?.(change, before) ?? null,
    preview: async (machine) => kind.preview(change, machine),
    apply: async (context) => kind.apply(change, context),
    verify: async (context) => kind.verify(change, context),
  };
}
