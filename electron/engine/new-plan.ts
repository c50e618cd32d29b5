import { randomBytes } from 'node:crypto';
import type { Plan } from '../../shared/plan.ts';
import type { Machine } from './machine.ts';

/** What every plan begins with: who made it, when, and for which machine. */
export function newPlan(
  machine: Machine,
): Pick<Plan, 'schema' | 'id' | 'createdAt' | 'devmend' | 'root' | 'home'> {
  return {
    schema: 'devmend.plan/1',
    id: randomBytes(8).toString('hex'),
    createdAt: machine.clock().toISOString(),
    devmend: machine.version,
    root: machine.root,
    home: machine.home,
  };
}
