import type { Command, CommandOutcome } from '../engine/command.ts';
import type { ConflictChoice, ExportForm, RepairRequest } from '../engine/pipeline.ts';
import type { Result } from '../../shared/error.ts';
import type { HistoryQuery, RetentionLimits } from '../../shared/history.ts';
import type { JobProgress } from '../../shared/job.ts';
import type { Language } from '../../shared/messages/translate.ts';
import type { Plan } from '../../shared/plan.ts';

/** One piece of work for the engine, as it travels to the worker thread. */
export type EngineTask =
  | { readonly method: 'scan'; readonly programs: readonly string[] }
  | {
      readonly method: 'plan';
      readonly programs: readonly string[];
      readonly requests: readonly RepairRequest[];
    }
  | { readonly method: 'apply'; readonly plan: Plan }
  | { readonly method: 'history'; readonly query: HistoryQuery }
  | { readonly method: 'pin'; readonly id: string; readonly pinned: boolean }
  | {
      readonly method: 'exportEntry';
      readonly id: string;
      readonly form: ExportForm;
      readonly language: Language;
    }
  | { readonly method: 'retentionPreview'; readonly limits: RetentionLimits }
  | {
      readonly method: 'prune';
      readonly limits: RetentionLimits;
      readonly expected: readonly string[];
    }
  | { readonly method: 'show'; readonly id: string }
  | { readonly method: 'undoPreview'; readonly id: string }
  | { readonly method: 'undo'; readonly id: string; readonly onConflict: ConflictChoice }
  | { readonly method: 'redo'; readonly id: string }
  | { readonly method: 'recoveryStatus' }
  | { readonly method: 'recover' }
  | { readonly method: 'programs' }
  | { readonly method: 'dependencies'; readonly id: string }
  | { readonly method: 'components' }
  | { readonly method: 'processes' }
  | { readonly method: 'matrix' }
  | { readonly method: 'upgrade'; readonly target: string }
  | { readonly method: 'trace'; readonly id: string; readonly arguments: 'none' | 'version' };

/** How a command ended, or why it could not be started. */
export type CommandEnd =
  | { readonly started: true; readonly outcome: CommandOutcome }
  | { readonly started: false; readonly code: string; readonly message: string };

/** From the main thread to the engine. */
export type ToEngine =
  | { readonly type: 'task'; readonly task: number; readonly work: EngineTask }
  | { readonly type: 'cancel'; readonly task: number }
  | { readonly type: 'command-output'; readonly command: number; readonly text: string }
  | { readonly type: 'command-end'; readonly command: number; readonly end: CommandEnd };

/** From the engine to the main thread. */
export type FromEngine =
  | { readonly type: 'event'; readonly task: number; readonly event: JobProgress }
  | { readonly type: 'result'; readonly task: number; readonly result: Result<unknown> }
  | { readonly type: 'failure'; readonly task: number; readonly stack: string }
  | {
      readonly type: 'command';
      readonly task: number;
      readonly command: number;
      readonly spec: Command;
    }
  | { readonly type: 'command-taken'; readonly task: number; readonly characters: number }
  | { readonly type: 'command-cancel'; readonly command: number };
