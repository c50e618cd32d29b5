import { access } from 'node:fs/promises';
import { fail, ok, type ErrorData, type Result } from '../../../shared/error.ts';
import { planSchema, type PlanReview } from '../../../shared/plan.ts';
import { confirmed, type ConfirmOptions } from '../confirmation.ts';
import { failWith, resultScreen, resultView, type CommandContext } from '../context.ts';
import type { ExitStatus } from '../exit-status.ts';
import { tellOutcome } from '../outcome.ts';
import { planFor, type PlanOptions } from '../planning.ts';
import { renderPlan } from '../render/plan.ts';
import { say } from '../render/view.ts';
import { jsonOrNull, openSession, programsOf, readText, runJob, type Session } from '../session.ts';

export type ApplyCommandOptions = PlanOptions & ConfirmOptions;

interface Planned {
  readonly session: Session;
  readonly review: PlanReview;
}

/** `devmend apply PLAN-FILE|FINDING-ID`: carries a plan out, and proves that it worked. */
export async function applyCommand(
  context: CommandContext,
  target: string,
  options: ApplyCommandOptions,
): Promise<ExitStatus> {
  const planned = (await isPlanFile(target))
    ? await planFromFile(context, target, options)
    : await planFromFinding(context, target, options);
  if (!planned.ok) return failWith(context, planned.error, options);
  const { session, review } = planned.value;
  const view = resultView(context, options);
  const allowed = await confirmed(context, options, {
    show: () => resultScreen(context, options).lines([...renderPlan(view, review), '']),
    question: say(view, 'cli.apply.question', {
      repairs: say(view, 'cli.plan.repairs', { count: review.plan.repairs.length }),
    }),
  });
  if (allowed !== true) return allowed;
  const outcome = await runJob(context, options, 'writing', (job) =>
    session.pipeline.apply(review.plan, job),
  );
  return tellOutcome(context, options, outcome, {
    type: 'apply',
    plan: review.plan,
    program: context.program,
  });
}

/** A finding's id has no slash and is no file; anything that looks like a path is one. */
async function isPlanFile(target: string): Promise<boolean> {
  if (target.includes('/') || target.endsWith('.json')) return true;
  try {
    await access(target);
    return true;
  } catch {
    return false;
  }
}

/** The file says what is wanted; what is applied is worked out here, and has to be the same. */
async function planFromFile(
  context: CommandContext,
  path: string,
  options: ApplyCommandOptions,
): Promise<Result<Planned, ErrorData>> {
  const text = await readText(path);
  if (!text.ok) return text;
  const parsed = planSchema.safeParse(jsonOrNull(text.value));
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.join('.') ?? '';
    return fail('plan-invalid', { detail: at === '' ? path : `${path}: ${at}` });
  }
  const session = openSession(options);
  const programs = await programsOf(session, options);
  const review = await runJob(context, options, 'reading', (job) =>
    session.pipeline.reopen(parsed.data, programs, job),
  );
  return review.ok ? ok({ session, review: review.value }) : review;
}

async function planFromFinding(
  context: CommandContext,
  finding: string,
  options: ApplyCommandOptions,
): Promise<Result<Planned, ErrorData>> {
  const session = openSession(options);
  const review = await planFor(context, session, { finding }, options);
  return review.ok ? ok({ session, review: review.value }) : review;
}
