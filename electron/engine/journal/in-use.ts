import { DevmendError } from '../../../shared/error.ts';
import { bindChange } from '../changes/registry.ts';
import type { Machine } from '../machine.ts';
import { chainOf, type Chain } from './chain.ts';
import { pointingInto, programsOfPlan, recordedPrograms, type PointedProgram } from './programs.ts';
import { realNames } from './real-name.ts';
import { readPlan, type StoredTransaction } from './store.ts';

/**
 * Whether a repair in effect points into one of the paths. Its plan says so; throws
 * `journal-damaged` where that cannot be read, and only where there is something to ask for.
 */
export async function needsOneOf(chain: Chain, paths: readonly string[]): Promise<boolean> {
  if (paths.length === 0) return false;
  const plan = await readPlan(chain.repair);
  const needed = plan.changes.flatMap((change) => bindChange(change).needs);
  const real = await realNames([...needed, ...paths]);
  return needed.some((path) => paths.some((own) => `${real(path)}/`.startsWith(`${real(own)}/`)));
}

/** What is about to go, and what comes back with it. */
export interface Removal {
  readonly paths: readonly string[];
  /** Paths that the same transaction brings back to before: those use nothing any more. */
  readonly restored: readonly string[];
  /** The repair that is taken back; null where none is. */
  readonly repair: string | null;
}

/**
 * Refuses with `sandbox-in-use` to take away what a repair in effect needs, or what a
 * program really points into that any repair has pointed there: the history may have let
 * that repair go, or an undo may have left the program to somebody.
 */
export async function requireUnneeded(
  machine: Machine,
  all: readonly StoredTransaction[],
  { paths, restored, repair }: Removal,
): Promise<void> {
  if (paths.length === 0) return;
  const recorded = await recordedPrograms(machine);
  for (const directory of paths) {
    const users: string[] = [];
    const others: PointedProgram[] = [...recorded];
    for (const stored of all.filter(({ model }) => model.begin?.operation === 'apply')) {
      const chain = chainOf(all, stored.id);
      if (stored.id !== repair && chain?.applied === true) {
        if (await needsOneOf(chain, [directory]))
          users.push(...(stored.model.begin?.subjects ?? []));
      } else {
        others.push(...(await programsOf(stored)));
      }
    }
    const asked = others.filter(
      ({ program }) => ![...paths, ...restored].some((path) => within(program, path)),
    );
    users.push(...(await pointingInto(asked, directory)));
    if (users.length > 0)
      throw new DevmendError('sandbox-in-use', { directory, programs: users.join(', ') });
  }
}

/** A plan that cannot be read stops what it is needed for; here the programs decide. */
async function programsOf(stored: StoredTransaction): Promise<readonly PointedProgram[]> {
  const plan = await readPlan(stored).catch(() => null);
  return plan === null ? [] : programsOfPlan(plan);
}

function within(path: string, directory: string): boolean {
  return `${path}/`.startsWith(`${directory}/`);
}
