import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInspection } from '../../engine/create-inspection.ts';
import { hostMachine } from '../../engine/host.ts';
import { commandLine } from '../../engine/verify/trial-run.ts';
import { failWith, resultView, type AnswerOptions, type CommandContext } from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { renderProcesses } from '../render/processes.ts';
import { runJob } from '../session.ts';

export interface ProcessesCommandOptions extends AnswerOptions {
  readonly all?: boolean;
}

/** `devmend processes`: what the running editors and Go tools really have loaded. */
export async function processesCommand(
  context: CommandContext,
  options: ProcessesCommandOptions,
): Promise<ExitStatus> {
  const inspection = createInspection(hostMachine());
  const answer = await runJob(context, options, 'reading', (job) =>
    inspection.processes(job, {
      asRoot: `sudo ${ownCommand()}`,
      ...(options.all === undefined ? {} : { all: options.all }),
    }),
  );
  if (!answer.ok) return failWith(context, answer.error, options);
  if (options.json === true) context.console.json(answerDocument('processes', answer.value));
  else context.console.out.lines(renderProcesses(resultView(context), answer.value));
  return exitStatus.done;
}

/** Where the package puts the command; root's search path need not lead there. */
const INSTALLED = '/usr/bin/devmend';

/** Absolute, because root's working directory and search path are others. */
function ownCommand(): string {
  const script = resolve(process.argv[1] ?? '');
  // In the package, Node lies beside the program.
  const isPackaged = dirname(process.execPath) === dirname(script);
  if (isPackaged && existsSync(INSTALLED)) return INSTALLED;
  return commandLine(process.execPath, [script]);
}
