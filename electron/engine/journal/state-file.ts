import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import { guarded, isAbsent } from '../faults.ts';
import type { Machine } from '../machine.ts';
import { createDurably, renameDurably, unlinkIfThere } from './durable.ts';

/** A small file beside the journal that is replaced as a whole. */
export interface StateFile<Content> {
  readonly name: string;
  readonly schema: z.ZodType<Content>;
  /** What it says where there is none yet. */
  readonly none: Content;
}

/** Where it lies: `<state>/<name>`. */
export function stateFilePath(machine: Machine, { name }: StateFile<unknown>): string {
  return join(machine.directories.state, name);
}

/** Null where the file is there but cannot be understood: nobody knows what it said. */
export async function readStateFile<Content>(
  machine: Machine,
  file: StateFile<Content>,
): Promise<Content | null> {
  const path = stateFilePath(machine, file);
  return guarded(path, async () => {
    try {
      const parsed = file.schema.safeParse(JSON.parse(await readFile(path, 'utf8')));
      return parsed.success ? parsed.data : null;
    } catch (error) {
      if (isAbsent(error)) return file.none;
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  });
}

function stagedPath(machine: Machine, file: StateFile<unknown>): string {
  return `${stateFilePath(machine, file)}.new`;
}

/** Writes it, all or nothing and durably. The caller holds the lock. */
export async function writeStateFile<Content>(
  machine: Machine,
  file: StateFile<Content>,
  content: Content,
): Promise<void> {
  const path = stateFilePath(machine, file);
  const staged = stagedPath(machine, file);
  await guarded(path, async () => {
    await unlinkIfThere(staged);
    try {
      await createDurably(staged, Buffer.from(`${JSON.stringify(content, null, 1)}\n`));
      await renameDurably(staged, path);
    } catch (error) {
      await unlink(staged).catch(() => undefined);
      throw error;
    }
  });
}

/** Removes what a crash left of writing it. The caller holds the lock. */
export async function removeUnfinished(machine: Machine, file: StateFile<unknown>): Promise<void> {
  await unlinkIfThere(stagedPath(machine, file));
}
