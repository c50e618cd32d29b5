import type { CommandContext } from '../context.ts';
import { failWith, resultView, type AnswerOptions } from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { createInspection } from '../../engine/create-inspection.ts';
import { renderMatrix } from '../render/matrix.ts';
import { openSession, scan, type TargetOptions } from '../session.ts';

export interface MatrixCommandOptions extends TargetOptions, AnswerOptions {
  readonly all?: boolean;
}

/** `devmend matrix`: where the programs found here would run, and which releases fit this machine. */
export async function matrixCommand(
  context: CommandContext,
  options: MatrixCommandOptions,
): Promise<ExitStatus> {
  const session = openSession(options);
  const outcome = await scan(context, session, options);
  if (!outcome.ok) return failWith(context, outcome.error, options);
  const report = createInspection(session.machine).matrix(outcome.value);
  if (options.json === true) context.console.json(answerDocument('matrix', report));
  else context.console.out.lines(renderMatrix(resultView(context), report, options.all === true));
  return exitStatus.done;
}
