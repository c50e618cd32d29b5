import { createInspection } from '../../engine/create-inspection.ts';
import type { ComponentReport } from '../../../shared/component.ts';
import type { AnswerOptions, CommandContext } from '../context.ts';
import { failWith, resultView, sameTarget } from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { renderComponents } from '../render/components.ts';
import { paragraph } from '../render/view.ts';
import { openSession, readSnapshot, scan, type TargetOptions } from '../session.ts';

export interface ComponentsCommandOptions extends TargetOptions, AnswerOptions {
  readonly snapshot?: string;
}

/** `devmend components`: what editors and Go load that DT_NEEDED does not show, worst first. */
export async function componentsCommand(
  context: CommandContext,
  options: ComponentsCommandOptions,
): Promise<ExitStatus> {
  const replayed = options.snapshot === undefined ? null : await readSnapshot(options.snapshot);
  if (replayed !== null && !replayed.ok) return failWith(context, replayed.error, options);
  const { snapshot: _path, ...rest } = options;
  const session = openSession(options);
  const outcome = await scan(context, session, {
    ...rest,
    ...(replayed === null ? {} : { snapshot: replayed.value }),
  });
  if (!outcome.ok) return failWith(context, outcome.error, options);
  const report = createInspection(session.machine).components(outcome.value);
  if (options.json === true) context.console.json(answerDocument('components', report));
  else answer(context, options, report);
  return fails(report) ? exitStatus.findings : exitStatus.done;
}

/** Whether something that would be used here cannot be. */
function fails({ groups }: ComponentReport): boolean {
  return groups.some(({ components }) => components.some(({ state }) => state === 'fails'));
}

function answer(
  context: CommandContext,
  options: ComponentsCommandOptions,
  report: ComponentReport,
): void {
  const view = resultView(context);
  const { out } = context.console;
  out.lines(renderComponents(view, report));
  if (report.groups.some(({ components }) => components.some(({ finding }) => finding !== null))) {
    out.lines(
      paragraph(view, 'cli.scan.explain-hint', {
        command: `${context.program} explain`,
        options: sameTarget(options),
      }),
    );
  }
}
