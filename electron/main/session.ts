import type { ScanReport } from '../../shared/finding.ts';
import type { Plan } from '../../shared/plan.ts';

/** Plans kept for applying or saving; a window has no use for more. */
const MOST_PLANS = 50;

/** What this run of the app remembers between calls. */
export interface Session {
  lastReport: ScanReport | null;
  readonly keepPlan: (plan: Plan) => void;
  /** A plan made in this run; null for any other id, so the window cannot mint one. */
  readonly planOf: (id: string) => Plan | null;
}

export function createSession(): Session {
  const plans = new Map<string, Plan>();
  return {
    lastReport: null,
    keepPlan(plan) {
      plans.delete(plan.id);
      plans.set(plan.id, plan);
      for (const oldest of plans.keys()) {
        if (plans.size <= MOST_PLANS) break;
        plans.delete(oldest);
      }
    },
    planOf: (id) => plans.get(id) ?? null,
  };
}
