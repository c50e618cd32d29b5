import {
  contract,
  type CallName,
  type Envelope,
  type InputOf,
  type StreamName,
} from '../../shared/contract.ts';
import { assertNever, type ErrorData } from '../../shared/error.ts';
import type { Job } from './fake-job.ts';
import { componentReport } from './scenarios/inspection-components.ts';
import { matrixReport } from './scenarios/inspection-matrix.ts';
import { processReport } from './scenarios/inspection-processes.ts';
import { changeReport, traceReport, traceScript } from './scenarios/inspection-work.ts';
import { dependencyReports, knownPrograms } from './scenarios/programs.ts';

type Question = Extract<
  CallName,
  'programs.list' | 'dependencies.show' | 'components.show' | 'processes.show' | 'matrix.show'
>;
type Work = Extract<StreamName, 'upgrade.start' | 'trace.start'>;

const notFound = (path: string): { readonly ok: false; readonly error: ErrorData } => ({
  ok: false,
  error: { code: 'not-found', params: { path }, correlationId: '' },
});

/** What the fake machine shows of its programs, processes and tables; some of it only after a scan. */
export function answerInspection(
  name: Question,
  input: unknown,
  scanned: boolean,
): Envelope<unknown> {
  switch (name) {
    case 'programs.list':
      return { ok: true, data: { programs: scanned ? knownPrograms : [] } };
    case 'components.show':
      return { ok: true, data: { report: scanned ? componentReport : null } };
    case 'matrix.show':
      return { ok: true, data: { report: scanned ? matrixReport : null } };
    case 'dependencies.show': {
      const { id } = contract[name].input.parse(input);
      const report = dependencyReports[id];
      return report === undefined ? notFound(id) : { ok: true, data: report };
    }
    case 'processes.show':
      return { ok: true, data: processReport };
    default:
      return assertNever(name);
  }
}

/** A comparison or a trace on the fake machine. */
export function inspectionJob(name: Work, input: unknown): Job {
  const cancelled = () =>
    ({ ok: false, error: { code: 'cancelled', params: {}, correlationId: '' } }) as const;
  if (name === 'upgrade.start') {
    return { script: [], end: () => ({ ok: true, result: { report: changeReport } }), cancelled };
  }
  const request: InputOf<'trace.start'> = contract['trace.start'].input.parse(input);
  const args = request.arguments === 'version' ? ['--version'] : [];
  const program = knownPrograms.find(({ id }) => id === request.id);
  if (program === undefined || program.kind === 'module') {
    return { script: [], end: () => notFound(request.id), cancelled };
  }
  return {
    script: traceScript(request.id, args),
    end: () => ({ ok: true, result: traceReport(request.id, args) }),
    cancelled,
  };
}
