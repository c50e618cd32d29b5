import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import * as real from '../../electron/engine/journal/attributes.ts';

export {
  attributesReadable,
  readTreeAttributes,
} from '../../electron/engine/journal/attributes.ts';

/**
 * Stands in for the engine's attributes.ts where `npm run crash` judges: the same answers from
 * a process that stays (attributes.c). The program that is interrupted has the engine's own.
 */
let reader: ChildProcessByStdio<Writable, Readable, null> | null = null;
let pending: ((answer: string) => void)[] = [];

/** Starts the reader that makeTools has compiled; without it, and after its end, getfattr is asked. */
export function useReader(program: string): void {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('latin1');
  child.stdout.on('data', (data: string) => {
    const answers = (text + data).split('\0');
    text = answers.pop() ?? '';
    for (const answer of answers) pending.shift()?.(answer);
  });
  child.stdin.on('error', () => undefined);
  child.once('close', () => {
    reader = null;
    for (const answered of pending) answered(UNKNOWN);
    pending = [];
  });
  reader = child;
}

export function endReader(): void {
  reader?.stdin.end();
}

const UNKNOWN = '?';

export async function readAttributes(path: string): Promise<string | null> {
  const answer = await new Promise<string>((resolve) => {
    if (reader === null) return resolve(UNKNOWN);
    pending.push(resolve);
    reader.stdin.write(`${path}\0`);
  });
  return answer === UNKNOWN ? real.readAttributes(path) : `getfattr:${answer}`;
}
