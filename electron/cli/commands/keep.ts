import type { ErrorData, Result } from '../../../shared/error.ts';
import type { RetentionOutcome, RetentionPreview } from '../../../shared/history.ts';
import { readSettings } from '../../engine/settings.ts';
import { confirmed, type ConfirmOptions } from '../confirmation.ts';
import {
  failWith,
  resultScreen,
  resultView,
  type AnswerOptions,
  type CommandContext,
} from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { historyEntry } from '../render/history.ts';
import { renderRetention, renderRetentionOutcome } from '../render/retention.ts';
import { paragraph, put, say } from '../render/view.ts';
import { jsonOrNull, openSession, writeText, type Session } from '../session.ts';
import { withTransaction } from './with-transaction.ts';

/** `devmend pin ID`, `devmend unpin ID`: keep a repair in the history for good, or no longer. */
export function pinCommand(
  context: CommandContext,
  given: string,
  pinned: boolean,
  options: AnswerOptions,
): Promise<ExitStatus> {
  return withTransaction(context, given, options, async (session, id) => {
    const answer = await session.pipeline.pin(id, pinned);
    if (!answer.ok) return failWith(context, answer.error, options);
    const summary = answer.value;
    if (options.json === true) {
      context.console.json(answerDocument('pin', { summary }));
      return exitStatus.done;
    }
    const view = resultView(context);
    context.console.out.lines([
      ...paragraph(view, pinned ? 'cli.pin.pinned' : 'cli.pin.unpinned', {
        title: put(view, summary.title),
      }),
      ...historyEntry(view, summary, '', null),
    ]);
    return exitStatus.done;
  });
}

export interface PruneCommandOptions extends ConfirmOptions {
  readonly dryRun?: boolean;
}

/** `devmend prune`: shows what the limits of the settings let go, and lets it go. */
export async function pruneCommand(
  context: CommandContext,
  options: PruneCommandOptions,
): Promise<ExitStatus> {
  const session = openSession();
  const { settings } = await readSettings(session.machine.directories.config);
  const answer = await session.pipeline.retentionPreview(settings.retention);
  if (!answer.ok) return failWith(context, answer.error, options);
  const preview = answer.value;
  const view = resultView(context, options);
  const show = (): void =>
    resultScreen(context, options).lines([...renderRetention(view, preview), '']);
  if (options.dryRun === true || preview.expired.length === 0)
    return tellPreview(context, options, preview);
  const allowed = await confirmed(context, options, {
    show,
    question: say(view, 'cli.prune.question', { count: preview.expired.length }),
  });
  if (allowed !== true) return allowed;
  return tellPruned(context, options, await prune(session, preview));
}

/** Nothing but what has been shown. */
function prune(
  session: Session,
  preview: RetentionPreview,
): Promise<Result<RetentionOutcome, ErrorData>> {
  return session.pipeline.prune(
    preview.limits,
    preview.expired.map(({ id }) => id),
  );
}

function tellPreview(
  context: CommandContext,
  options: AnswerOptions,
  preview: RetentionPreview,
): ExitStatus {
  if (options.json === true) context.console.json(answerDocument('retention-preview', preview));
  else context.console.out.lines(renderRetention(resultView(context), preview));
  return exitStatus.done;
}

function tellPruned(
  context: CommandContext,
  options: AnswerOptions,
  answer: Result<RetentionOutcome, ErrorData>,
): ExitStatus {
  if (!answer.ok) return failWith(context, answer.error, options);
  const outcome = answer.value;
  if (options.json === true) context.console.json(answerDocument('retention', outcome));
  else context.console.out.lines(renderRetentionOutcome(resultView(context), outcome));
  return outcome.failures.length === 0 ? exitStatus.done : exitStatus.failed;
}

export interface ExportCommandOptions extends AnswerOptions {
  readonly out?: string;
}

/** `devmend export ID`: one entry as a text to pass on, without names and secrets. */
export function exportCommand(
  context: CommandContext,
  given: string,
  options: ExportCommandOptions,
): Promise<ExitStatus> {
  return withTransaction(context, given, options, async (session, id) => {
    const form = options.json === true ? 'json' : 'markdown';
    const text = await session.pipeline.exportEntry(id, form, context.console.language);
    if (!text.ok) return failWith(context, text.error, options);
    if (options.out !== undefined) {
      const written = await writeText(options.out, text.value);
      if (!written.ok) return failWith(context, written.error, options);
    }
    if (form === 'json') context.console.json(jsonOrNull(text.value) ?? {});
    else if (options.out === undefined)
      context.console.out.lines(text.value.replace(/\n$/u, '').split('\n'));
    else
      context.console.out.lines(
        paragraph(resultView(context), 'cli.export.written', { path: options.out }),
      );
    return exitStatus.done;
  });
}
