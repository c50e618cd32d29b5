import type { Machine } from '../../electron/engine/machine.ts';
import type { Change, ChangeKindName, EffectKindName } from '../../shared/plan.ts';
import type { Workbench } from '../integration/journal/workbench.ts';

/** A home to be repaired, on a disk of its own, and the machine that Devmend sees. */
export interface World extends Workbench {
  readonly machine: Machine;
}

/** Something the repair changes that lies on no disk, such as a kernel value. */
export interface Outside {
  /** What only one campaign on a machine can change at a time. */
  readonly name: string;
  /** Directories in which it is changed: calls there are interrupted too. */
  readonly under: readonly string[];
  readonly read: () => string;
  readonly write: (value: string) => void;
}

/**
 * One repair that the campaign interrupts. A new kind of change joins by being named
 * in `kinds` of a scenario whose plan has it, a new kind of effect in `effects`;
 * `npm run check` fails until then.
 */
export interface Scenario {
  /** What is asked for by `--scenario`. */
  readonly name: string;
  /** Kinds of the plan's changes. The campaign compares it with the plan. */
  readonly kinds: readonly ChangeKindName[];
  /** Kinds of their effects that are no files, compared alike; none when left out. */
  readonly effects?: readonly EffectKindName[];
  /** The home lies on another file system than the journal. */
  readonly split?: true;
  /** Makes the home and answers the changes of the repair. */
  readonly prepare: (world: World) => readonly Change[] | Promise<readonly Change[]>;
  /** What of it lies on no disk. */
  readonly outside?: (world: World) => Outside;
  /**
   * What must be true beyond the common invariants, whether the repair is in effect
   * or not; answers what is wrong.
   */
  readonly wrong?: (world: World, applied: boolean) => readonly string[];
}
