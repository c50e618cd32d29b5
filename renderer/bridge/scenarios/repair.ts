import { message } from '../../../shared/message.ts';
import type { ErrorData } from '../../../shared/error.ts';
import type { TransactionDetail, TransactionOutcome } from '../../../shared/history.ts';
import type { JobProgress, StepState } from '../../../shared/job.ts';
import type { Message } from '../../../shared/message.ts';
import type { PlanReview } from '../../../shared/plan.ts';
import { NOW, SANDBOX, words } from './machine.ts';

/** How a scenario's repair is to end. */
export type RepairEnding = 'verified' | 'rolled-back' | 'stale' | 'slow';

const KEYRING = 'devmend-debian.gpg';

function step(
  id: string,
  state: StepState,
  detail: Message | null = null,
  ms: number | null = null,
): JobProgress {
  return { type: 'step', id, state, detail, ms };
}
const command = (text: string): JobProgress => ({ type: 'output', stream: 'command', text });
const data = (text: string): JobProgress => ({
  type: 'output',
  stream: 'data',
  text: `${text}\r\n`,
});
const note = (key: string): JobProgress => ({ type: 'note', note: words(key) });
const progress = (done: number): JobProgress => ({ type: 'progress', done, total: 100 });

export const trialFailure: ErrorData = {
  code: 'trial-run-failed',
  params: { path: 'git', answer: 'Segmentation fault' },
  correlationId: '7f31-22c9',
};

function sandboxWork(id: string): readonly JobProgress[] {
  return [
    step(id, 'running'),
    command(`gpgv --keyring ${KEYRING} InRelease`),
    data('gpgv: Good signature from "Debian Stable Release Key (13/trixie)"'),
    progress(35),
    progress(80),
    step(id, 'done', words('scenario.detail.release'), 2300),
  ];
}

function copyWork(id: string, fails: boolean): readonly JobProgress[] {
  return [
    step(id, 'running'),
    command(`patchelf --force-rpath --set-rpath ${SANDBOX}/lib git.devmend-tmp`),
    progress(31),
    command(`patchelf --set-interpreter ${SANDBOX}/lib/ld-linux-x86-64.so.2 git.devmend-tmp`),
    progress(62),
    note('scenario.checked.structure'),
    note('scenario.checked.simulation'),
    command('git.devmend-tmp --version'),
    ...(fails
      ? [data('\u001b[31mSegmentation fault\u001b[0m'), step(id, 'failed', null, 410)]
      : [data('git version 2.47.3'), step(id, 'done', null, 1200)]),
  ];
}

/** What the job tells, in order. */
export function repairScript(review: PlanReview, ending: RepairEnding): readonly JobProgress[] {
  const changes = review.plan.changes;
  const verify = review.plan.verifications.map((verification, index) => ({
    id: `verify-${index}`,
    title: verification.title,
  }));
  const script: JobProgress[] = [
    {
      type: 'steps',
      steps: [
        { id: 'images', title: words('scenario.step.images') },
        ...changes.map((change) => ({ id: change.id, title: change.title })),
        ...verify,
      ],
    },
    step('images', 'running'),
    step('images', 'done', words('scenario.detail.images', { count: 3, size: '1.9 MB' }), 100),
  ];
  for (const change of changes) {
    const failsHere = ending === 'rolled-back' && change.kind === 'copy-tree';
    if (change.kind === 'create-sandbox') script.push(...sandboxWork(change.id));
    else if (change.kind === 'copy-tree') script.push(...copyWork(change.id, failsHere));
    else script.push(step(change.id, 'running'), step(change.id, 'done', null, 40));
    if (failsHere) {
      const before = changes.slice(0, changes.indexOf(change)).reverse();
      script.push(...before.map((earlier) => step(earlier.id, 'undone', null, 60)));
      return script;
    }
  }
  for (const { id } of verify) script.push(step(id, 'running'), step(id, 'done', null, 90));
  return script;
}

/** How the job ends when nobody stops it. */
export function outcomeOf(
  review: PlanReview,
  ending: RepairEnding,
  id: string,
): TransactionOutcome {
  const failed = ending === 'rolled-back';
  return {
    id,
    status: failed ? 'rolled-back' : 'verified',
    title: review.plan.repairs[0]?.title ?? words('scenario.problem'),
    verifications: failed
      ? []
      : review.plan.verifications.map((verification) => ({
          title: verification.title,
          passed: true,
          output: 'git version 2.47.3\n',
        })),
    failure: failed ? trialFailure : null,
    durationMs: failed ? 2900 : 4800,
    kept: [],
  };
}

/** The history's entry for a repair that ended so. */
export function transactionOf(review: PlanReview, outcome: TransactionOutcome): TransactionDetail {
  return {
    summary: {
      id: outcome.id,
      at: NOW,
      type: 'apply',
      title: outcome.title,
      status: outcome.status,
      changes: review.plan.changes.map((change, index) => ({
        kind: change.kind,
        target: review.previews[index]?.target ?? '',
        title: change.title,
        reversibility: change.reversibility,
      })),
      undoes: null,
      undoneBy: null,
      durationMs: outcome.durationMs,
      imageBytes: 1_900_000,
      subjects: [...review.plan.repairs.map((repair) => repair.subject), 'settings.json'],
      damaged: false,
      pinned: false,
      expiresAt: null,
    },
    previews: review.previews,
    verifications: outcome.verifications,
    failure: outcome.failure,
    explanation: {
      done: review.previews.map(({ target }) => message('journal.done.changed', { path: target })),
      next: review.previews.map(({ target }) => message('journal.restore.file', { name: target })),
    },
    canUndo: outcome.status === 'verified',
    canRedo: false,
  };
}
