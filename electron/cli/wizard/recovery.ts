import { tellReason } from '../outcome.ts';
import { renderInterrupted } from '../render/interrupted.ts';
import { renderOutcome } from '../render/outcome.ts';
import { paragraph, say } from '../render/view.ts';
import { runJob } from '../session.ts';
import { agrees, leaveWhenCancelled, type Wizard } from './stage.ts';

/** An interrupted repair is the first thing to hear about. */
export async function offerRecovery(wizard: Wizard): Promise<void> {
  const { context, session, view } = wizard;
  const status = await session.pipeline.recoveryStatus();
  if (!status.ok) {
    wizard.tell(status.error);
    return;
  }
  const { interrupted, readOnly } = status.value;
  if (readOnly) wizard.show(paragraph(view, 'cli.wizard.read-only'));
  if (interrupted.length === 0 || readOnly) return;
  wizard.show(renderInterrupted(view, interrupted, context.program));
  if (!(await agrees(say(view, 'cli.wizard.recover-question')))) return;
  const recovered = await runJob(context, {}, 'writing', (job) => session.pipeline.recover(job));
  if (recovered.ok) {
    wizard.show(
      recovered.value.flatMap((outcome) =>
        renderOutcome(view, outcome, { type: 'recover', program: context.program }),
      ),
    );
    for (const outcome of recovered.value) tellReason(context, outcome);
  } else {
    leaveWhenCancelled(wizard.tell(recovered.error));
  }
}
