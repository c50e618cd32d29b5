import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const sizeSchema = z.object({
  width: z.number().int().min(900).max(20_000),
  height: z.number().int().min(600).max(20_000),
  maximised: z.boolean(),
});
/** Outer size of the window in device-independent pixels. */
export type WindowSize = z.infer<typeof sizeSchema>;

const FIRST: WindowSize = { width: 1240, height: 800, maximised: false };

function sizeFile(stateDirectory: string): string {
  return join(stateDirectory, 'window.json');
}

/** The size the window had last, or the first one where there is none to be read. */
export async function lastWindowSize(stateDirectory: string): Promise<WindowSize> {
  try {
    const parsed = sizeSchema.safeParse(
      JSON.parse(await readFile(sizeFile(stateDirectory), 'utf8')),
    );
    return parsed.success ? parsed.data : FIRST;
  } catch {
    return FIRST;
  }
}

/**
 * Remembers the size. Synchronous, because the app may end right after its window;
 * a size that cannot be written down is simply not remembered.
 */
export function rememberWindowSize(stateDirectory: string, size: WindowSize): void {
  const file = sizeFile(stateDirectory);
  try {
    mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, `${JSON.stringify(size)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    // Full disk, read-only home: the next window has its first size again.
  }
}
