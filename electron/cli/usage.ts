import type { CommanderError } from 'commander';
import { fail, type ErrorData } from '../../shared/error.ts';
import { say, type View } from './render/view.ts';

/** Devmend's own sentence for what commander found wrong with the arguments. */
export function usageProblem(error: CommanderError, view: View): ErrorData {
  // What is quoted last is what was typed: "option '--x <y>' argument 'z' is invalid".
  const name = [...error.message.matchAll(/'([^']*)'/g)].at(-1)?.[1] ?? '';
  return fail('bad-request', { detail: detail(error, view, name) }).error;
}

function detail(error: CommanderError, view: View, name: string): string {
  switch (error.code) {
    case 'commander.unknownOption':
      return say(view, 'cli.usage.unknown-option', { name });
    case 'commander.unknownCommand':
      return say(view, 'cli.usage.unknown-command', { name });
    case 'commander.missingArgument':
      return say(view, 'cli.usage.missing-argument', { name });
    case 'commander.optionMissingArgument':
      return say(view, 'cli.usage.option-value', { name });
    case 'commander.excessArguments':
      return say(view, 'cli.usage.excess-arguments');
    case 'commander.conflictingOption':
    case 'commander.invalidArgument':
      return say(view, 'cli.usage.invalid-value', { name });
    case 'commander.help':
      return say(view, 'cli.usage.missing-command');
    default:
      return error.message.replace(/^error: /, '');
  }
}
