import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { guarded, isAbsent } from '../faults.ts';
import type { Machine } from '../machine.ts';
import { createDurably, renameDurably, unlinkIfThere } from './durable.ts';

const pinsSchema = z.object({
  schema: z.literal('devmend.pins/1'),
  repairs: z.array(z.string()),
});

/** `<state>/pins.json`: ids of the repairs that are kept for good. */
function pinsFile(machine: Machine): string {
  return join(machine.directories.state, 'pins.json');
}

/**
 * Ids of the pinned repairs. Null where the file is there but cannot be understood:
 * then nobody knows what is pinned, and nothing may be removed.
 */
export async function readPins(machine: Machine): Promise<ReadonlySet<string> | null> {
  const path = pinsFile(machine);
  return guarded(path, async () => {
    try {
      const parsed = pinsSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
      return parsed.success ? new Set(parsed.data.repairs) : null;
    } catch (error) {
      if (isAbsent(error)) return new Set<string>();
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  });
}

function stagedPins(machine: Machine): string {
  return `${pinsFile(machine)}.new`;
}

/** Removes what a crash left of writing the ids down. The caller holds the lock. */
export async function removeUnfinishedPins(machine: Machine): Promise<void> {
  await unlinkIfThere(stagedPins(machine));
}

/** Writes the ids down, all or nothing and durably. The caller holds the lock. */
export async function writePins(machine: Machine, repairs: ReadonlySet<string>): Promise<void> {
  const path = pinsFile(machine);
  const text = JSON.stringify({ schema: 'devmend.pins/1', repairs: [...repairs].sort() }, null, 1);
  const staged = stagedPins(machine);
  await guarded(path, async () => {
    await unlinkIfThere(staged);
    try {
      await createDurably(staged, Buffer.from(`${text}\n`));
      await renameDurably(staged, path);
    } catch (error) {
      await unlink(staged).catch(() => undefined);
      throw error;
    }
  });
}
