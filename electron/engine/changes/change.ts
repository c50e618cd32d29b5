import type { Message } from '../../../shared/message.ts';
import type {
  Change,
  ChangeKindName,
  ChangeOf,
  ChangePreview,
  Effect,
} from '../../../shared/plan.ts';
import { bindEffect } from '../effects/registry.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';

/**
 * What a change kind is given while it works. A kind never renames, writes or
 * removes at its target by itself: the four verbs below are journalled before
 * they act, so that a crash at any point is recovered for every kind alike.
 */
export interface ChangeContext extends JobContext {
  readonly machine: Machine;
  /**
   * Names a temporary path beside `target` (same directory, so that a rename is
   * atomic), makes missing directories above it and records both first, so that
   * recovery can remove them. What is put there is the kind's own business.
   */
  readonly temporary: (target: string) => Promise<string>;
  /** Puts a finished temporary in place of the target, atomically and durably. */
  readonly install: (staged: string, target: string) => Promise<void>;
  /** Writes a file's content in place: for files whose other hard links must follow. */
  readonly overwrite: (target: string, content: Buffer) => Promise<void>;
  /** Takes the target away, atomically; its before-image keeps it. */
  readonly remove: (target: string) => Promise<void>;
  /** Moves a tree from a transaction's before-images back to its place. */
  readonly take: (image: string, target: string) => Promise<void>;
}

/**
 * One kind of edit. The transaction records the state of every path in
 * `touches` before `apply`, and `restore` brings any of them back, so undo is
 * exact whatever the kind does to them.
 */
export interface ChangeKind<Name extends ChangeKindName = ChangeKindName> {
  readonly kind: Name;
  /** Paths whose state the transaction captures before and after. */
  readonly touches: (change: ChangeOf<Name>) => readonly string[];
  /** Paths that it copies whole from, into what it touches. None when left out. */
  readonly copies?: (change: ChangeOf<Name>) => readonly string[];
  /** Paths that what it makes cannot work without, such as a sandbox's loader. */
  readonly needs: (change: ChangeOf<Name>) => readonly string[];
  /** Programs that it points to what it needs. None when left out. */
  readonly points?: (change: ChangeOf<Name>) => readonly string[];
  /**
   * What it brings about that is not a file: set by the transaction behind the change's
   * own files, in this order. None when left out.
   */
  readonly effects?: (change: ChangeOf<Name>) => readonly Effect[];
  /**
   * What it makes of a text file's content (null: there was none), worked out without
   * writing: a three-way comparison shows it. Left out by kinds that edit no text; null
   * where it cannot be told.
   */
  readonly produces?: (change: ChangeOf<Name>, before: Buffer | null) => Buffer | null;
  /** Reads only. Throws DevmendError when the change could not be applied as things stand. */
  readonly preview: (change: ChangeOf<Name>, machine: Machine) => Promise<ChangePreview>;
  /** Brings the change about: each touched path goes from before to after in one atomic step. */
  readonly apply: (change: ChangeOf<Name>, context: ChangeContext) => Promise<void>;
  /**
   * Reads back what was written; throws DevmendError when it is not what was meant.
   * Answers what is worth telling beside the finished step, if anything is.
   */
  readonly verify: (change: ChangeOf<Name>, context: ChangeContext) => Promise<Message | null>;
}

/** True where root will have to apply it and this is not root: what may be written tells nothing. */
export function isForRoot({ privilege }: Pick<Change, 'privilege'>): boolean {
  return privilege === 'root' && process.getuid?.() !== 0;
}

/** The path a person would name as what the change is about. */
export function targetOf(change: Change): string {
  switch (change.kind) {
    case 'create-sandbox':
      return change.directory;
    case 'copy-tree':
      return change.to;
    case 'set-sysctl':
    case 'run-tool':
    case 'restore-effect':
      return bindEffect(change.effect).target;
    default:
      return change.path;
  }
}
