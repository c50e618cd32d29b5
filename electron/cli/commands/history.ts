import { fail, ok, type ErrorData, type Result } from '../../../shared/error.ts';
import { failWith, resultView, type AnswerOptions, type CommandContext } from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { renderHistory, renderTransaction } from '../render/history.ts';
import { paragraph } from '../render/view.ts';
import { openSession, type Session } from '../session.ts';

/** `devmend history`: every change Devmend has made, newest first. */
export async function historyCommand(
  context: CommandContext,
  options: AnswerOptions,
): Promise<ExitStatus> {
  const { pipeline } = openSession();
  const history = await pipeline.history();
  if (!history.ok) return failWith(context, history.error, options);
  if (options.json === true) {
    context.console.json(answerDocument('history', { transactions: history.value }));
    return exitStatus.done;
  }
  const view = resultView(context);
  const recovery = await pipeline.recoveryStatus();
  const interrupted = recovery.ok ? recovery.value.interrupted.length : 0;
  context.console.out.lines([
    ...(interrupted === 0
      ? []
      : [
          ...paragraph(view, 'cli.history.interrupted', {
            count: interrupted,
            command: `${context.program} recover`,
          }),
          '',
        ]),
    ...renderHistory(view, history.value),
  ]);
  return exitStatus.done;
}

/** `devmend show ID`: everything the journal knows of one transaction. */
export async function showCommand(
  context: CommandContext,
  id: string,
  options: AnswerOptions,
): Promise<ExitStatus> {
  const session = openSession();
  const transaction = await findTransaction(session, id);
  if (!transaction.ok) return failWith(context, transaction.error, options);
  const detail = await session.pipeline.show(transaction.value);
  if (!detail.ok) return failWith(context, detail.error, options);
  if (options.json === true) {
    context.console.json(answerDocument('transaction', detail.value));
  } else {
    context.console.out.lines(renderTransaction(resultView(context), detail.value));
  }
  return exitStatus.done;
}

/** The id of the transaction that this is, or that is the only one to begin with it. */
export async function findTransaction(
  session: Session,
  id: string,
): Promise<Result<string, ErrorData>> {
  const history = await session.pipeline.history();
  if (!history.ok) return history;
  const ids = history.value.map((transaction) => transaction.id);
  if (ids.includes(id)) return ok(id);
  const candidates = id === '' ? [] : ids.filter((each) => each.startsWith(id));
  const [only, ...others] = candidates;
  if (only === undefined) return fail('transaction-not-found', { id });
  if (others.length > 0) {
    return fail('transaction-ambiguous', { id, candidates: candidates.join(', ') });
  }
  return ok(only);
}
