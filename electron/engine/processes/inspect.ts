import { fail, type ErrorData, type Result } from '../../../shared/error.ts';
import type { ProcessReport } from '../../../shared/process.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';

/** Looks into the running processes of editors and Go tools. */
export function inspectProcesses(
  machine: Machine,
  _job: JobContext,
): Promise<Result<ProcessReport, ErrorData>> {
  return Promise.resolve(fail('other-root', { path: machine.root }));
}
