import { createInterface } from 'node:readline/promises';

/** Ctrl-C at a question. */
export class Interrupted extends Error {}
/** Ctrl-D, or a terminal that went away. */
export class InputEnded extends Error {}

/**
 * Asks one question on the terminal (keys from stdin, question to stderr, so that
 * stdout stays free for the answer of the command).
 * Rejects with {@link Interrupted} or {@link InputEnded}.
 */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.once('SIGINT', () => reject(new Interrupted('interrupted')));
      terminal.once('close', () => reject(new InputEnded('input ended')));
      terminal.question(question).then(resolve, reject);
    });
  } finally {
    terminal.close();
  }
}

/** Whether the answer to a `[y/N]` question is yes, in either language. */
export function isYes(answer: string): boolean {
  return /^(y|yes|是|好)$/iu.test(answer.trim());
}
