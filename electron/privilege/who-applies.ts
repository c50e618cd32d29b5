import { fail, ok, type Result } from '../../shared/error.ts';
import type { Plan } from '../../shared/plan.ts';
import { targetOf } from '../engine/changes/change.ts';

/** Why repairs that need root cannot be done from the window, or that they can. */
export type PrivilegedRepairs = 'available' | 'no-sandbox' | 'no-helper';

/**
 * Whether the window can have privileged repairs at all. A window without
 * Chromium's sandbox must not lead to root, whatever else is installed.
 */
export function privilegedRepairs(argv: readonly string[]): PrivilegedRepairs {
  return argv.includes('--no-sandbox') ? 'no-sandbox' : 'no-helper';
}

/**
 * Who may apply a plan: this process when every change is the user's own to make.
 * Otherwise `needs-root`, naming the first change that asks for more.
 */
export function whoApplies(plan: Plan): Result<'this-process'> {
  const first = plan.changes.find((change) => change.privilege === 'root');
  if (first === undefined) return ok('this-process');
  return fail('needs-root', { target: targetOf(first) });
}
