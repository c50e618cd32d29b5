import { join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { TrialRun } from '../../../shared/plan.ts';
import { trialRun } from '../verify/trial-run.ts';
import type { ChangeContext } from './change.ts';

/** The command line of a trial run for the preview; the staged name is not known yet. */
export function trialCommands(trial: TrialRun | null, target: string): string[][] {
  if (trial === null) return [];
  const variables = Object.entries(trial.environment).map(([name, value]) => `${name}=${value}`);
  const command = [programOf(trial, target), ...trial.args];
  return [variables.length === 0 ? command : ['env', ...variables, ...command]];
}

function programOf(trial: TrialRun, tree: string): string {
  return trial.path === '.' ? tree : join(tree, trial.path);
}

/** Starts a staged program once, before anything points to it; throws when it does not answer. */
export async function runTrial(
  trial: TrialRun,
  staged: string,
  context: ChangeContext,
): Promise<void> {
  const path = programOf(trial, staged);
  const answer = await trialRun({ ...trial, path }, context.machine, context);
  if (!answer.ok) throw DevmendError.from(answer.error);
  const { firstLine } = answer.value;
  if (firstLine !== '')
    context.emit({ type: 'note', note: message('change.note.trial', { answer: firstLine }) });
}
