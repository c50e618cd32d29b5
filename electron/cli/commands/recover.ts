import { failWith, resultView, type AnswerOptions, type CommandContext } from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, statusOfOutcome, type ExitStatus } from '../exit-status.ts';
import { tellReason } from '../outcome.ts';
import { isWhole, renderOutcome } from '../render/outcome.ts';
import { paragraph } from '../render/view.ts';
import { openSession, runJob } from '../session.ts';

/** `devmend recover`: puts back what a crash or a power cut left half done. */
export async function recoverCommand(
  context: CommandContext,
  options: AnswerOptions,
): Promise<ExitStatus> {
  const { pipeline } = openSession();
  const recovered = await runJob(context, options, 'writing', (job) => pipeline.recover(job));
  if (!recovered.ok) return failWith(context, recovered.error, options);
  const outcomes = recovered.value;
  if (options.json === true) {
    context.console.json(answerDocument('recovery', { outcomes }));
  } else {
    const view = resultView(context);
    context.console.out.lines(
      outcomes.length === 0
        ? paragraph(view, 'cli.recover.nothing')
        : outcomes.flatMap((outcome) =>
            renderOutcome(view, outcome, { type: 'recover', program: context.program }),
          ),
    );
  }
  for (const outcome of outcomes) tellReason(context, outcome);
  // Rolling back is what recovery is for; only what is still open, or not all back, has failed.
  const failed = outcomes.find((outcome) => !isWhole(outcome));
  return failed === undefined ? exitStatus.done : statusOfOutcome(failed);
}
