import { isDeepStrictEqual } from 'node:util';
import type { Plan } from '../../shared/plan.ts';
import { targetOf } from './changes/change.ts';

/**
 * What two plans differ in, as the path it is about; null when both do the same, for
 * the same reasons, proven in the same way, in the same words. When and by which id
 * they were made is no difference.
 */
export function firstDifference(wanted: Plan, fresh: Plan): string | null {
  const [one, other] = [plain(wanted), plain(fresh)];
  for (const [index, change] of one.changes.entries())
    if (!isDeepStrictEqual(change, other.changes[index])) return targetOf(change);
  const missing = other.changes[one.changes.length];
  if (missing !== undefined) return targetOf(missing);
  for (const [index, verification] of one.verifications.entries())
    if (!isDeepStrictEqual(verification, other.verifications[index])) return verification.path;
  for (const [index, witness] of one.reliesOn.entries())
    if (!isDeepStrictEqual(witness, other.reliesOn[index])) return witness.path;
  return isDeepStrictEqual(essence(one), essence(other)) ? null : wanted.home;
}

/** Everything a plan does or says, without what is new every time it is made. */
function essence({ repairs, changes, verifications, reliesOn, root, home }: Plan): Partial<Plan> {
  return { repairs, changes, verifications, reliesOn, root, home };
}

/** As it would be read from a file: a key that is undefined is not there. */
function plain(plan: Plan): Plan {
  return JSON.parse(JSON.stringify(plan)) as Plan;
}
