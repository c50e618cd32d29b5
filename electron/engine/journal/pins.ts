import * as z from 'zod';
import type { Machine } from '../machine.ts';
import { readStateFile, removeUnfinished, writeStateFile } from './state-file.ts';

/** `<state>/pins.json`: ids of the repairs that are kept for good. */
const pinsFile = {
  name: 'pins.json',
  schema: z.object({ schema: z.literal('devmend.pins/1'), repairs: z.array(z.string()) }),
  none: { schema: 'devmend.pins/1' as const, repairs: [] },
};

/**
 * Ids of the pinned repairs. Null where the file is there but cannot be understood:
 * then nobody knows what is pinned, and nothing may be removed.
 */
export async function readPins(machine: Machine): Promise<ReadonlySet<string> | null> {
  const content = await readStateFile(machine, pinsFile);
  return content === null ? null : new Set(content.repairs);
}

/** Removes what a crash left of writing the ids down. The caller holds the lock. */
export async function removeUnfinishedPins(machine: Machine): Promise<void> {
  await removeUnfinished(machine, pinsFile);
}

/** Writes the ids down, all or nothing and durably. The caller holds the lock. */
export async function writePins(machine: Machine, repairs: ReadonlySet<string>): Promise<void> {
  const content = { schema: pinsFile.none.schema, repairs: [...repairs].sort() };
  await writeStateFile(machine, pinsFile, content);
}
