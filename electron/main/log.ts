import { appendFileSync, chmodSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { redactText } from '../engine/secrets/redact-text.ts';
import type { FailureLog } from '../ipc/envelope.ts';

/** The log is turned over at this size, in bytes; one older file is kept. */
const TURN_OVER_AT = 1_000_000;

/**
 * The app's log file in the state directory, readable by its owner only. It is
 * the one place where stacks are kept; secrets are not. A log that cannot be
 * written is no reason to fail: the entry is lost.
 */
export function openLog(stateDirectory: string): FailureLog {
  const file = join(stateDirectory, 'devmend.log');
  return ({ correlationId, where, error }) => {
    const detail = redactText(error instanceof Error ? stackOf(error) : String(error));
    const line = `${new Date().toISOString()} ${correlationId} ${where}: ${detail}\n`;
    try {
      mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
      turnOver(file);
      appendFileSync(file, line, { mode: 0o600 });
      chmodSync(file, 0o600);
    } catch {
      // Full disk, read-only home: the window already tells what failed.
    }
  };
}

/** The message is looked at by itself: behind the name of the error JSON would be none. */
function stackOf({ stack, message }: Error): string {
  const clean = redactText(message);
  return stack === undefined ? clean : stack.replace(message, () => clean);
}

function turnOver(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > TURN_OVER_AT) renameSync(file, `${file}.1`);
}
