import type { CommandRunner } from '../engine/command.ts';
import type { JobFlow } from '../ipc/jobs.ts';
import type { FromEngine, ToEngine } from './engine-protocol.ts';

type CommandRequest = Extract<FromEngine, { type: 'command' }>;

/** Runs the engine's commands on its behalf, where node-pty is. */
export interface EngineCommands {
  readonly run: (request: CommandRequest, flow: JobFlow) => Promise<void>;
  readonly cancel: (command: number) => void;
  readonly cancelAll: () => void;
}

export function createEngineCommands(
  runnerFor: (flow: JobFlow) => CommandRunner,
  post: (message: ToEngine) => void,
): EngineCommands {
  const running = new Map<number, AbortController>();
  return {
    async run({ command, spec }, flow) {
      const controller = new AbortController();
      running.set(command, controller);
      // Output counts as on its way from here to the engine, and again from there to the window.
      const onOutput = (text: string): void => {
        flow.sent(text.length);
        post({ type: 'command-output', command, text });
      };
      try {
        const outcome = await runnerFor(flow)(spec, onOutput, controller.signal);
        post({ type: 'command-end', command, end: { started: true, outcome } });
      } catch (error) {
        const { code = 'EUNKNOWN', message } = error as NodeJS.ErrnoException;
        post({ type: 'command-end', command, end: { started: false, code, message } });
      } finally {
        running.delete(command);
      }
    },
    cancel: (command) => running.get(command)?.abort(),
    cancelAll() {
      for (const controller of running.values()) controller.abort();
    },
  };
}
