import type { CommandContext } from '../context.ts';
import { failWith, resultView, type AnswerOptions } from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { createInspection } from '../../engine/create-inspection.ts';
import { renderUpgrade } from '../render/upgrade.ts';
import { openSession, runJob, scan, type TargetOptions } from '../session.ts';

/** `devmend upgrade TARGET`: what another glibc would change; 1 where a program would stop. */
export async function upgradeCommand(
  context: CommandContext,
  target: string,
  options: TargetOptions & AnswerOptions,
): Promise<ExitStatus> {
  const session = openSession(options);
  const outcome = await scan(context, session, options);
  if (!outcome.ok) return failWith(context, outcome.error, options);
  const inspection = createInspection(session.machine);
  const answer = await runJob(context, options, 'reading', (job) =>
    inspection.upgrade(outcome.value, target, job),
  );
  if (!answer.ok) return failWith(context, answer.error, options);
  if (options.json === true) context.console.json(answerDocument('upgrade', answer.value));
  else context.console.out.lines(renderUpgrade(resultView(context), answer.value));
  return answer.value.programs.some(({ after }) => after === 'fails')
    ? exitStatus.findings
    : exitStatus.done;
}
