import { Command, CommanderError } from 'commander';
import { VERSION } from '../engine/version.ts';
import {
  commandAdder,
  repeated,
  type Add,
  type CommandBuilder,
  type Finish,
} from './command-builder.ts';
import type { CommandContext } from './context.ts';
import { resultView } from './context.ts';
import { addHistory } from './history-arguments.ts';
import { say, type CliKey, type View } from './render/view.ts';

/**
 * The argument layer: commands, options and their help. Each command's code is
 * imported when it is called for, and not before.
 */
export function createProgram(context: CommandContext, finish: Finish): Command {
  const view = resultView(context);
  const program = new Command('devmend')
    .description(say(view, 'cli.help.devmend'))
    .usage(say(view, 'cli.help.usage'))
    .version(VERSION, '-V, --version', say(view, 'cli.help.option.version'))
    .helpOption('-h, --help', say(view, 'cli.help.option.help'))
    .helpCommand('help [COMMAND]', say(view, 'cli.help.command.help'))
    .addHelpText('after', `\n${say(view, 'cli.help.after')}`)
    .enablePositionalOptions()
    .allowExcessArguments()
    .action(async (_options: object, command: Command) => {
      const [unknown] = command.args;
      if (unknown !== undefined)
        throw new CommanderError(2, 'commander.unknownCommand', `'${unknown}'`);
      const { startWithoutArguments } = await import('./start.ts');
      finish(await startWithoutArguments(context));
    });
  const add = commandAdder(program, view);
  addScanning(add, context, finish);
  addChanging(add, context, finish);
  addHistory(add, context, finish);
  addFiles(add, context, finish);
  addRunning(add, context, finish);
  addComparing(add, context, finish);
  addSandbox(add, context, finish);
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap((each) => each.commands),
  ]) {
    command
      .exitOverride()
      .configureOutput({
        writeErr: () => {},
        writeOut: (text) => context.console.out.lines(text.replace(/\n$/, '').split('\n')),
      })
      .configureHelp({
        helpWidth: view.columns,
        minWidthToWrap: 20,
        styleTitle: (title) => helpTitle(view, title),
      });
  }
  return program;
}

function addScanning(add: Add, context: CommandContext, finish: Finish): void {
  const view = resultView(context);
  const scan = add('scan', 'cli.help.command.scan').target().json();
  scan.command.addOption(repeated('--only <ids>', say(view, 'cli.help.option.only'), ','));
  scan
    .option('--save-snapshot <file>', 'cli.help.option.save-snapshot')
    .option('--redact', 'cli.help.option.redact')
    .option('--snapshot <file>', 'cli.help.option.snapshot')
    .command.action(async (options: object) => {
      const { scanCommand } = await import('./commands/scan.ts');
      finish(await scanCommand(context, options));
    });
  add('explain <finding-id>', 'cli.help.command.explain')
    .target()
    .json()
    .command.action(async (id: string, options: object) => {
      const { explainCommand } = await import('./commands/explain.ts');
      finish(await explainCommand(context, id, options));
    });
}

function addChanging(add: Add, context: CommandContext, finish: Finish): void {
  const view = resultView(context);
  const choices = (builder: CommandBuilder): CommandBuilder => {
    builder.command.addOption(
      repeated('--choice <key=value>', say(view, 'cli.help.option.choice')),
    );
    return builder.option('--repair <id>', 'cli.help.option.repair');
  };
  choices(add('plan [finding-id]', 'cli.help.command.plan').target())
    .option('--all', 'cli.help.option.all')
    .option('--out <file>', 'cli.help.option.out')
    .json()
    .command.action(async (id: string | undefined, options: object) => {
      const { planCommand } = await import('./commands/plan.ts');
      finish(await planCommand(context, id, options));
    });
  choices(add('apply <plan-file|finding-id>', 'cli.help.command.apply').target())
    .option('-y, --yes', 'cli.help.option.yes')
    .json()
    .command.action(async (target: string, options: object) => {
      const { applyCommand } = await import('./commands/apply.ts');
      finish(await applyCommand(context, target, options));
    });
}

