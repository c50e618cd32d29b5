import { basename } from 'node:path';
import { CommanderError } from 'commander';
import { fail, DevmendError, type ErrorData } from '../../shared/error.ts';
import { processConsole } from './console.ts';
import { errorView, failWith, type CommandContext } from './context.ts';
import { exitStatus, type ExitStatus } from './exit-status.ts';
import { terminalLanguage } from './language.ts';
import { createProgram } from './program.ts';
import { usageProblem } from './usage.ts';

/** Processor architectures (as Node names them) whose loader Devmend can simulate. */
const ARCHITECTURES: readonly string[] = ['x64', 'arm64'];

async function run(context: CommandContext, argv: readonly string[]): Promise<ExitStatus> {
  const json = argv.includes('--json');
  if (process.platform !== 'linux' || !ARCHITECTURES.includes(process.arch)) {
    const { platform, arch: architecture } = process;
    return failWith(context, fail('unsupported-platform', { platform, architecture }).error, {
      json,
    });
  }
  let status: ExitStatus = exitStatus.done;
  const program = createProgram(context, (finished) => {
    status = finished;
  });
  try {
    await program.parseAsync(argv);
    return status;
  } catch (error) {
    // Help and version are answers, not failures, though commander throws for them too.
    if (error instanceof CommanderError && error.exitCode === 0) return exitStatus.done;
    return failWith(context, failureOf(error, context), { json });
  }
}

function failureOf(error: unknown, context: CommandContext): ErrorData {
  if (error instanceof CommanderError) return usageProblem(error, errorView(context));
  if (error instanceof DevmendError) return error.data;
  if (context.console.environment['DEVMEND_DEBUG'])
    process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
  return fail('internal', { detail: error instanceof Error ? error.message : String(error) }).error;
}

/** How this program was called, so that suggested commands can be typed as they stand. */
function programName(script: string | undefined): string {
  if (script === undefined || basename(script).startsWith('devmend')) return 'devmend';
  return `node ${script}`;
}

const context: CommandContext = {
  console: processConsole(terminalLanguage(process.env)),
  program: programName(process.argv[1]),
};
void run(context, process.argv).then(async (status) => {
  await context.console.flush();
  process.exit(status);
});
