import type { CommandRunner } from '../engine/command.ts';
import { runWithPipes } from '../engine/pipes-runner.ts';
import type { FailureLog } from '../ipc/envelope.ts';
import type { JobFlow } from '../ipc/jobs.ts';
import { ptyModule, type PtyModule } from '../terminal/pty-module.ts';
import { createPtyRunner } from '../terminal/pty-runner.ts';

/**
 * Makes runners for the engine's commands: in a pseudo-terminal, or with plain
 * pipes where node-pty's native part cannot be loaded (another libc, for instance).
 */
export function createCommandRunner(log: FailureLog): (flow: JobFlow) => CommandRunner {
  let loading: Promise<PtyModule | null> | undefined;
  return (flow) => async (command, onOutput, signal) => {
    loading ??= loadPty(log);
    const pty = await loading;
    const run = pty === null ? runWithPipes : createPtyRunner(pty, flow);
    return run(command, onOutput, signal);
  };
}

/** Loaded with the first command: a native part that does not load must not keep the app from starting. */
async function loadPty(log: FailureLog): Promise<PtyModule | null> {
  try {
    return ptyModule(await import('node-pty'));
  } catch (error) {
    log({ correlationId: '-', where: 'node-pty', error });
    return null;
  }
}
