import { contract, type CallName, type Envelope, type StreamName } from '../../shared/contract.ts';
import { assertNever } from '../../shared/error.ts';
import type { Job } from './fake-machine.ts';
import { dependencyReports, knownPrograms } from './scenarios/programs.ts';

type Question = Extract<
  CallName,
  'programs.list' | 'dependencies.show' | 'components.show' | 'processes.show' | 'matrix.show'
>;
type Work = Extract<StreamName, 'upgrade.start' | 'trace.start'>;

/** What the fake machine shows of its programs, processes and tables. */
export function answerInspection(name: Question, input: unknown): Envelope<unknown> {
  switch (name) {
    case 'programs.list':
      return { ok: true, data: { programs: knownPrograms } };
    case 'components.show':
    case 'matrix.show':
      return { ok: true, data: { report: null } };
    case 'dependencies.show': {
      const { id } = contract[name].input.parse(input);
      const report = dependencyReports[id];
      return report === undefined
        ? { ok: false, error: { code: 'not-found', params: { path: id }, correlationId: '' } }
        : { ok: true, data: report };
    }
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
