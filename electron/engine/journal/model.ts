import { assertNever, type ErrorData } from '../../../shared/error.ts';
import type { z } from 'zod';
import type { Unrestored } from '../../../shared/history.ts';
import type { Effect } from '../../../shared/plan.ts';
import type { BeginEntry, Entry, ImageReference, StepEntry, answeredSchema } from './entries.ts';
import type { PathState } from './path-state.ts';

export type Answered = z.infer<typeof answeredSchema>;

/** One path of a transaction: what it was, and every step that was announced for it. */
export interface PathRecord {
  readonly index: number;
  readonly path: string;
  /** Ids of the changes that touch it, in order. */
  readonly changes: readonly string[];
  readonly before: PathState;
  readonly image: ImageReference | null;
  readonly steps: StepEntry[];
  /** Directories made for it, outermost first. */
  readonly directories: string[];
}

/** One effect of a transaction that is not a file. */
export interface EffectRecord {
  readonly index: number;
  readonly change: string;
  readonly what: Effect;
  /** What was read before anything was changed. */
  readonly before: string;
  /** What was to be read after it was announced; null: a tool decides. Absent: not announced. */
  announced?: string | null;
  /** What was read after it had been set. */
  left: string | null;
}

/** How far a transaction got. Everything but `committed` and `rolled-back` is interrupted. */
export type Phase = 'preparing' | 'prepared' | 'rolling-back' | 'committed' | 'rolled-back';

/** What the entries of a journal add up to. */
export interface TransactionModel {
  begin: BeginEntry | null;
  at: string;
  phase: Phase;
  readonly records: PathRecord[];
  readonly effects: EffectRecord[];
  readonly temporaries: string[];
  readonly started: string[];
  readonly done: string[];
  readonly answers: Answered[];
  status: 'applied' | 'verified' | null;
  failure: ErrorData | null;
  durationMs: number | null;
  kept: readonly string[];
  unrestored: readonly Unrestored[];
  entries: number;
}

/** The model of a journal without entries. */
export function emptyModel(): TransactionModel {
  return {
    begin: null,
    at: '',
    phase: 'preparing',
    records: [],
    effects: [],
    temporaries: [],
    started: [],
    done: [],
    answers: [],
    status: null,
    failure: null,
    durationMs: null,
    kept: [],
    unrestored: [],
    entries: 0,
  };
}

/**
 * Takes one entry into the model. The running transaction and recovery use the
 * same function, so that a crash can lose entries but never their meaning.
 */
export function advance(model: TransactionModel, at: string, entry: Entry): void {
  model.entries += 1;
  switch (entry.type) {
    case 'begin':
      model.begin = entry;
      model.at = at;
      model.kept = entry.kept;
      model.phase = 'prepared';
      return;
    case 'before':
      model.records.push(recordFrom(entry));
      return;
    case 'effect':
    case 'effect-step':
    case 'effect-done':
      takeEffect(model.effects, entry);
      return;
    case 'start':
      model.started.push(entry.change);
      return;
    case 'temporary':
      model.temporaries.push(entry.path);
      return;
    case 'directory':
      model.records[entry.record]?.directories.push(entry.path);
      return;
    case 'step':
      model.records[entry.record]?.steps.push(entry);
      return;
    case 'done':
      model.done.push(entry.change);
      return;
    case 'verified':
      model.answers.push(entry.answer);
      return;
    case 'commit':
      model.phase = 'committed';
      model.status = entry.status;
      model.durationMs = entry.durationMs;
      return;
    case 'roll-back':
      model.phase = 'rolling-back';
      model.failure = entry.failure;
      return;
    case 'rolled-back':
      model.phase = 'rolled-back';
      model.durationMs = entry.durationMs;
      model.kept = [...model.kept, ...entry.kept];
      model.unrestored = entry.unrestored ?? [];
      return;
    default:
      assertNever(entry);
  }
}

function recordFrom(entry: Extract<Entry, { type: 'before' }>): PathRecord {
  const { record: index, path, changes, state: before, image } = entry;
  return { index, path, changes, before, image, steps: [], directories: [] };
}

type EffectEntry = Extract<Entry, { type: 'effect' | 'effect-step' | 'effect-done' }>;

function takeEffect(effects: EffectRecord[], entry: EffectEntry): void {
  if (entry.type === 'effect') {
    const { effect: index, change, what, state: before } = entry;
    effects.push({ index, change, what, before, left: null });
    return;
  }
  const effect = effects[entry.effect];
  if (effect === undefined) return;
  if (entry.type === 'effect-step') effect.announced = entry.after;
  else effect.left = entry.state;
}

/** The state that the transaction left a path in: its last step's, or what it was before. */
export function leftState(record: PathRecord): PathState {
  return record.steps[record.steps.length - 1]?.after ?? record.before;
}
