import { fail } from '../../shared/error.ts';
import { ask, InputEnded, Interrupted, isYes } from './confirm.ts';
import { errorView, failWith, type AnswerOptions, type CommandContext } from './context.ts';
import { exitStatus, type ExitStatus } from './exit-status.ts';
import { printable } from './render/untrusted.ts';
import { say } from './render/view.ts';

export interface ConfirmOptions extends AnswerOptions {
  readonly yes?: boolean;
}

/**
 * Whether the person agrees. `--yes` is their word given beforehand; without it
 * a terminal is needed to ask on. Answers true, or the exit status to end with.
 */
export async function confirmed(
  context: CommandContext,
  options: ConfirmOptions,
  decision: { readonly show: () => void; readonly question: string },
): Promise<true | ExitStatus> {
  if (options.yes === true) return true;
  if (!context.console.interactive) {
    if (options.json !== true) decision.show();
    return failWith(context, fail('confirmation-needed').error, options);
  }
  decision.show();
  const view = errorView(context);
  const agreed = await answerTo(`${printable(decision.question, false)} [y/N] `);
  if (agreed) return true;
  context.console.err.lines([say(view, 'cli.nothing-changed')]);
  return exitStatus.cancelled;
}

async function answerTo(question: string): Promise<boolean> {
  try {
    return isYes(await ask(question));
  } catch (error) {
    if (!(error instanceof Interrupted || error instanceof InputEnded)) throw error;
    process.stderr.write('\n');
    return false;
  }
}
