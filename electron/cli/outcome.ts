import type { ErrorData, Result } from '../../shared/error.ts';
import type { TransactionOutcome } from '../../shared/history.ts';
import {
  errorView,
  failWith,
  resultView,
  type AnswerOptions,
  type CommandContext,
} from './context.ts';
import { answerDocument } from './documents.ts';
import { statusOfOutcome, type ExitStatus } from './exit-status.ts';
import { wrap } from './render/layout.ts';
import { renderError, renderOutcome, type Deed } from './render/outcome.ts';

/** Tells how a transaction ended; a failure is told on stderr as well. */
export function tellOutcome(
  context: CommandContext,
  options: AnswerOptions,
  answer: Result<TransactionOutcome, ErrorData>,
  deed: Deed,
): ExitStatus {
  if (!answer.ok) return failWith(context, answer.error, options);
  const outcome = answer.value;
  if (options.json === true) context.console.json(answerDocument('outcome', outcome));
  else context.console.out.lines(renderOutcome(resultView(context), outcome, deed));
  tellReason(context, outcome);
  return statusOfOutcome(outcome);
}

/** Why a transaction did not do what was asked, on stderr; nothing where it did. */
export function tellReason(context: CommandContext, { failure }: TransactionOutcome): void {
  if (failure === null) return;
  const view = errorView(context);
  // Off a terminal one line, so that a path in it is found whole.
  const columns = context.console.err.isTerminal ? view.columns : Number.POSITIVE_INFINITY;
  context.console.err.lines(wrap(renderError(view, failure), columns));
}
