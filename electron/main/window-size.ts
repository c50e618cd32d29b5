import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivately } from './settings-store.ts';

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

/** Remembers the size; a size that cannot be written down is simply not remembered. */
export async function rememberWindowSize(stateDirectory: string, size: WindowSize): Promise<void> {
  await writePrivately(sizeFile(stateDirectory), `${JSON.stringify(size)}\n`).catch(
    () => undefined,
  );
}
