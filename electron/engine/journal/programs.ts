import { lstat } from 'node:fs/promises';
import * as z from 'zod';
import { DevmendError, ok, type Result } from '../../../shared/error.ts';
import type { Plan } from '../../../shared/plan.ts';
import { bindChange } from '../changes/registry.ts';
import { readElf } from '../elf/read.ts';
import { isAbsent } from '../faults.ts';
import type { Machine } from '../machine.ts';
import type { ListedChain } from './listing.ts';
import { realNames } from './real-name.ts';
import { refusal } from './refusal.ts';
import { readStateFile, removeUnfinished, stateFilePath, writeStateFile } from './state-file.ts';
import { readPlan, readTransaction } from './store.ts';

/** A program that a repair has pointed into something, and where it pointed it. */
export interface PointedProgram {
  readonly program: string;
  readonly needs: readonly string[];
}

/**
 * `<state>/programs.json`: programs of repairs that the history has let go. As long as the
 * history has a repair, its plan tells the same. That one is named here is no claim that
 * it still points there: whoever asks looks at the program.
 */
const programsFile = {
  name: 'programs.json',
  schema: z.object({
    schema: z.literal('devmend.programs/1'),
    programs: z.array(z.object({ program: z.string(), needs: z.array(z.string()) })),
  }),
  none: { schema: 'devmend.programs/1' as const, programs: [] },
};

/** Throws `journal-damaged` where the file cannot be understood: then nobody knows. */
export async function recordedPrograms(machine: Machine): Promise<readonly PointedProgram[]> {
  const content = await readStateFile(machine, programsFile);
  if (content === null)
    throw new DevmendError('journal-damaged', { path: stateFilePath(machine, programsFile) });
  return content.programs;
}

/** The same for whoever shows who uses what: their paths. */
export async function forgottenPrograms(machine: Machine): Promise<Result<readonly string[]>> {
  try {
    return ok((await recordedPrograms(machine)).map(({ program }) => program));
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

/** Removes what a crash left of writing them down. The caller holds the lock. */
export async function removeUnfinishedPrograms(machine: Machine): Promise<void> {
  await removeUnfinished(machine, programsFile);
}

/** The programs that a plan points into something. */
export function programsOfPlan(plan: Plan): readonly PointedProgram[] {
  return plan.changes
    .map(bindChange)
    .flatMap(({ points, needs }) =>
      needs.length === 0 ? [] : points.map((program) => ({ program, needs })),
    );
}

/**
 * Writes down what a repair that is about to leave the history has pointed into something,
 * durably, so that a crash can only leave a name too many. Throws where that cannot be done:
 * then the repair has to stay. The caller holds the lock.
 */
export async function keepProgramsOf(machine: Machine, { repair }: ListedChain): Promise<void> {
  const stored = await readTransaction(machine, repair.id);
  if (stored.model.records.every(({ steps }) => steps.length === 0)) return;
  const leaving: PointedProgram[] = [];
  for (const one of programsOfPlan(await readPlan(stored)))
    if (await pointsInto(one, one.needs)) leaving.push(one);
  if (leaving.length === 0) return;
  const byProgram = new Map<string, ReadonlySet<string>>();
  for (const { program, needs } of [...(await recordedPrograms(machine)), ...leaving])
    byProgram.set(program, new Set([...(byProgram.get(program) ?? []), ...needs]));
  const programs = [...byProgram].map(([program, needs]) => ({ program, needs: [...needs] }));
  await writeStateFile(machine, programsFile, { schema: programsFile.none.schema, programs });
}

/** Those of the programs that point into a directory, as they are now. */
export async function pointingInto(
  programs: readonly PointedProgram[],
  directory: string,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const one of programs) if (await pointsInto(one, [directory])) found.add(one.program);
  return [...found];
}

/**
 * Whether the program itself says so, by its loader or a path in which its libraries are
 * looked for. One that is gone or no program any more does not; one that cannot be looked
 * at counts as it was left.
 */
async function pointsInto(
  { program, needs }: PointedProgram,
  places: readonly string[],
): Promise<boolean> {
  const named = await namedBy(program);
  const paths = named ?? needs;
  const real = await realNames([...paths, ...places]);
  return paths.some((path) =>
    places.some((place) => `${real(path)}/`.startsWith(`${real(place)}/`)),
  );
}

/** Null where it cannot be looked at. */
async function namedBy(program: string): Promise<readonly string[] | null> {
  try {
    await lstat(program);
  } catch (error) {
    return isAbsent(error) ? [] : null;
  }
  const elf = readElf(program);
  if (!elf.ok) return elf.error.code === 'unreadable' ? null : [];
  const { interpreter, rpath, runpath } = elf.value;
  return [...(interpreter === null ? [] : [interpreter]), ...rpath, ...runpath];
}
