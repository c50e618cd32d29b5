import { fail, type ErrorData, type Result } from '../../../shared/error.ts';
import type { TraceReport } from '../../../shared/trace.ts';
import type { TraceRequest } from '../inspection.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';

/** Runs a program under strace and explains how it started. */
export function traceLaunch(
  machine: Machine,
  _request: TraceRequest,
  _job: JobContext,
): Promise<Result<TraceReport, ErrorData>> {
  return Promise.resolve(fail('other-root', { path: machine.root }));
}
