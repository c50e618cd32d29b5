import type { RepairRequest, ScanOutcome } from '../../engine/pipeline.ts';
import type { Plan } from '../../../shared/plan.ts';
import { ask, isYes } from '../confirm.ts';
import { tellOutcome } from '../outcome.ts';
import { parseChoices } from '../choices.ts';
import { planRequests } from '../planning.ts';
import { renderPlan } from '../render/plan.ts';
import { paragraph, say } from '../render/view.ts';
import { runJob } from '../session.ts';
import { leaveWhenCancelled, type Wizard } from './stage.ts';

/**
 * Plan, question, repair, proof. Answers the plan that was applied, after which
 * everything has to be scanned afresh, or null.
 */
export async function repairStep(
  wizard: Wizard,
  scanned: ScanOutcome,
  requests: readonly RepairRequest[],
): Promise<Plan | null> {
  const { context, session, view } = wizard;
  wizard.step('plan');
  const review = await planRequests(context, session, scanned, requests, {});
  if (!review.ok) {
    leaveWhenCancelled(wizard.tell(review.error));
    return null;
  }
  wizard.show([
    ...renderPlan(view, review.value),
    '',
    ...choiceHints(wizard, scanned, requests),
    ...paragraph(view, 'cli.nothing-changed-yet'),
  ]);
  const answer = await ask(`${applyQuestion(wizard, review.value.plan)} [y/N] `);
  if (answer.includes('=')) {
    const choices = parseChoices(answer.trim().split(/\s+/u));
    if (choices.ok) {
      const changed = requests.map((request) => ({
        ...request,
        choices: { ...request.choices, ...choices.value },
      }));
      return repairStep(wizard, scanned, changed);
    }
  }
  if (isYes(answer)) return applyPlan(wizard, review.value.plan);
  wizard.show(paragraph(view, 'cli.nothing-changed'));
  return null;
}

function applyQuestion(wizard: Wizard, plan: Plan): string {
  const { view } = wizard;
  return say(view, 'cli.apply.question', {
    repairs: say(view, 'cli.plan.repairs', { count: plan.repairs.length }),
  });
}

async function applyPlan(wizard: Wizard, plan: Plan): Promise<Plan | null> {
  const { context, session } = wizard;
  wizard.step('repair');
  const outcome = await runJob(context, {}, 'writing', (job) => session.pipeline.apply(plan, job));
  const done = outcome.ok && outcome.value.failure === null;
  if (done) wizard.step('done');
  const status = tellOutcome(context, {}, outcome, {
    type: 'apply',
    plan,
    program: context.program,
  });
  leaveWhenCancelled(status);
  return done ? plan : null;
}

/** Decisions that the plan has taken by itself and that can be typed to change it. */
function choiceHints(
  wizard: Wizard,
  scanned: ScanOutcome,
  requests: readonly RepairRequest[],
): readonly string[] {
  const keys = new Set(
    requests.flatMap((request) => {
      const finding = scanned.report.findings.find((each) => each.id === request.finding);
      const repair = finding?.repairs.find((each) =>
        request.repair === null ? each.recommended : each.repair === request.repair,
      );
      return (repair?.choices ?? []).map((choice) =>
        choice.options === null
          ? `${choice.key}=...`
          : `${choice.key}=${choice.options.map((option) => option.value).join('|')}`,
      );
    }),
  );
  return keys.size === 0
    ? []
    : paragraph(wizard.view, 'cli.wizard.choices', { choices: [...keys].join('  ') });
}
