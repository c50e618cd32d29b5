import type { MemorySample } from './memory.ts';

/**
 * What must not happen.
 * - `throw`: the reader threw something that is not one of its errors
 * - `slow`: it took more processor time than allowed, each time it was asked
 * - `endless`: it did not come to an end
 * - `crash`: the process died: out of memory, or an error outside any call
 * - `leak`: memory grows with the number of inputs
 */
export type FindingKind = 'throw' | 'slow' | 'endless' | 'crash' | 'leak';

export interface Finding {
  readonly target: string;
  readonly kind: FindingKind;
  readonly detail: string;
  readonly seed: number;
  /** Number of the input, counted from 0; null where it is not one input's doing. */
  readonly input: number | null;
  /** The seed that the input was made from. */
  readonly seedName: string;
  /** What was changed in it, where that is known; as few edits as still fail. */
  readonly edits: ChildFinding['edits'];
  readonly bytes: Buffer;
  /** Where the input was written to. */
  readonly file: string | null;
}

/** What running one target came to. */
export interface Outcome {
  readonly target: string;
  readonly inputs: number;
  readonly findings: readonly Finding[];
  /** The slowest input in milliseconds: processor time where a limit was passed at first. */
  readonly slowestMs: number;
  readonly samples: readonly MemorySample[];
  readonly blocks: number;
  readonly corpus: number;
  readonly seconds: number;
}

/** Asks a process for one campaign. */
export interface Order {
  readonly target: string;
  readonly seedDirectory: string;
  /** Its own, for what readers need on disk. */
  readonly workDirectory: string;
  /** Takes the input that runs. */
  readonly currentFile: string;
  readonly seed: number;
  readonly first: number;
  readonly runs: number;
  readonly coverage: boolean;
  readonly slowMs: number | null;
  /** One input to run instead of mutants; bytes as base64. */
  readonly replay: { readonly seedName: string; readonly bytes: string } | null;
}

/** What a process answers. */
export type Report =
  | { readonly type: 'finding'; readonly finding: ChildFinding }
  | {
      readonly type: 'done';
      readonly slowestMs: number;
      readonly samples: readonly MemorySample[];
      readonly blocks: number;
      readonly corpus: number;
    };

/** A finding on its way between processes: bytes as base64. */
export interface ChildFinding {
  readonly kind: Exclude<FindingKind, 'leak'>;
  readonly detail: string;
  readonly input: number;
  readonly seedName: string;
  readonly edits: readonly {
    readonly at: number;
    readonly remove: number;
    readonly insert: string;
  }[];
  readonly bytes: string;
}
