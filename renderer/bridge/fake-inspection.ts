import type { CallName, Envelope, StreamName } from '../../shared/contract.ts';
import { assertNever } from '../../shared/error.ts';
import type { Job } from './fake-machine.ts';

type Question = Extract<
  CallName,
  'programs.list' | 'dependencies.show' | 'components.show' | 'processes.show' | 'matrix.show'
>;
type Work = Extract<StreamName, 'upgrade.start' | 'trace.start'>;

/** What the fake machine shows of its programs, processes and tables. */
export function answerInspection(name: Question, _input: unknown): Envelope<unknown> {
  switch (name) {
    case 'programs.list':
      return { ok: true, data: { programs: [] } };
    case 'components.show':
    case 'matrix.show':
      return { ok: true, data: { report: null } };
    case 'dependencies.show':
    case 'processes.show':
      return { ok: false, error: { code: 'not-found', params: { path: '' }, correlationId: '' } };
    default:
      return assertNever(name);
  }
}

/** A comparison or a trace on the fake machine. */
export function inspectionJob(_name: Work): Job {
  return {
    script: [],
    end: () => ({ ok: true, result: { report: null } }),
    cancelled: () => ({ ok: false, error: { code: 'cancelled', params: {}, correlationId: '' } }),
  };
}