function addFiles(add: Add, context: CommandContext, finish: Finish): void {
  add('elf <file|dir...>', 'cli.help.command.elf')
    .json()
    .command.action(async (paths: readonly string[], options: object) => {
      const { elfCommand } = await import('./commands/elf.ts');
      finish(await elfCommand(context, paths, options));
    });
  add('deps <file>', 'cli.help.command.deps')
    .option('--root <dir>', 'cli.help.option.root')
    .option('--dot', 'cli.help.option.dot')
    .json()
    .command.action(async (file: string, options: object) => {
      const { depsCommand } = await import('./commands/deps.ts');
      finish(await depsCommand(context, file, options));
    });
}

function addRunning(add: Add, context: CommandContext, finish: Finish): void {
  add('components', 'cli.help.command.components')
    .option('--root <dir>', 'cli.help.option.root')
    .option('--home <dir>', 'cli.help.option.home')
    .option('--snapshot <file>', 'cli.help.option.snapshot')
    .json()
    .command.action(async (options: object) => {
      const { componentsCommand } = await import('./commands/components.ts');
      finish(await componentsCommand(context, options));
    });
  add('processes', 'cli.help.command.processes')
    .option('--all', 'cli.help.option.all-processes')
    .json()
    .command.action(async (options: object) => {
      const { processesCommand } = await import('./commands/processes.ts');
      finish(await processesCommand(context, options));
    });
  const trace = add('trace <program> [arguments...]', 'cli.help.command.trace');
  // What stands behind the program is the program's own, options too.
  trace.command.passThroughOptions();
  trace
    .option('--time-limit <seconds>', 'cli.help.option.time-limit')
    .option('--ltrace', 'cli.help.option.ltrace')
    .option('-y, --yes', 'cli.help.option.yes-run')
    .json()
    .command.action(async (program: string, args: readonly string[], options: object) => {
      const { traceCommand } = await import('./commands/trace.ts');
      finish(await traceCommand(context, program, args, options));
    });
}

function addComparing(add: Add, context: CommandContext, finish: Finish): void {
  add('matrix', 'cli.help.command.matrix')
    .target()
    .option('--all', 'cli.help.option.all-releases')
    .json()
    .command.action(async (options: object) => {
      const { matrixCommand } = await import('./commands/matrix.ts');
      finish(await matrixCommand(context, options));
    });
  add('upgrade <target>', 'cli.help.command.upgrade')
    .target()
    .json()
    .command.action(async (target: string, options: object) => {
      const { upgradeCommand } = await import('./commands/upgrade.ts');
      finish(await upgradeCommand(context, target, options));
    });
}

function addSandbox(add: Add, context: CommandContext, finish: Finish): void {
  const view = resultView(context);
  const { command: sandbox } = add('sandbox', 'cli.help.command.sandbox');
  const inSandbox = commandAdder(sandbox, view);
  inSandbox('list', 'cli.help.command.sandbox-list')
    .json()
    .command.action(async (options: object) => {
      const { sandboxListCommand } = await import('./commands/sandbox.ts');
      finish(await sandboxListCommand(context, options));
    });
  inSandbox('create', 'cli.help.command.sandbox-create')
    .option('--release <suite>', 'cli.help.option.release')
    .option('--source <source>', 'cli.help.option.source')
    .json()
    .command.action(async (options: object) => {
      const { sandboxCreateCommand } = await import('./commands/sandbox.ts');
      finish(await sandboxCreateCommand(context, options));
    });
  inSandbox('remove <id>', 'cli.help.command.sandbox-remove')
    .json()
    .command.action(async (id: string, options: object) => {
      const { sandboxRemoveCommand } = await import('./commands/sandbox.ts');
      finish(await sandboxRemoveCommand(context, id, options));
    });
}

/** The headings that commander writes itself. */
function helpTitle(view: View, title: string): string {
  const keys: Readonly<Record<string, CliKey>> = {
    'Usage:': 'cli.help.title.usage',
    'Arguments:': 'cli.help.title.arguments',
    'Options:': 'cli.help.title.options',
    'Commands:': 'cli.help.title.commands',
  };
  const key = keys[title];
  return view.style.heading(key === undefined ? title : say(view, key));
}
