import { fail } from '../../../shared/error.ts';
import { failWith, resultView, type CommandContext } from '../context.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { planFor, type PlanOptions } from '../planning.ts';
import { renderPlan } from '../render/plan.ts';
import { paragraph } from '../render/view.ts';
import { openSession, writeText } from '../session.ts';

export interface PlanCommandOptions extends PlanOptions {
  readonly all?: boolean;
  readonly out?: string;
}

/**
 * `devmend plan`: what a repair would change, with its diffs; changes nothing.
 * `--json` and `--out` give the plan itself, which `devmend apply` takes.
 */
export async function planCommand(
  context: CommandContext,
  finding: string | undefined,
  options: PlanCommandOptions,
): Promise<ExitStatus> {
  if ((finding === undefined) === (options.all !== true)) {
    const { error } = fail('bad-request', { detail: 'plan FINDING-ID | plan --all' });
    return failWith(context, error, options);
  }
  const wanted = finding === undefined ? 'all' : { finding };
  const review = await planFor(context, openSession(options), wanted, options);
  if (!review.ok) return failWith(context, review.error, options);
  const { plan } = review.value;
  if (options.out !== undefined) {
    const written = await writeText(options.out, `${JSON.stringify(plan, null, 2)}\n`);
    if (!written.ok) return failWith(context, written.error, options);
  }
  if (options.json === true) {
    context.console.json(plan);
    return exitStatus.done;
  }
  const view = resultView(context);
  context.console.out.lines([
    ...renderPlan(view, review.value),
    '',
    ...paragraph(view, 'cli.nothing-changed-yet'),
    ...(options.out === undefined
      ? []
      : paragraph(view, 'cli.plan.saved', {
          path: options.out,
          command: `${context.program} apply ${options.out}`,
        })),
  ]);
  return exitStatus.done;
}
