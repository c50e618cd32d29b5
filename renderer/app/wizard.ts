import { assertNever } from '../../shared/error.ts';
import type { ScanReport } from '../../shared/finding.ts';
import type { JobProgress } from '../../shared/job.ts';
import {
  canVisit,
  decisionOf,
  noPlan,
  noRepair,
  noWork,
  type Decision,
  type WizardAction,
  type WizardState,
  type WorkView,
} from './wizard-state.ts';

/** Folds one job event into what is shown of the job. */
export function workAfter(work: WorkView, event: JobProgress, at: number): WorkView {
  switch (event.type) {
    case 'phase':
      return { ...work, phase: event.phase };
    case 'progress':
      return { ...work, done: event.done, total: event.total };
    case 'steps':
      return {
        ...work,
        steps: event.steps.map((step) => ({
          ...step,
          state: 'waiting',
          detail: null,
          ms: null,
          startedAt: null,
        })),
      };
    case 'step':
      return {
        ...work,
        steps: work.steps.map((step) =>
          step.id === event.id
            ? {
                ...step,
                state: event.state,
                detail: event.detail ?? step.detail,
                ms: event.ms,
                startedAt: event.state === 'running' ? at : step.startedAt,
              }
            : step,
        ),
        ...(event.state === 'running' ? { done: 0, total: 0 } : {}),
      };
    case 'note':
      return { ...work, notes: [...work.notes, event.note] };
    case 'finding':
    case 'output':
      return work;
    default:
      return assertNever(event);
  }
}

function decide(state: WizardState, id: string, change: Partial<Decision>): WizardState {
  const finding = state.scan.report?.findings.find((candidate) => candidate.id === id);
  // A plan belongs to the decisions it was made from, and a running repair to its plan.
  if (finding === undefined || state.repair.status === 'running') return state;
  const decision = { ...decisionOf(state, finding), ...change };
  return {
    ...state,
    decisions: { ...state.decisions, [id]: decision },
    plan: noPlan,
    repair: noRepair,
  };
}

function withReport(state: WizardState, report: ScanReport): WizardState {
  const ids = [...report.findings, ...report.unchecked].map((item) => item.id);
  const current = state.current !== null && ids.includes(state.current) ? state.current : null;
  return {
    ...state,
    step: state.step === 'scan' ? 'findings' : state.step,
    scan: { status: 'done', work: noWork, found: [], report, error: null },
    current: current ?? ids[0] ?? null,
  };
}

function scanReduce(
  state: WizardState,
  action: Extract<WizardAction, { type: `scan/${string}` }>,
): WizardState {
  const { scan } = state;
  switch (action.type) {
    case 'scan/restored':
    case 'scan/finished':
      return withReport(state, action.report);
    case 'scan/started':
      return {
        ...state,
        step: 'scan',
        scan: { ...scan, status: 'running', work: noWork, found: [], error: null },
        plan: noPlan,
        repair: noRepair,
      };
    case 'scan/progress': {
      const findings = action.events.flatMap((event) =>
        event.type === 'finding' ? [event.finding] : [],
      );
      const work = action.events.reduce(
        (now, event) => workAfter(now, event, action.at),
        scan.work,
      );
      const found = findings.length === 0 ? scan.found : [...scan.found, ...findings];
      return { ...state, scan: { ...scan, found, work } };
    }
    case 'scan/stopping':
      return { ...state, scan: { ...scan, work: { ...scan.work, stopping: true } } };
    case 'scan/failed':
      return {
        ...state,
        scan: {
          ...scan,
          status: action.error.code === 'cancelled' ? 'cancelled' : 'failed',
          error: action.error,
        },
      };
    default:
      return assertNever(action);
  }
}

function planReduce(
  state: WizardState,
  action: Extract<WizardAction, { type: `plan/${string}` }>,
): WizardState {
  const { plan } = state;
  switch (action.type) {
    case 'plan/started':
      return {
        ...state,
        step: 'plan',
        plan: { ...noPlan, status: 'working' },
        repair: noRepair,
      };
    case 'plan/progress':
      return { ...state, plan: { ...plan, work: workAfter(plan.work, action.event, action.at) } };
    case 'plan/stopping':
      return { ...state, plan: { ...plan, work: { ...plan.work, stopping: true } } };
    case 'plan/finished':
      return { ...state, plan: { ...noPlan, status: 'ready', review: action.review } };
    case 'plan/failed':
      // Stopped by the person: back to the choices, without a word of failure.
      return action.error.code === 'cancelled'
        ? { ...state, step: state.step === 'plan' ? 'findings' : state.step, plan: noPlan }
        : { ...state, plan: { ...noPlan, status: 'failed', error: action.error } };
    default:
      return assertNever(action);
  }
}

function repairReduce(
  state: WizardState,
  action: Extract<WizardAction, { type: `repair/${string}` }>,
): WizardState {
  const { repair } = state;
  switch (action.type) {
    case 'repair/started':
      return { ...state, step: 'repair', repair: { ...noRepair, status: 'running' } };
    case 'repair/progress':
      return {
        ...state,
        repair: { ...repair, work: workAfter(repair.work, action.event, action.at) },
      };
    case 'repair/stopping':
      return { ...state, repair: { ...repair, work: { ...repair.work, stopping: true } } };
    case 'repair/finished':
    case 'repair/failed':
      return {
        ...state,
        step: state.step === 'repair' ? 'done' : state.step,
        repair: {
          ...repair,
          status: 'finished',
          outcome: action.type === 'repair/finished' ? action.outcome : null,
          error: action.type === 'repair/failed' ? action.error : null,
        },
      };
    default:
      return assertNever(action);
  }
}

/** The wizard: what is shown after an action. Pure; work happens in `state/wizard-store.ts`. */
export function wizardReducer(state: WizardState, action: WizardAction): WizardState {
  switch (action.type) {
    case 'scan/restored':
    case 'scan/started':
    case 'scan/progress':
    case 'scan/stopping':
    case 'scan/finished':
    case 'scan/failed':
      return scanReduce(state, action);
    case 'plan/started':
    case 'plan/progress':
    case 'plan/stopping':
    case 'plan/finished':
    case 'plan/failed':
      return planReduce(state, action);
    case 'repair/started':
    case 'repair/progress':
    case 'repair/stopping':
    case 'repair/finished':
    case 'repair/failed':
      return repairReduce(state, action);
    case 'findings/show':
      return { ...state, current: action.id };
    case 'findings/select':
      return decide(state, action.id, { selected: action.selected });
    case 'findings/repair':
      return decide(state, action.id, { repair: action.repair, choices: {}, selected: true });
    case 'findings/choice': {
      const choices = { ...state.decisions[action.id]?.choices };
      if (action.value === null) delete choices[action.key];
      else choices[action.key] = action.value;
      return decide(state, action.id, { choices });
    }
    case 'step/visit':
      return canVisit(state, action.step) ? { ...state, step: action.step } : state;
    default:
      return assertNever(action);
  }
}
