import { setImmediate } from 'node:timers/promises';

/**
 * Lets the event loop turn, so that a cancel or a time limit is seen between
 * two pieces of work; throws the signal's reason when there was one.
 */
export async function pause(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}
