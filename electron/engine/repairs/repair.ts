import type { ErrorData, Result } from '../../../shared/error.ts';
import type { Finding, OfferedRepair } from '../../../shared/finding.ts';
import type { Message } from '../../../shared/message.ts';
import type { Change, Plan, SandboxSpec, Verification } from '../../../shared/plan.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';

/** What one repair contributes to a plan. */
export interface RepairDraft {
  readonly title: Message;
  readonly subject: string;
  readonly problem: Message;
  readonly changes: readonly Change[];
  readonly reliesOn: Plan['reliesOn'];
  readonly verifications: readonly Verification[];
  readonly seconds: number;
}

/** What repairs may ask of the world while they draft; none of it writes outside the cache. */
export interface RepairServices {
  readonly machine: Machine;
  readonly job: JobContext;
  /** Finds the oldest signed release that satisfies the needs (engine/sandbox). */
  readonly chooseSandbox: (request: SandboxRequest) => Promise<Result<SandboxChoice, ErrorData>>;
  /** Lists what a copy of the program would hold (engine/repairs reads no files itself). */
  readonly surveyTree: (program: string) => Promise<Result<TreeSurvey, ErrorData>>;
  /** Whether every user may get to a path that is there, or will be. */
  readonly everybodyReaches: (path: string) => boolean;
  /** What a path is now, as evidence that a plan relies on. */
  readonly witness: (path: string) => Promise<Result<Plan['reliesOn'][number], ErrorData>>;
}

/** What a program needs of a sandbox. */
export interface SandboxRequest {
  readonly architecture: 'amd64' | 'arm64';
  /** Version names by library soname, such as `{'libc.so.6': ['GLIBC_2.38']}`. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  /** sonames that the host lacks and the sandbox must bring. */
  readonly libraries: readonly string[];
  readonly kernel: string | null;
  /** Archive address, or directory; null: the machine's own configured mirror. */
  readonly source: string | null;
  /** Suite; null: the oldest that satisfies. */
  readonly release: string | null;
}

export interface SandboxChoice {
  readonly spec: SandboxSpec;
  /** Where the sandbox is, or will be. */
  readonly directory: string;
  /** Directory inside it that holds the libraries (becomes the rpath). */
  readonly libraryDirectory: string;
  /** The loader inside it. */
  readonly interpreter: string;
  /** True when it is there already, complete and with the digests of its manifest. */
  readonly exists: boolean;
}

/** The part of the file system that has to be copied so that a program still finds its own files. */
export interface TreeSurvey {
  /** A directory, or the program file itself. */
  readonly from: string;
  /** The program, relative to `from`; `.` where `from` is the file. */
  readonly program: string;
  readonly files: number;
  readonly bytes: number;
  /** Dynamic glibc programs in it, relative, whose interpreter has to change too. */
  readonly executables: readonly SurveyedExecutable[];
  /** Whether it is an Electron program: a trial run starts it as Node. */
  readonly electron: boolean;
}

/** A program of the tree that this system refuses to start. */
export interface SurveyedExecutable {
  readonly path: string;
  readonly interpreter: string;
  /** RPATH, or RUNPATH where there is one, as written. */
  readonly rpath: readonly string[];
  readonly privileged: boolean;
  /** What it and its libraries need and this system lacks. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  readonly libraries: readonly string[];
}

/** Turns a finding into changes. Changes nothing itself. */
export interface Repair {
  readonly id: string;
  /** Whether and how it applies to this finding; null when it does not. */
  readonly offer: (finding: Omit<Finding, 'repairs'>, snapshot: Snapshot) => OfferedRepair | null;
  readonly draft: (
    finding: Finding,
    snapshot: Snapshot,
    choices: Readonly<Record<string, string>>,
    services: RepairServices,
  ) => Promise<Result<RepairDraft, ErrorData>>;
}
