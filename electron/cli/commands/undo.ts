import type { ErrorData } from '../../../shared/error.ts';
import type { UndoPreview } from '../../../shared/history.ts';
import type { ConflictChoice } from '../../engine/pipeline.ts';
import { confirmed, type ConfirmOptions } from '../confirmation.ts';
import {
  errorView,
  failWith,
  resultScreen,
  resultView,
  type AnswerOptions,
  type CommandContext,
} from '../context.ts';
import type { ExitStatus } from '../exit-status.ts';
import { tellOutcome } from '../outcome.ts';
import { conflictingPaths, renderConflictChoices, renderUndoPreview } from '../render/history.ts';
import { say } from '../render/view.ts';
import { runJob, type Session } from '../session.ts';
import { withTransaction } from './with-transaction.ts';

export interface UndoCommandOptions extends ConfirmOptions {
  readonly onConflict?: ConflictChoice;
}

/** `devmend undo ID`: shows what would go back, and takes it back. */
export function undoCommand(
  context: CommandContext,
  given: string,
  options: UndoCommandOptions,
): Promise<ExitStatus> {
  return withTransaction(context, given, options, (session, id) =>
    undo(context, session, id, options),
  );
}

async function undo(
  context: CommandContext,
  session: Session,
  id: string,
  options: UndoCommandOptions,
): Promise<ExitStatus> {
  const answer = await session.pipeline.undoPreview(id);
  if (!answer.ok) return failWith(context, answer.error, options);
  const preview = answer.value;
  const onConflict = options.onConflict ?? 'stop';
  const obstacle = obstacleTo(preview, onConflict);
  const view = resultView(context, options);
  const show = (): void =>
    resultScreen(context, options).lines([...renderUndoPreview(view, preview), '']);
  if (obstacle !== null) {
    if (options.json !== true && preview.items.length > 0) show();
    const status = refuse(context, preview, obstacle, options);
    if (obstacle.code === 'nothing-to-undo') await pointToRedo(context, session, id);
    return status;
  }
  const allowed = await confirmed(context, options, {
    show,
    question: say(view, 'cli.undo.question'),
  });
  if (allowed !== true) return allowed;
  const outcome = await runJob(context, options, 'writing', (job) =>
    session.pipeline.undo(id, onConflict, job),
  );
  const { program } = context;
  return tellOutcome(context, options, outcome, { type: 'undo', of: id, program });
}

/** `devmend redo ID`: applies again what an undo has taken back. */
export function redoCommand(
  context: CommandContext,
  given: string,
  options: AnswerOptions,
): Promise<ExitStatus> {
  return withTransaction(context, given, options, async (session, id) => {
    const outcome = await runJob(context, options, 'writing', (job) =>
      session.pipeline.redo(id, job),
    );
    const { program } = context;
    return tellOutcome(context, options, outcome, { type: 'redo', of: id, program });
  });
}

/** What stands in the way before anything is asked or written; null when nothing does. */
function obstacleTo(preview: UndoPreview, onConflict: ConflictChoice): ErrorData | null {
  const later = preview.later[0];
  if (later !== undefined) return errorData('later-transaction', { id: later.id });
  const paths = conflictingPaths(preview);
  if (paths.length > 0 && onConflict === 'stop') {
    return errorData('conflict', { paths: paths.join(', '), count: paths.length });
  }
  return preview.possible || paths.length > 0
    ? null
    : (preview.reason ?? errorData('nothing-to-undo', { id: preview.id }));
}

function errorData(code: ErrorData['code'], params: ErrorData['params']): ErrorData {
  return { code, params, correlationId: '' };
}

function refuse(
  context: CommandContext,
  preview: UndoPreview,
  obstacle: ErrorData,
  options: UndoCommandOptions,
): ExitStatus {
  const status = failWith(context, obstacle, options);
  if (obstacle.code === 'conflict') {
    context.console.err.lines(renderConflictChoices(errorView(context), preview, context.program));
  }
  return status;
}

/** Whoever undoes an undo wants the repair back: that is redo, where it is possible. */
async function pointToRedo(
  context: CommandContext,
  { pipeline }: Session,
  id: string,
): Promise<void> {
  const asked = await pipeline.show(id);
  if (!asked.ok) return;
  const repair = asked.value.summary.undoes ?? id;
  const detail = await pipeline.show(repair);
  if (!detail.ok || !detail.value.canRedo) return;
  const view = errorView(context);
  context.console.err.lines([say(view, 'cli.undo.undone'), `  ${context.program} redo ${repair}`]);
}
