import { fail, ok, type ErrorData, type Result } from '../../shared/error.ts';
import type { ScanReport } from '../../shared/finding.ts';
import type { Plan, PlanReview } from '../../shared/plan.ts';
import type { JobContext } from './job.ts';
import { applyPlan, checkPlan, reviewPlan } from './journal/apply.ts';
import { exportEntry } from './journal/export.ts';
import { historyPage, listTransactions, showTransaction } from './journal/history.ts';
import { freeBytes } from './journal/images.ts';
import { setPinned } from './journal/pin.ts';
import { recover, recoveryStatus } from './journal/recover.ts';
import { applyRetention, previewRetention } from './journal/retention.ts';
import { previewUndo } from './journal/undo-preview.ts';
import { redo, undo } from './journal/undo.ts';
import type { Machine } from './machine.ts';
import type { Pipeline, ScanOptions, ScanOutcome } from './pipeline.ts';
import { firstDifference } from './plan-agreement.ts';
import { makePlan } from './planning.ts';
import { runProbes } from './probes/run.ts';
import { judge, selectChecks } from './scan.ts';
import { runVerification } from './verify/verify.ts';

type Answer<T> = Promise<Result<T, ErrorData>>;

/** The pipeline on a machine. It keeps nothing between calls but the machine itself. */
export function createPipeline(machine: Machine): Pipeline {
  const services = { runVerification };
  return {
    scan: (options, job) => scan(machine, options, job),
    plan: async (outcome, requests, job) => {
      const plan = await makePlan(machine, outcome, requests, job);
      return plan.ok ? review(machine, plan.value) : plan;
    },
    reopen: (plan, programs, job) => reopen(machine, plan, programs, job),
    apply: (plan, job) => applyPlan(machine, plan, job, services),
    history: () => listTransactions(machine),
    historyPage: (query) => historyPage(machine, query),
    pin: (id, pinned) => setPinned(machine, id, pinned),
    retentionPreview: (limits) => previewRetention(machine, limits),
    prune: (limits, expected) => applyRetention(machine, limits, expected),
    exportEntry: (id, form, language) => exportEntry(machine, id, form, language),
    show: (id) => showTransaction(machine, id),
    undoPreview: (id) => previewUndo(machine, id),
    undo: (id, onConflict, job) => undo(machine, id, { onConflict }, job),
    redo: (id, job) => redo(machine, id, job, services),
    recoveryStatus: () => recoveryStatus(machine),
    recover: (job) => recover(machine, job),
  };
}

async function scan(machine: Machine, options: ScanOptions, job: JobContext): Answer<ScanOutcome> {
  const selected = selectChecks(options.only);
  if (!selected.ok) return selected;
  const told = new Set<string>();
  const tell = (report: ScanReport): void => {
    for (const finding of report.findings) {
      if (told.has(finding.id)) continue;
      told.add(finding.id);
      job.emit({ type: 'finding', finding });
    }
  };
  const snapshot =
    options.snapshot ??
    (await runProbes(
      machine,
      {
        programs: options.programs,
        onPartial: (partial) => tell(judge(partial, selected.value)),
      },
      job,
    ));
  if (job.signal.aborted) return fail('cancelled');
  const report = judge(snapshot, selected.value);
  tell(report);
  return ok({ report, snapshot });
}

/** Only what this machine would plan by itself is ever applied: the caller's plan is a wish. */
async function reopen(
  machine: Machine,
  wanted: Plan,
  programs: readonly string[],
  job: JobContext,
): Answer<PlanReview> {
  const usable = await checkPlan(machine, wanted, job.signal);
  if (!usable.ok) return usable;
  const told = [...new Set([...programs, ...(wanted.programs ?? [])])];
  const scanned = await scan(machine, { programs: told }, job);
  if (!scanned.ok) return scanned;
  const fresh = await makePlan(machine, scanned.value, wanted.repairs, job);
  if (!fresh.ok) return fresh;
  const difference = firstDifference(wanted, fresh.value);
  if (difference !== null) return fail('plan-differs', { path: difference });
  return review(machine, fresh.value);
}

async function review(machine: Machine, plan: Plan): Answer<PlanReview> {
  const previews = await reviewPlan(plan, machine);
  if (!previews.ok) return previews;
  return ok({
    plan,
    previews: [...previews.value],
    needsRoot: plan.changes.some((change) => change.privilege === 'root' && machine.user.uid !== 0),
    freeBytes: await freeBytes(machine.directories.data),
  });
}
