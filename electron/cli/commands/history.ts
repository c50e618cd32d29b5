import { resolve } from 'node:path';
import { fail, ok, type ErrorData, type Result } from '../../../shared/error.ts';
import type {
  HistoryPage,
  HistoryQuery,
  TransactionStatus,
  TransactionSummary,
} from '../../../shared/history.ts';
import { journalRoot } from '../../engine/journal/store.ts';
import { failWith, resultView, type AnswerOptions, type CommandContext } from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { renderHistory, renderTransaction } from '../render/history.ts';
import { renderInterrupted } from '../render/interrupted.ts';
import { paragraph, type View } from '../render/view.ts';
import { openSession, type Session } from '../session.ts';

/** So many entries a terminal shows unless it is told otherwise. */
const SCREENFUL = 50;
/** The most that one question to the engine may answer. */
const STRETCH = 1000;

export interface HistoryCommandOptions extends AnswerOptions {
  readonly program?: string;
  readonly file?: string;
  readonly kind?: string;
  readonly status?: readonly TransactionStatus[];
  readonly since?: string;
  readonly until?: string;
  readonly text?: string;
  readonly limit?: number;
}

type Found = Pick<HistoryPage, 'total' | 'matching' | 'transactions'>;

/** `devmend history`: the changes Devmend has made, newest first; all, or those asked for. */
export async function historyCommand(
  context: CommandContext,
  options: HistoryCommandOptions,
): Promise<ExitStatus> {
  const session = openSession();
  const screenful = context.console.out.isTerminal && options.json !== true;
  const limit = options.limit ?? (screenful ? SCREENFUL : Number.POSITIVE_INFINITY);
  const found = await find(session, queryOf(options), limit);
  if (!found.ok) return failWith(context, found.error, options);
  if (options.json === true) {
    context.console.json(answerDocument('history', found.value));
    return exitStatus.done;
  }
  const view = resultView(context);
  context.console.out.lines([
    ...(await interruptedNotice(context, session)),
    ...listed(context, session, found.value),
    ...moreNotice(view, found.value),
  ]);
  return exitStatus.done;
}

function queryOf(options: HistoryCommandOptions): HistoryQuery {
  const { program, file, kind, status, since, until, text } = options;
  return {
    ...(program === undefined ? {} : { program }),
    ...(file === undefined ? {} : { file: resolve(file) }),
    ...(kind === undefined ? {} : { kind }),
    ...(status === undefined ? {} : { status: [...status] }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(text === undefined ? {} : { text }),
  };
}

/** Up to `limit` entries, however many questions that takes. */
async function find(
  session: Session,
  query: HistoryQuery,
  limit: number,
): Promise<Result<Found, ErrorData>> {
  const transactions: TransactionSummary[] = [];
  for (;;) {
    const page = await session.pipeline.historyPage({
      ...query,
      offset: transactions.length,
      limit: Math.min(STRETCH, limit - transactions.length),
    });
    if (!page.ok) return page;
    const { total, matching } = page.value;
    transactions.push(...page.value.transactions);
    const whole = transactions.length >= Math.min(limit, matching);
    if (whole || page.value.transactions.length === 0) return ok({ total, matching, transactions });
  }
}

function listed(context: CommandContext, session: Session, found: Found): readonly string[] {
  const view = resultView(context);
  if (found.total > 0 && found.matching === 0)
    return paragraph(view, 'cli.history.no-match', { count: found.total });
  return renderHistory(view, found.transactions, journalRoot(session.machine));
}

function moreNotice(view: View, found: Found): readonly string[] {
  const count = found.matching - found.transactions.length;
  if (count <= 0 || found.transactions.length === 0) return [];
  const option = `--limit ${found.matching}`;
  return ['', ...paragraph(view, 'cli.history.more', { count, option })];
}

/** The line that an interrupted repair gets wherever the history is looked at; none without one. */
async function interruptedNotice(
  context: CommandContext,
  { pipeline }: Session,
): Promise<readonly string[]> {
  const recovery = await pipeline.recoveryStatus();
  if (!recovery.ok || recovery.value.interrupted.length === 0) return [];
  const view = resultView(context);
  return [...renderInterrupted(view, recovery.value.interrupted, context.program), ''];
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
    context.console.out.lines([
      ...(await interruptedNotice(context, session)),
      ...renderTransaction(resultView(context), detail.value, journalRoot(session.machine)),
    ]);
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
