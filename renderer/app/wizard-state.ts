import type { ErrorData } from '../../shared/error.ts';
import type { Finding, ScanReport } from '../../shared/finding.ts';
import type { TransactionOutcome } from '../../shared/history.ts';
import type { JobProgress, StepState } from '../../shared/job.ts';
import type { Message } from '../../shared/message.ts';
import type { PlanReview } from '../../shared/plan.ts';
import { assertNever } from '../../shared/error.ts';

export const wizardSteps = ['scan', 'findings', 'plan', 'repair', 'done'] as const;
export type WizardStep = (typeof wizardSteps)[number];

/** One line of a running repair. `startedAt` is in milliseconds of the window's clock. */
export interface StepView {
  readonly id: string;
  readonly title: Message;
  readonly state: StepState;
  readonly detail: Message | null;
  readonly ms: number | null;
  readonly startedAt: number | null;
}

/** What a running job has told so far. */
export interface WorkView {
  readonly phase: Message | null;
  readonly done: number;
  /** 0 while the amount is not known. */
  readonly total: number;
  readonly steps: readonly StepView[];
  readonly notes: readonly Message[];
  readonly stopping: boolean;
}
export const noWork: WorkView = {
  phase: null,
  done: 0,
  total: 0,
  steps: [],
  notes: [],
  stopping: false,
};

/** What the person decided about one finding. `choices` holds only what differs from the defaults. */
export interface Decision {
  readonly selected: boolean;
  readonly repair: string | null;
  readonly choices: Readonly<Record<string, string>>;
}

export interface WizardState {
  readonly step: WizardStep;
  readonly scan: {
    readonly status: 'never' | 'running' | 'done' | 'cancelled' | 'failed';
    readonly work: WorkView;
    /** Findings of the running scan, as they come. */
    readonly found: readonly Finding[];
    readonly report: ScanReport | null;
    readonly error: ErrorData | null;
  };
  /** Id of the finding (or unchecked item) whose detail is shown. */
  readonly current: string | null;
  readonly decisions: Readonly<Record<string, Decision>>;
  readonly plan: {
    readonly status: 'none' | 'working' | 'ready' | 'failed';
    readonly work: WorkView;
    readonly review: PlanReview | null;
    readonly error: ErrorData | null;
  };
  readonly repair: {
    readonly status: 'none' | 'running' | 'finished';
    readonly work: WorkView;
    readonly outcome: TransactionOutcome | null;
    readonly error: ErrorData | null;
  };
}

export type WizardAction =
  | { readonly type: 'scan/restored'; readonly report: ScanReport }
  | { readonly type: 'scan/started' }
  | { readonly type: 'scan/progress'; readonly events: readonly JobProgress[]; readonly at: number }
  | { readonly type: 'scan/stopping' }
  | { readonly type: 'scan/finished'; readonly report: ScanReport }
  | { readonly type: 'scan/failed'; readonly error: ErrorData }
  | { readonly type: 'findings/show'; readonly id: string }
  | { readonly type: 'findings/select'; readonly id: string; readonly selected: boolean }
  | { readonly type: 'findings/repair'; readonly id: string; readonly repair: string }
  | {
      readonly type: 'findings/choice';
      readonly id: string;
      readonly key: string;
      readonly value: string | null;
    }
  | { readonly type: 'plan/started' }
  | { readonly type: 'plan/progress'; readonly event: JobProgress; readonly at: number }
  | { readonly type: 'plan/stopping' }
  | { readonly type: 'plan/finished'; readonly review: PlanReview }
  | { readonly type: 'plan/failed'; readonly error: ErrorData }
  | { readonly type: 'repair/started' }
  | { readonly type: 'repair/progress'; readonly event: JobProgress; readonly at: number }
  | { readonly type: 'repair/stopping' }
  | { readonly type: 'repair/finished'; readonly outcome: TransactionOutcome }
  | { readonly type: 'repair/failed'; readonly error: ErrorData }
  | { readonly type: 'step/visit'; readonly step: WizardStep };

export const noPlan: WizardState['plan'] = {
  status: 'none',
  work: noWork,
  review: null,
  error: null,
};
export const noRepair: WizardState['repair'] = {
  status: 'none',
  work: noWork,
  outcome: null,
  error: null,
};
export const initialWizard: WizardState = {
  step: 'scan',
  scan: { status: 'never', work: noWork, found: [], report: null, error: null },
  current: null,
  decisions: {},
  plan: noPlan,
  repair: noRepair,
};

/** Repairs of a finding that can be done, the recommended one first. */
export function possibleRepairs(finding: Finding): Finding['repairs'] {
  const possible = finding.repairs.filter((repair) => repair.refused === null);
  return [...possible].sort((a, b) => Number(b.recommended) - Number(a.recommended));
}

/** What is decided about a finding until the person says otherwise. */
export function defaultDecision(finding: Finding): Decision {
  const repair = possibleRepairs(finding)[0];
  return {
    selected: repair !== undefined && finding.severity === 'error',
    repair: repair?.repair ?? null,
    choices: {},
  };
}

/** One object for each finding, so that what is drawn from it can tell that nothing changed. */
const defaults = new WeakMap<Finding, Decision>();

/** The decision about a finding, made or by default. */
export function decisionOf(state: WizardState, finding: Finding): Decision {
  const made = state.decisions[finding.id] ?? defaults.get(finding);
  if (made !== undefined) return made;
  const decision = defaultDecision(finding);
  defaults.set(finding, decision);
  return decision;
}

/** Findings that will be repaired: selected, repairable and not dismissed. */
export function selectedFindings(
  state: WizardState,
  dismissed: readonly string[],
): readonly Finding[] {
  const findings = state.scan.report?.findings ?? [];
  return findings.filter((finding) => {
    const decision = decisionOf(state, finding);
    return decision.selected && decision.repair !== null && !dismissed.includes(finding.id);
  });
}

/** Steps whose work is finished; they carry a tick and can be visited again. */
export function isFinished(state: WizardState, step: WizardStep): boolean {
  switch (step) {
    case 'scan':
      return state.scan.report !== null && state.scan.status !== 'running';
    case 'findings':
      return state.plan.status === 'ready';
    case 'plan':
      return state.repair.status !== 'none';
    case 'repair':
      return state.repair.status === 'finished' && !isFailed(state, step);
    case 'done':
      return false;
    default:
      return assertNever(step);
  }
}

/** Steps whose work has ended without what it was for: a repair that was refused, stopped or taken back. */
export function isFailed(state: WizardState, step: WizardStep): boolean {
  const { status, outcome } = state.repair;
  if (step !== 'repair' || status !== 'finished') return false;
  return outcome === null || !['verified', 'applied'].includes(outcome.status);
}

/** Whether a step may be gone to now: its work has at least begun. Leaving never loses anything. */
export function canVisit(state: WizardState, step: WizardStep): boolean {
  switch (step) {
    case 'scan':
      return true;
    case 'findings':
      return isFinished(state, 'scan');
    case 'plan':
      return state.plan.status !== 'none';
    case 'repair':
      return state.repair.status !== 'none';
    case 'done':
      return state.repair.status === 'finished';
    default:
      return assertNever(step);
  }
}
