import type { Finding, Unchecked } from '../../../shared/finding.ts';
import type { Message } from '../../../shared/message.ts';
import type { ProbeId, Snapshot } from '../../../shared/snapshot.ts';

export interface CheckOutcome {
  /** Findings without the repairs on offer: those are added by asking every repair. */
  readonly findings: readonly Omit<Finding, 'repairs'>[];
  readonly unchecked: readonly Unchecked[];
  /** How many things were looked at and found fine. */
  readonly passed: number;
}

/** A pure function from what is known to what is wrong. No I/O. */
export interface Check {
  readonly id: string;
  readonly title: Message;
  /** Probes it reads; where one has no data, the check says "could not check" by itself. */
  readonly reads: readonly ProbeId[];
  readonly run: (snapshot: Snapshot) => CheckOutcome;
}
