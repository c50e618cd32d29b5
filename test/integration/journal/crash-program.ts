import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { recover } from '../../../electron/engine/journal/recover.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import { listIds } from '../../../electron/engine/journal/store.ts';
import { copyTree, editJson, job, passing, planOf, removeTree, workbench } from './workbench.ts';

/**
 * What the crash campaign kills: one operation on a directory, in a process of its
 * own. The clock stands still, so that every run makes the same system calls on
 * the same names.
 */
const [operation = '', directory = ''] = process.argv.slice(2);
const bench = workbench({ directory });
const machine = { ...bench.machine, clock: () => new Date('2026-11-23T12:00:00.000Z') };
const settings = bench.at('settings.json');
const plan = planOf(bench, [
  copyTree(bench.at('program'), bench.at('.local/share/devmend/copy')),
  editJson(settings, 'a', 1, 2),
  editJson(bench.at('linked.json'), 'a', 1, 2),
  removeTree(bench.at('old')),
]);

async function run(): Promise<unknown> {
  const [first = ''] = await listIds(machine);
  switch (operation) {
    case 'apply':
      return applyPlan(machine, plan, job(), passing);
    case 'undo':
      return undo(machine, first, { onConflict: 'stop' }, job());
    case 'redo':
      return redo(machine, first, job());
    case 'recover':
      return recover(machine, job());
    default:
      throw new Error(`unknown operation ${operation}`);
  }
}

process.stdout.write(JSON.stringify(await run()));
