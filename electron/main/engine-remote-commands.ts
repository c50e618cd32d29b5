import type { CommandOutcome, CommandRunner } from '../engine/command.ts';
import type { FromEngine, ToEngine } from './engine-protocol.ts';

interface OpenCommand {
  readonly onOutput: (text: string) => void;
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** The engine thread's end of running commands: asks the main thread, and hears how it goes. */
export interface RemoteCommands {
  /** The runner for the commands of one task. */
  readonly runnerFor: (task: number) => CommandRunner;
  readonly output: (message: Extract<ToEngine, { type: 'command-output' }>) => void;
  readonly end: (message: Extract<ToEngine, { type: 'command-end' }>) => void;
}

export function createRemoteCommands(post: (message: FromEngine) => void): RemoteCommands {
  const open = new Map<number, OpenCommand>();
  let last = 0;
  return {
    runnerFor: (task) => async (spec, onOutput, signal) => {
      last += 1;
      const command = last;
      const cancel = (): void => post({ type: 'command-cancel', command });
      const outcome = new Promise<CommandOutcome>((resolve, reject) => {
        open.set(command, {
          onOutput: (text) => {
            onOutput(text);
            post({ type: 'command-taken', task, characters: text.length });
          },
          resolve,
          reject,
        });
      });
      post({ type: 'command', task, command, spec });
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel, { once: true });
      try {
        return await outcome;
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
    output: ({ command, text }) => open.get(command)?.onOutput(text),
    end({ command, end }) {
      const ended = open.get(command);
      open.delete(command);
      if (end.started) ended?.resolve(end.outcome);
      else ended?.reject(Object.assign(new Error(end.message), { code: end.code }));
    },
  };
}
