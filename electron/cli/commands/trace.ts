import { delimiter, join, resolve } from 'node:path';
import { fail } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { TraceReport } from '../../../shared/trace.ts';
import { createInspection } from '../../engine/create-inspection.ts';
import { hostMachine } from '../../engine/host.ts';
import { isExecutable } from '../../engine/trace/program-file.ts';
import { commandLine } from '../../engine/verify/trial-run.ts';
import { confirmed, type ConfirmOptions } from '../confirmation.ts';
import { errorView, failWith, resultScreen, resultView, type CommandContext } from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { renderTrace } from '../render/trace.ts';
import { put, say } from '../render/view.ts';
import { runJob } from '../session.ts';

export interface TraceCommandOptions extends ConfirmOptions {
  readonly timeLimit?: string;
  readonly ltrace?: boolean;
}

const DEFAULT_SECONDS = 30;
const LONGEST_SECONDS = 3_600;

/** `devmend trace PROGRAM [ARGUMENTS…]`: runs it, once the person has agreed, and explains. */
export async function traceCommand(
  context: CommandContext,
  name: string,
  args: readonly string[],
  options: TraceCommandOptions,
): Promise<ExitStatus> {
  const seconds = options.timeLimit === undefined ? DEFAULT_SECONDS : Number(options.timeLimit);
  if (!(seconds > 0 && seconds <= LONGEST_SECONDS)) {
    const detail = `--time-limit ${options.timeLimit}`;
    return failWith(context, fail('bad-request', { detail }).error, options);
  }
  const program = programPath(name, context.console.environment['PATH'] ?? '');
  if (program === null)
    return failWith(context, fail('file-not-found', { path: name }).error, options);
  const command = commandLine(program, args);
  const allowed = await confirmed(context, options, {
    show: () =>
      resultScreen(context, options).lines([
        put(errorView(context), message('trace.consent')),
        `  ${command}`,
      ]),
    question: say(errorView(context), 'cli.trace.question', { command }),
  });
  if (allowed !== true) return allowed;
  const inspection = createInspection(hostMachine());
  const request = {
    program,
    arguments: args,
    timeLimitMs: seconds * 1000,
    workingDirectory: process.cwd(),
    preferLtrace: options.ltrace === true,
  };
  const answer = await runJob(context, options, 'launching', (job) =>
    inspection.trace(request, job),
  );
  if (!answer.ok) return failWith(context, answer.error, options);
  if (options.json === true) context.console.json(answerDocument('trace', answer.value));
  else context.console.out.lines(renderTrace(resultView(context), answer.value));
  return statusOf(answer.value);
}

/** As a shell finds it: a name on PATH, or a path from the working directory. */
function programPath(name: string, path: string): string | null {
  if (name.includes('/')) return resolve(name);
  const places = path.split(delimiter).map((directory) => join(resolve(directory), name));
  return places.find(isExecutable) ?? null;
}

/** 1 where something stands in the way of the program, as for a scan with findings. */
function statusOf({ end, explanations }: TraceReport): ExitStatus {
  if (end.cancelled) return exitStatus.cancelled;
  return explanations.some(({ kind }) => kind === 'all-well')
    ? exitStatus.done
    : exitStatus.findings;
}
