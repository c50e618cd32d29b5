import type { ErrorData } from '../../shared/error.ts';
import { statusOfError, type ExitStatus } from './exit-status.ts';
import type { Console, Screen } from './console.ts';
import { wrap } from './render/layout.ts';
import { commandLine } from './render/plan.ts';
import { renderError } from './render/outcome.ts';
import { viewOf, type View } from './render/view.ts';

/** What every command is given. */
export interface CommandContext {
  readonly console: Console;
  /** How this program is called, for commands that are suggested: `devmend`. */
  readonly program: string;
}

/** Options that every command with an answer shares. */
export interface AnswerOptions {
  readonly json?: boolean;
}

/** The options that a suggested command needs to see the same things again. */
export function sameTarget(options: {
  readonly root?: string;
  readonly home?: string;
  readonly program?: readonly string[];
}): string {
  const words = [
    ...(options.root === undefined ? [] : ['--root', options.root]),
    ...(options.home === undefined ? [] : ['--home', options.home]),
    ...(options.program ?? []).flatMap((path) => ['--program', path]),
  ];
  return words.length === 0 ? '' : ` ${commandLine(words)}`;
}

/** The view for results; with `--json`, stdout belongs to the object alone. */
export function resultScreen(context: CommandContext, options: AnswerOptions): Screen {
  return options.json === true ? context.console.err : context.console.out;
}

/** The view of whoever reads the results. */
export function resultView(context: CommandContext, options: AnswerOptions = {}): View {
  return viewOf(resultScreen(context, options), context.console.language);
}

/** The view of whoever reads errors, progress and questions. */
export function errorView(context: CommandContext): View {
  return viewOf(context.console.err, context.console.language);
}

/**
 * Tells a failure: one sentence on stderr, with `--json` an object on stdout too,
 * and the exit status that belongs to it.
 */
export function failWith(
  context: CommandContext,
  error: ErrorData,
  options: AnswerOptions = {},
): ExitStatus {
  const view = errorView(context);
  const sentence = renderError(view, error);
  context.console.err.lines(
    wrap(sentence, context.console.err.isTerminal ? view.columns : Number.POSITIVE_INFINITY),
  );
  if (options.json === true) {
    context.console.json({
      schema: 'devmend.error/1',
      error: { code: error.code, params: error.params, message: sentence },
    });
  }
  return statusOfError(error);
}
