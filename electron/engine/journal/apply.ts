import { fail, ok, type Result } from '../../../shared/error.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';
import { message, type Message } from '../../../shared/message.ts';
import {
  planSchema,
  type ChangePreview,
  type Plan,
  type Verification,
} from '../../../shared/plan.ts';
import { bindChange } from '../changes/registry.ts';
import { bindEffect } from '../effects/registry.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { requireKeepable } from './foreseen.ts';
import { requireFresh, requireUsablePlan, requireWritableJournal } from './guards.ts';
import { requireUnneeded } from './in-use.ts';
import { readRelevant } from './listing.ts';
import { refusal } from './refusal.ts';
import { runTransaction, type CheckAnswer } from './transaction.ts';

/** What the transaction asks of the outside: to run a plan's verifications. */
export interface ApplyServices {
  readonly runVerification: (
    verification: Verification,
    machine: Machine,
    job: JobContext,
  ) => Promise<CheckAnswer>;
}

/**
 * Applies a plan as one transaction. `ok` with the outcome once something has been
 * written down (`verified`, `applied`, `rolled-back` or `interrupted`); a failure
 * (`locked`, `plan-stale`, `disk-full`, `recovery-needed` …) when it was refused
 * with nothing written.
 */
export async function applyPlan(
  machine: Machine,
  plan: Plan,
  job: JobContext,
  services: ApplyServices,
): Promise<Result<TransactionOutcome>> {
  const parsed = planSchema.safeParse(plan);
  if (!parsed.success)
    return fail('plan-invalid', { detail: parsed.error.issues[0]?.path.join('.') ?? '' });
  return runTransaction(
    machine,
    {
      operation: 'apply',
      undoes: null,
      reverts: null,
      plan: parsed.data,
      title: titleOf(plan),
      subjects: plan.repairs.map((repair) => repair.subject),
      kept: [],
      checks: plan.verifications.map((verification) => ({
        title: verification.title,
        run: async (running) => services.runVerification(verification, machine, running),
      })),
      guard: async () => {
        requireUsablePlan(plan, machine);
        const removed = plan.changes.flatMap((change) =>
          change.kind === 'remove-tree' ? [change.path] : [],
        );
        const all = await readRelevant(machine, null, removed);
        requireWritableJournal(all, reachOfPlan(parsed.data));
        await requireUnneeded(machine, all, { paths: removed, restored: [], repair: null });
        await requireFresh(plan, job.signal);
      },
    },
    job,
  );
}

/** What a plan touches, and what it stands on. */
function reachOfPlan(plan: Plan): readonly string[] {
  return plan.changes.map(bindChange).flatMap(({ touches, needs, effects }) => {
    const targets = effects.map((effect) => bindEffect(effect).target);
    return [...touches, ...needs, ...targets];
  });
}

/** Whether a plan is for this machine and nothing it relies on has changed. Reads only. */
export async function checkPlan(
  machine: Machine,
  plan: Plan,
  signal: AbortSignal,
): Promise<Result<null>> {
  try {
    requireUsablePlan(plan, machine);
    await requireFresh(plan, signal);
    return ok(null);
  } catch (error) {
    return refusal(error, '');
  }
}

/** One repair speaks for itself; several are counted and their subjects named. */
export function titleOf(plan: Plan): Message {
  const [first] = plan.repairs;
  if (first !== undefined && plan.repairs.length === 1) return first.title;
  const subjects = plan.repairs.map((repair) => repair.subject).join(', ');
  return message('journal.title.several', { count: plan.repairs.length, subjects });
}

/**
 * What each change of a plan will do, with its diff and commands. Reads only. A
 * change that could not be applied as things stand, or not be taken back exactly, is a
 * failure naming why.
 */
export async function reviewPlan(
  plan: Plan,
  machine: Machine,
): Promise<Result<readonly ChangePreview[]>> {
  try {
    const previews: ChangePreview[] = [];
    for (const bound of plan.changes.map(bindChange)) {
      previews.push(await bound.preview(machine));
      await requireKeepable(machine, bound);
    }
    return { ok: true, value: previews };
  } catch (error) {
    return refusal(error, '');
  }
}
