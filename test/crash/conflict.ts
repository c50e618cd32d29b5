import { appendFileSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { bindChange } from '../../electron/engine/changes/registry.ts';
import type { Machine } from '../../electron/engine/machine.ts';
import { ok, type Result } from '../../shared/error.ts';
import type { Plan } from '../../shared/plan.ts';
import type { Picture } from './picture.ts';

const SOMEBODYS = '# somebody else\n';

/** The path of the repair that somebody changes: the first that it touches. */
function editedPath(plan: Plan): string {
  const [path] = plan.changes.flatMap((change) => bindChange(change).touches);
  if (path === undefined) throw new Error('the repair touches nothing that could be edited');
  return path;
}

/** Somebody's work on what a repair has left: more text, one more file, or a file where none is. */
export async function editWhatIsLeft(_machine: Machine, plan: Plan): Promise<Result<null>> {
  const path = editedPath(plan);
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, SOMEBODYS);
  } else if (facts.isDirectory()) writeFileSync(join(path, 'somebodys'), SOMEBODYS);
  else appendFileSync(path, SOMEBODYS);
  return ok(null);
}

/** As it was before the repair, but for somebody's path, which is as it was at the start. */
export function butForSomebodys(
  fresh: Picture,
  start: Picture,
  { home, plan }: { readonly home: string; readonly plan: Plan },
): Picture {
  const path = editedPath(plan);
  const own = relative(home, path);
  const isTheirs = (name: string): boolean =>
    `${name}/`.startsWith(`${own}/`) || `${own}/`.startsWith(`${name}/`);
  const state = start.states.get(path);
  return {
    states: new Map([...fresh.states, ...(state === undefined ? [] : [[path, state] as const])]),
    entries: new Map([
      ...[...fresh.entries].filter(([name]) => !isTheirs(name)),
      ...[...start.entries].filter(([name]) => isTheirs(name)),
    ]),
  };
}
