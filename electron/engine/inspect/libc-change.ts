import { fail, type ErrorData, type Result } from '../../../shared/error.ts';
import type { LibcChangeReport } from '../../../shared/libc-change.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';

/** What another glibc would change for the programs of a scan. */
export function compareLibc(
  _machine: Machine,
  _snapshot: Snapshot,
  target: string,
  _job: JobContext,
): Promise<Result<LibcChangeReport, ErrorData>> {
  return Promise.resolve(fail('not-found', { path: target }));
}
