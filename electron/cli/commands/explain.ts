import {
  failWith,
  resultView,
  sameTarget,
  type AnswerOptions,
  type CommandContext,
} from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { findingDetail } from '../render/finding.ts';
import { say } from '../render/view.ts';
import { findFinding } from '../find-finding.ts';
import { openSession, scan, type TargetOptions } from '../session.ts';

/** `devmend explain FINDING-ID`: everything known about one finding. */
export async function explainCommand(
  context: CommandContext,
  id: string,
  options: TargetOptions & AnswerOptions,
): Promise<ExitStatus> {
  const scanned = await scan(context, openSession(options), options);
  if (!scanned.ok) return failWith(context, scanned.error, options);
  const finding = findFinding(scanned.value.report, id);
  if (!finding.ok) return failWith(context, finding.error, options);
  if (options.json === true) {
    context.console.json(answerDocument('finding', finding.value));
    return exitStatus.done;
  }
  const view = resultView(context);
  const repairable = finding.value.repairs.some((repair) => repair.refused === null);
  context.console.out.lines([
    ...findingDetail(view, finding.value),
    ...(repairable
      ? [
          '',
          view.style.heading(say(view, 'cli.next.heading')),
          `  ${context.program} plan ${finding.value.id}${sameTarget(options)}`,
          `  ${context.program} apply ${finding.value.id}${sameTarget(options)}`,
        ]
      : []),
  ]);
  return exitStatus.done;
}
