import type { ComponentReport } from '../../shared/component.ts';
import type { DependencyReport } from '../../shared/elf.ts';
import type { ErrorData, Result } from '../../shared/error.ts';
import type { KnownProgram } from '../../shared/inspection.ts';
import type { LibcChangeReport } from '../../shared/libc-change.ts';
import type { MatrixReport } from '../../shared/matrix.ts';
import type { ProcessReport } from '../../shared/process.ts';
import type { TraceReport } from '../../shared/trace.ts';
import type { JobContext } from './job.ts';
import type { ScanOutcome } from './pipeline.ts';
import type { ProcessOptions } from './processes/inspect.ts';

type Answer<T> = Promise<Result<T, ErrorData>>;

export interface TraceRequest {
  /** Absolute path; the person chose it and knows that it will run. */
  readonly program: string;
  readonly arguments: readonly string[];
  /** The program and all it started are ended after this. */
  readonly timeLimitMs: number;
  /** Where it is started; `/` when left out. */
  readonly workingDirectory?: string;
  /** Watch dlopen and dlsym with ltrace instead of the kernel's calls with strace. */
  readonly preferLtrace?: boolean;
}

/**
 * Looking without repairing: views of a scan, of the running processes, of one
 * program. Nothing here writes, and only `trace` runs anything that is examined.
 */
export interface Inspection {
  /** Programs and modules of a scan that a graph or a trace can be asked for. */
  readonly programs: (scan: ScanOutcome) => readonly KnownProgram[];
  /** What the loader would do with one of them now. `not-found` for an unknown id. */
  readonly dependencies: (scan: ScanOutcome, id: string) => Answer<DependencyReport>;
  readonly components: (scan: ScanOutcome) => ComponentReport;
  readonly matrix: (scan: ScanOutcome) => MatrixReport;
  /** `target`: a root directory, a directory of libraries, or a .deb of libc6. */
  readonly upgrade: (
    scan: ScanOutcome,
    target: string,
    job: JobContext,
  ) => Answer<LibcChangeReport>;
  readonly processes: (job: JobContext, options?: ProcessOptions) => Answer<ProcessReport>;
  /** Refused for another root (`other-root`): nothing inside it is run. */
  readonly trace: (request: TraceRequest, job: JobContext) => Answer<TraceReport>;
}
