import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wizardReducer } from '../../../renderer/app/wizard.ts';
import {
  canVisit,
  decisionOf,
  initialWizard,
  isFinished,
  selectedFindings,
  wizardSteps,
  type WizardAction,
  type WizardState,
} from '../../../renderer/app/wizard-state.ts';
import {
  gitFinding,
  libraryFinding,
  troubledReport,
  weakFinding,
} from '../../../renderer/bridge/scenarios/findings.ts';
import { planFor } from '../../../renderer/bridge/scenarios/plan.ts';
import { outcomeOf } from '../../../renderer/bridge/scenarios/repair.ts';
import { words } from '../../../renderer/bridge/scenarios/machine.ts';
import type { ErrorData } from '../../../shared/error.ts';

const review = planFor([gitFinding], [{}], 1);
const cancelled: ErrorData = { code: 'cancelled', params: {}, correlationId: '' };
const after = (actions: readonly WizardAction[], from: WizardState = initialWizard) =>
  actions.reduce(wizardReducer, from);
const scanned: readonly WizardAction[] = [
  { type: 'scan/started' },
  { type: 'scan/finished', report: troubledReport },
];
const planned: readonly WizardAction[] = [
  ...scanned,
  { type: 'plan/started' },
  { type: 'plan/finished', review },
];
const repairing: readonly WizardAction[] = [...planned, { type: 'repair/started' }];

describe('the wizard', () => {
  it('goes on to the findings when the scan is finished, and shows the first one', () => {
    const state = after(scanned);
    expect(state.step).toBe('findings');
    expect(state.current).toBe(gitFinding.id);
  });

  it('shows findings while the scan still runs', () => {
    const state = after([
      { type: 'scan/started' },
      { type: 'scan/progress', events: [{ type: 'finding', finding: gitFinding }], at: 0 },
    ]);
    expect(state.step).toBe('scan');
    expect(state.scan.found).toEqual([gitFinding]);
  });

  it('does not call a stopped scan a failure, and keeps an earlier report', () => {
    const state = after([
      ...scanned,
      { type: 'scan/started' },
      { type: 'scan/failed', error: cancelled },
    ]);
    expect(state.scan.status).toBe('cancelled');
    expect(state.scan.report).toBe(troubledReport);
  });

  it('selects problems that can be repaired, and nothing else', () => {
    const state = after(scanned);
    expect(decisionOf(state, gitFinding).selected).toBe(true);
    expect(decisionOf(state, libraryFinding).selected).toBe(false);
    expect(decisionOf(state, weakFinding).selected).toBe(false);
  });

  it('leaves dismissed findings out of the plan', () => {
    expect(selectedFindings(after(scanned), [gitFinding.id])).toEqual([]);
  });

  it('throws the plan away when a decision changes', () => {
    const state = after([
      ...planned,
      { type: 'findings/choice', id: gitFinding.id, key: 'use', value: 'in-place' },
    ]);
    expect(state.plan.status).toBe('none');
    expect(decisionOf(state, gitFinding).choices).toEqual({ use: 'in-place' });
  });

  it('keeps a decision as it is while the repair runs', () => {
    const state = after([
      ...repairing,
      { type: 'findings/select', id: gitFinding.id, selected: false },
    ]);
    expect(decisionOf(state, gitFinding).selected).toBe(true);
    expect(state.repair.status).toBe('running');
  });

  it('A4.1 lets finished steps be visited again, and those ahead not', () => {
    const state = after(planned);
    expect(wizardSteps.filter((step) => canVisit(state, step))).toEqual([
      'scan',
      'findings',
      'plan',
    ]);
    expect(after([{ type: 'step/visit', step: 'repair' }], state).step).toBe('plan');
    expect(after([{ type: 'step/visit', step: 'findings' }], state).step).toBe('findings');
  });

  it('A4.1 does not pull somebody away who looked elsewhere when the repair ended', () => {
    const state = after([
      ...repairing,
      { type: 'step/visit', step: 'findings' },
      { type: 'repair/finished', outcome: outcomeOf(review, 'verified', 't-1') },
    ]);
    expect(state.step).toBe('findings');
    expect(canVisit(state, 'done')).toBe(true);
  });

  it('A4.1 counts a repair as finished only when it is in place', () => {
    const ended = (end: WizardAction) => isFinished(after([...repairing, end]), 'repair');
    const outcome = (status: 'verified' | 'rolled-back') =>
      ({ type: 'repair/finished', outcome: outcomeOf(review, status, 't-1') }) as const;
    expect(ended(outcome('verified'))).toBe(true);
    expect(ended(outcome('rolled-back'))).toBe(false);
    expect(ended({ type: 'repair/failed', error: cancelled })).toBe(false);
  });

  it('keeps the plan when a repair did not begin', () => {
    const state = after([
      ...repairing,
      { type: 'repair/failed', error: { code: 'plan-stale', params: {}, correlationId: 'x' } },
    ]);
    expect(state.step).toBe('done');
    expect(state.plan.review).toBe(review);
  });

  it('goes back to the choices when making the plan is stopped', () => {
    const state = after([
      ...scanned,
      { type: 'plan/started' },
      { type: 'plan/failed', error: cancelled },
    ]);
    expect(state.step).toBe('findings');
    expect(state.plan.error).toBeNull();
  });

  it('A4.6 counts the progress of each step from nothing', () => {
    const title = words('scenario.step.images');
    const state = after([
      ...repairing,
      {
        type: 'repair/progress',
        at: 1,
        event: { type: 'steps', steps: ['a', 'b'].map((id) => ({ id, title })) },
      },
      { type: 'repair/progress', at: 2, event: { type: 'progress', done: 7, total: 10 } },
      {
        type: 'repair/progress',
        at: 3,
        event: { type: 'step', id: 'b', state: 'running', detail: null, ms: null },
      },
    ]);
    expect(state.repair.work.done).toBe(0);
    expect(state.repair.work.steps.map((step) => step.state)).toEqual(['waiting', 'running']);
    expect(state.repair.work.steps[1]?.startedAt).toBe(3);
  });

  it('is never on a step that could not be visited, whatever happens', () => {
    const action = fc.constantFrom<WizardAction>(
      ...repairing,
      { type: 'scan/failed', error: cancelled },
      { type: 'plan/failed', error: cancelled },
      { type: 'repair/finished', outcome: outcomeOf(review, 'rolled-back', 't-1') },
      { type: 'findings/select', id: gitFinding.id, selected: false },
      ...wizardSteps.map((step) => ({ type: 'step/visit', step }) as const),
    );
    // Jobs only begin where the window offers them, and end only when they run.
    const allowed = (state: WizardState, next: WizardAction) =>
      (next.type !== 'plan/started' || state.step === 'findings') &&
      (next.type !== 'repair/started' ||
        (state.step === 'plan' && isFinished(state, 'findings'))) &&
      (next.type !== 'findings/select' || state.step === 'findings') &&
      (next.type !== 'scan/started' || state.repair.status !== 'running') &&
      (!next.type.startsWith('plan/f') || state.plan.status === 'working') &&
      (!next.type.startsWith('scan/f') || state.scan.status === 'running') &&
      (!next.type.startsWith('repair/f') || state.repair.status === 'running');
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        let state = initialWizard;
        for (const next of actions) if (allowed(state, next)) state = wizardReducer(state, next);
        expect(canVisit(state, state.step)).toBe(true);
      }),
    );
  });
});
