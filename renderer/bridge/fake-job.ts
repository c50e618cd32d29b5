import type { ErrorData } from '../../shared/error.ts';
import type { ScanReport } from '../../shared/finding.ts';
import type { JobProgress } from '../../shared/job.ts';
import { words } from './scenarios/machine.ts';

export type JobEnd =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: ErrorData };

/** What a job tells, and how it ends; asked only when it gets there. */
export interface Job {
  readonly script: readonly JobProgress[];
  readonly end: () => JobEnd;
  readonly cancelled: () => JobEnd;
  /** Never ends unless stopped. */
  readonly endless?: boolean;
}

export const CANCELLED: ErrorData = { code: 'cancelled', params: {}, correlationId: '' };

/** Ends with a failure. */
export const refuse = (code: ErrorData['code'], params: ErrorData['params'] = {}): JobEnd => ({
  ok: false,
  error: { code, params, correlationId: 'fake-0001' },
});
/** A job that does nothing but fail. */
export const refused = (code: ErrorData['code'], params: ErrorData['params'] = {}): Job => ({
  script: [],
  end: () => refuse(code, params),
  cancelled: () => refuse('cancelled'),
});

/** What a scan tells while it runs. */
export function scanScript(
  probes: ScanReport['probes'],
  findings: ScanReport['findings'],
): readonly JobProgress[] {
  const script: JobProgress[] = probes.map((probe) => ({
    type: 'phase',
    phase: words('scenario.phase.read', { what: probe.id }),
  }));
  findings.forEach((finding, index) => {
    script.push(
      {
        type: 'phase',
        phase: words('scenario.phase.follow', { program: String(finding.title.params.program) }),
      },
      { type: 'progress', done: index + 1, total: findings.length + 1 },
      { type: 'finding', finding },
    );
  });
  return script;
}
