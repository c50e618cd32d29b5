import type { Change, ChangeKindName, ChangeOf, ChangePreview } from '../../../shared/plan.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';

/** What a change kind is given while it works. */
export interface ChangeContext extends JobContext {
  readonly machine: Machine;
  /**
   * Names a temporary path beside `target` (same directory, so that a rename is
   * atomic) and records it in the journal first, so that recovery can remove it.
   */
  readonly temporary: (target: string) => string;
}

/**
 * One kind of edit. The transaction records the state of every path in
 * `touches` before `apply`, so undo is exact whatever the kind does to them.
 */
export interface ChangeKind<Name extends ChangeKindName = ChangeKindName> {
  readonly kind: Name;
  /** Paths whose state the transaction captures before and after. */
  readonly touches: (change: ChangeOf<Name>) => readonly string[];
  /** Reads only. Throws DevmendError when the change could not be applied as things stand. */
  readonly preview: (change: ChangeOf<Name>, machine: Machine) => Promise<ChangePreview>;
  /** Brings the change about: each touched path goes from before to after in one atomic step. */
  readonly apply: (change: ChangeOf<Name>, context: ChangeContext) => Promise<void>;
  /** Reads back what was written; throws DevmendError when it is not what was meant. */
  readonly verify: (change: ChangeOf<Name>, context: ChangeContext) => Promise<void>;
  /** The changes that take it back, given where its journal record lies. */
  readonly invert: (
    change: ChangeOf<Name>,
    record: { readonly transaction: string; readonly index: number },
  ) => readonly Change[];
}
