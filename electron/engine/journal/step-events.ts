import { message, type Message } from '../../../shared/message.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { asDevmendError } from '../faults.ts';
import type { TransactionRequest } from './transaction.ts';

interface StepResult<T> {
  readonly value: T;
  readonly detail: Message | null;
}

/** Tells the steps of a transaction as they are begun, done and failed. */
export class Steps {
  private readonly machine: Machine;
  private readonly job: JobContext;

  constructor(machine: Machine, job: JobContext, request: TransactionRequest) {
    this.machine = machine;
    this.job = job;
    const steps = [
      { id: 'before-images', title: message('journal.step.beforeImages') },
      ...request.plan.changes.map(({ id, title }) => ({ id, title })),
      ...request.checks.map(({ title }, index) => ({ id: `verify-${index}`, title })),
    ];
    job.emit({ type: 'steps', steps });
  }

  /** Runs one step; its state, time and detail are told around it. */
  async run<T>(id: string, work: () => Promise<StepResult<T>>): Promise<T> {
    const { emit } = this.job;
    const started = this.machine.clock().getTime();
    const elapsed = (): number => Math.max(0, this.machine.clock().getTime() - started);
    emit({ type: 'step', id, state: 'running', detail: null, ms: null });
    try {
      const { value, detail } = await work();
      emit({ type: 'step', id, state: 'done', detail, ms: elapsed() });
      return value;
    } catch (error) {
      const { code, params } = asDevmendError(error, '').data;
      emit({
        type: 'step',
        id,
        state: 'failed',
        detail: message(`error.${code}`, params),
        ms: elapsed(),
      });
      throw error;
    }
  }
}
