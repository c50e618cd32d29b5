import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** An X server without a screen. */
export interface Display {
  /** Such as `:1`. */
  readonly name: string;
  readonly close: () => Promise<void>;
}

/** Starts Xvfb on a free display, which it chooses itself. */
export async function openDisplay(): Promise<Display> {
  const server = spawn(
    'Xvfb',
    // -ac: the tests' user is another one than the server's.
    ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp', '-ac'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const ended = once(server, 'exit');
  const number = await Promise.race([
    firstLine(server.stdio[3] as Readable),
    ended.then(() => Promise.reject(new Error('Xvfb ended before it was ready'))),
  ]);
  return {
    name: `:${number}`,
    close: async () => {
      server.kill('SIGTERM');
      await ended;
    },
  };
}

async function firstLine(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.trim();
}
