import { basename } from 'node:path';
import { message, type Message } from '../../shared/message.ts';
import type { Change, Plan } from '../../shared/plan.ts';
import type { Machine } from './machine.ts';
import { newPlan } from './new-plan.ts';
import type { SandboxChoice } from './repairs/repair.ts';

/** How fast packages are fetched and unpacked, for the estimate; bytes a second. */
const BYTES_A_SECOND = 10_000_000;

/** A plan that creates a sandbox and nothing else. Null where it is there already. */
export function createSandboxPlan(machine: Machine, choice: SandboxChoice): Plan | null {
  if (choice.exists) return null;
  const { spec, directory } = choice;
  const title = message('cli.sandbox.title.create', { release: spec.release, glibc: spec.glibc });
  return planOf(machine, 'sandbox-create', title, {
    kind: 'create-sandbox',
    id: `create-sandbox:${directory}`,
    title,
    privilege: 'user',
    reversibility: 'full',
    reversibilityReason: null,
    bytes: spec.installedBytes,
    directory,
    spec,
  });
}

/** A plan that removes a sandbox; like every plan, one that can be undone. */
export function removeSandboxPlan(machine: Machine, directory: string): Plan {
  const title = message('cli.sandbox.title.remove', { name: basename(directory) });
  return planOf(machine, 'sandbox-remove', title, {
    kind: 'remove-tree',
    id: `remove-tree:${directory}`,
    title,
    privilege: 'user',
    reversibility: 'full',
    reversibilityReason: null,
    // The transaction itself finds out whether the tree is moved or has to be copied.
    bytes: 0,
    path: directory,
  });
}

function planOf(machine: Machine, repair: string, title: Message, change: Change): Plan {
  return {
    ...newPlan(machine),
    repairs: [
      {
        repair,
        finding: '',
        title,
        subject: 'glibc',
        problem: title,
        choices: {},
        changes: [change.id],
      },
    ],
    changes: [change],
    reliesOn: [],
    verifications: [],
    bytes: change.bytes,
    seconds: Math.ceil(change.bytes / BYTES_A_SECOND),
  };
}
