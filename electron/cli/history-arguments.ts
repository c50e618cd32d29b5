import { InvalidArgumentError, Option } from 'commander';
import { transactionStatusSchema } from '../../shared/history.ts';
import type { Add, CommandBuilder, Finish } from './command-builder.ts';
import { resultView, type CommandContext } from './context.ts';
import { dayOrTime } from './dates.ts';
import { say, type CliKey } from './render/view.ts';

/** The commands that look into the history, take back, recover, keep and let go. */
export function addHistory(add: Add, context: CommandContext, finish: Finish): void {
  addReading(add, context, finish);
  addReverting(add, context, finish);
  addKeeping(add, context, finish);
}

function addReading(add: Add, context: CommandContext, finish: Finish): void {
  const history = add('history', 'cli.help.command.history');
  const checked = checkedOptions(history, context);
  history
    .option('--program <name>', 'cli.help.option.history-program')
    .option('--file <path>', 'cli.help.option.history-file')
    .option('--kind <kind>', 'cli.help.option.history-kind');
  checked('--status <status>', 'cli.help.option.history-status', status);
  checked('--since <date>', 'cli.help.option.history-since', (value) => date(value, 'start'));
  checked('--until <date>', 'cli.help.option.history-until', (value) => date(value, 'end'));
  history.option('--text <words>', 'cli.help.option.history-text');
  checked('--limit <number>', 'cli.help.option.history-limit', positive);
  history.json().command.action(async (options: object) => {
    const { historyCommand } = await import('./commands/history.ts');
    finish(await historyCommand(context, options));
  });
  add('show <id>', 'cli.help.command.show')
    .json()
    .command.action(async (id: string, options: object) => {
      const { showCommand } = await import('./commands/history.ts');
      finish(await showCommand(context, id, options));
    });
  add('export <id>', 'cli.help.command.export')
    .option('--out <file>', 'cli.help.option.export-out')
    .json()
    .command.action(async (id: string, options: object) => {
      const { exportCommand } = await import('./commands/keep.ts');
      finish(await exportCommand(context, id, options));
    });
}

function addReverting(add: Add, context: CommandContext, finish: Finish): void {
  const undo = add('undo <id>', 'cli.help.command.undo');
  checkedOptions(undo, context)('--on-conflict <what>', 'cli.help.option.on-conflict', (value) =>
    oneOf(['stop', 'keep', 'restore'], value),
  );
  undo
    .option('-y, --yes', 'cli.help.option.yes')
    .json()
    .command.action(async (id: string, options: object) => {
      const { undoCommand } = await import('./commands/undo.ts');
      finish(await undoCommand(context, id, options));
    });
  add('redo <id>', 'cli.help.command.redo')
    .json()
    .command.action(async (id: string, options: object) => {
      const { redoCommand } = await import('./commands/undo.ts');
      finish(await redoCommand(context, id, options));
    });
  add('recover', 'cli.help.command.recover')
    .json()
    .command.action(async (options: object) => {
      const { recoverCommand } = await import('./commands/recover.ts');
      finish(await recoverCommand(context, options));
    });
}

function addKeeping(add: Add, context: CommandContext, finish: Finish): void {
  for (const name of ['pin', 'unpin'] as const)
    add(`${name} <id>`, `cli.help.command.${name}`)
      .json()
      .command.action(async (id: string, options: object) => {
        const { pinCommand } = await import('./commands/keep.ts');
        finish(await pinCommand(context, id, name === 'pin', options));
      });
  add('prune', 'cli.help.command.prune')
    .option('--dry-run', 'cli.help.option.dry-run')
    .option('-y, --yes', 'cli.help.option.yes')
    .json()
    .command.action(async (options: object) => {
      const { pruneCommand } = await import('./commands/keep.ts');
      finish(await pruneCommand(context, options));
    });
}

type Checked = (flags: string, text: CliKey, parse: (value: string) => unknown) => void;

function checkedOptions({ command }: CommandBuilder, context: CommandContext): Checked {
  const view = resultView(context);
  return (flags, text, parse) => {
    command.addOption(new Option(flags, say(view, text)).argParser(parse));
  };
}

function oneOf(allowed: readonly string[], value: string): string {
  if (allowed.includes(value)) return value;
  throw new InvalidArgumentError(`'${value}'`);
}

/** Several, with commas between them. */
function status(value: string): readonly string[] {
  return value.split(',').map((each) => oneOf(transactionStatusSchema.options, each));
}

function date(value: string, edge: 'start' | 'end'): string {
  const time = dayOrTime(value, edge);
  if (time === null) throw new InvalidArgumentError(`'${value}'`);
  return time.toISOString();
}

function positive(value: string): number {
  const number = Number(value);
  if (/^\d{1,9}$/.test(value) && number > 0) return number;
  throw new InvalidArgumentError(`'${value}'`);
}
