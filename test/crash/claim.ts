import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 100;

/**
 * Waits until nobody else on this machine has the name, and keeps it until it is released or the
 * process ends: it is that of an abstract socket (unix(7)). `onWait` is called once if it has to.
 */
export async function claim(name: string, onWait: () => void): Promise<() => void> {
  for (let attempt = 0; ; attempt += 1) {
    const server = createServer().unref();
    server.listen(`\0devmend-crash-${name}`);
    try {
      await once(server, 'listening');
      return () => void server.close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
    if (attempt === 0) onWait();
    await pause(PAUSE_MS);
  }
}
