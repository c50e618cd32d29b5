import type { Result } from '../../shared/error.ts';
import type { StreamContext } from '../ipc/jobs.ts';
import type { Engine } from './engine.ts';
import type { EngineTask } from './engine-protocol.ts';

/** The engine's answer; its shape is checked against the contract on the way out. */
export async function ask<T>(
  engine: Engine,
  task: EngineTask,
  context?: StreamContext,
): Promise<Result<T>> {
  return (await engine.run(task, context)) as Result<T>;
}
