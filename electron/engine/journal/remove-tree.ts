import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './durable.ts';
import { runCoreTool } from './tools.ts';

/**
 * Removes a file, link or tree of Devmend's own making, durably. A copy may hold
 * directories without write permission (Go's module cache does): those get it first.
 */
export async function removeTree(path: string): Promise<void> {
  const options = { recursive: true, force: true } as const;
  try {
    await rm(path, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    await runCoreTool('chmod', ['-R', 'u+rwX', '--', path], path);
    await rm(path, options);
  }
  await syncDirectory(dirname(path));
}
