import { basename } from 'node:path';
import { fail, ok, type ErrorData, type Result } from '../../../shared/error.ts';
import { debianSuites } from '../../engine/data/debian-suites.ts';
import { readElf } from '../../engine/elf/read.ts';
import { forgottenPrograms } from '../../engine/journal/programs.ts';
import { createSandboxPlan, removeSandboxPlan } from '../../engine/sandbox-plans.ts';
import { chooseSandbox } from '../../engine/sandbox/choose.ts';
import { listSandboxes, type InstalledSandbox } from '../../engine/sandbox/installed.ts';
import { failWith, resultView, type AnswerOptions, type CommandContext } from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { tellOutcome } from '../outcome.ts';
import { renderSandboxes } from '../render/sandbox.ts';
import { paragraph } from '../render/view.ts';
import { openSession, runJob, type Session } from '../session.ts';

/** `devmend sandbox list`: the private C libraries, and who uses them. */
export async function sandboxListCommand(
  context: CommandContext,
  options: AnswerOptions,
): Promise<ExitStatus> {
  const session = openSession();
  const sandboxes = await sandboxesWithUsers(session);
  if (!sandboxes.ok) return failWith(context, sandboxes.error, options);
  if (options.json === true) {
    context.console.json(
      answerDocument('sandboxes', {
        sandboxes: sandboxes.value.map((each) => ({ name: basename(each.directory), ...each })),
      }),
    );
  } else {
    context.console.out.lines(renderSandboxes(resultView(context), sandboxes.value));
  }
  return exitStatus.done;
}

export interface SandboxCreateOptions extends AnswerOptions {
  readonly release?: string;
  readonly source?: string;
}

/** `devmend sandbox create`: a private C library, by default of the newest stable release. */
export async function sandboxCreateCommand(
  context: CommandContext,
  options: SandboxCreateOptions,
): Promise<ExitStatus> {
  const { machine, pipeline } = openSession();
  const newest = debianSuites.filter((suite) => suite.released).at(-1)?.suite ?? null;
  const choice = await runJob(context, options, 'reading', (job) =>
    chooseSandbox(
      machine,
      {
        architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
        versions: {},
        libraries: [],
        kernel: null,
        source: options.source ?? null,
        release: options.release ?? (options.source === undefined ? newest : null),
      },
      job,
    ),
  );
  if (!choice.ok) return failWith(context, choice.error, options);
  const plan = createSandboxPlan(machine, choice.value);
  if (plan === null) {
    const { directory } = choice.value;
    if (options.json === true) {
      context.console.json({ schema: 'devmend.sandbox-present/1', directory });
    } else {
      context.console.out.lines(
        paragraph(resultView(context), 'cli.sandbox.present', { directory }),
      );
    }
    return exitStatus.done;
  }
  const outcome = await runJob(context, options, 'writing', (job) => pipeline.apply(plan, job));
  return tellOutcome(context, options, outcome, { type: 'apply', plan, program: context.program });
}

/** `devmend sandbox remove ID`: only where no program uses it. */
export async function sandboxRemoveCommand(
  context: CommandContext,
  name: string,
  options: AnswerOptions,
): Promise<ExitStatus> {
  const session = openSession();
  const sandboxes = await sandboxesWithUsers(session);
  if (!sandboxes.ok) return failWith(context, sandboxes.error, options);
  const sandbox = sandboxes.value.find(
    ({ directory }) => basename(directory) === name || directory === name,
  );
  if (sandbox === undefined) {
    return failWith(context, fail('sandbox-not-found', { id: name }).error, options);
  }
  const { directory, users } = sandbox;
  if (users.length > 0) {
    const { error } = fail('sandbox-in-use', { directory, programs: users.join(', ') });
    return failWith(context, error, options);
  }
  const plan = removeSandboxPlan(session.machine, directory);
  const outcome = await runJob(context, options, 'writing', (job) =>
    session.pipeline.apply(plan, job),
  );
  return tellOutcome(context, options, outcome, { type: 'apply', plan, program: context.program });
}

/** The sandboxes with every user: copies below the data directory, and programs patched in place. */
async function sandboxesWithUsers(
  session: Session,
): Promise<Result<readonly InstalledSandbox[], ErrorData>> {
  const history = await session.pipeline.history();
  if (!history.ok) return history;
  const forgotten = await forgottenPrograms(session.machine);
  if (!forgotten.ok) return forgotten;
  const patched = history.value.flatMap((transaction) =>
    transaction.changes.flatMap(({ kind, target }) => (kind === 'patch-elf' ? [target] : [])),
  );
  const programs = [...patched, ...forgotten.value];
  const sandboxes = await listSandboxes(session.machine);
  return ok(
    sandboxes.map((sandbox) => ({
      ...sandbox,
      users: [
        ...new Set([
          ...sandbox.users,
          ...programs.filter((program) => pointsInto(program, sandbox.directory)),
        ]),
      ],
    })),
  );
}

function pointsInto(program: string, directory: string): boolean {
  const elf = readElf(program);
  if (!elf.ok) return false;
  const { interpreter, rpath, runpath } = elf.value;
  return [interpreter ?? '', ...rpath, ...runpath].some((path) => path.startsWith(`${directory}/`));
}
