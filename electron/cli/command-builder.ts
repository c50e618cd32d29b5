import { Option, type Command } from 'commander';
import type { ExitStatus } from './exit-status.ts';
import { say, type CliKey, type View } from './render/view.ts';

/** Called with the exit status of the command that ran. */
export type Finish = (status: ExitStatus) => void;

/** Adds a command with its help. */
export type Add = (name: string, description: CliKey) => CommandBuilder;

/** Adds options whose texts are in the catalog. */
export interface CommandBuilder {
  readonly command: Command;
  readonly option: (flags: string, description: CliKey) => CommandBuilder;
  readonly target: () => CommandBuilder;
  readonly json: () => CommandBuilder;
}

/** The way to add commands to this one. */
export function commandAdder(parent: Command, view: View): Add {
  return (name, description) => {
    const command = parent
      .command(name)
      .description(say(view, description))
      .allowExcessArguments(false)
      .helpOption('-h, --help', say(view, 'cli.help.option.help'));
    const builder: CommandBuilder = {
      command,
      option: (flags, text) => {
        command.option(flags, say(view, text));
        return builder;
      },
      target: () => {
        command
          .option('--root <dir>', say(view, 'cli.help.option.root'))
          .option('--home <dir>', say(view, 'cli.help.option.home'));
        command.addOption(repeated('--program <path>', say(view, 'cli.help.option.program')));
        return builder;
      },
      json: () => builder.option('--json', 'cli.help.option.json'),
    };
    return builder;
  };
}

/** An option that may be given several times; `only` and the like split at commas too. */
export function repeated(flags: string, description: string, separator?: string): Option {
  return new Option(flags, description).argParser(
    (value: string, previous: readonly string[] | undefined) => [
      ...(previous ?? []),
      ...(separator === undefined ? [value] : value.split(separator).filter((part) => part !== '')),
    ],
  );
}
