import { join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { TrialRun } from '../../../shared/plan.ts';
import { trialRun } from '../verify/trial-run.ts';
import type { ChangeContext } from './change.ts';

/** Starts a staged program once, before anything points to it; throws when it does not answer. */
export async function runTrial(
  trial: TrialRun,
  staged: string,
  context: ChangeContext,
): Promise<void> {
  const path = trial.path === '.' ? staged : join(staged, trial.path);
  const answer = await trialRun({ ...trial, path }, context.machine, context);
  if (!answer.ok) throw DevmendError.from(answer.error);
  const { firstLine } = answer.value;
  if (firstLine !== '')
    context.emit({ type: 'note', note: message('change.note.trial', { answer: firstLine }) });
}
