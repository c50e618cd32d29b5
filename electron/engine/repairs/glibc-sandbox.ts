import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { fail, ok, type ErrorData, type Result } from '../../../shared/error.ts';
import type { Finding, OfferedRepair } from '../../../shared/finding.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { Change, Plan, Verification } from '../../../shared/plan.ts';
import type { Program, Snapshot } from '../../../shared/snapshot.ts';
import { trialArguments } from '../data/trial-arguments.ts';
import { elfPatch, isSystemLoader, needsOf, patchableVersion } from './sandbox-needs.ts';
import type {
  Repair,
  RepairDraft,
  RepairServices,
  SandboxChoice,
  SurveyedExecutable,
  TreeSurvey,
} from './repair.ts';
import { settingEdits } from './setting-edits.ts';

/** Checks whose findings another glibc can mend. */
const mendable: ReadonlySet<string> = new Set(['glibc-version-missing', 'library-missing']);

const TRIAL_LIMIT_MS = 20_000;

/**
 * Gives a program a private glibc: a complete signed set from one distribution
 * release, to which a copy of the program (or, in place, the program itself) is
 * pointed. The system's own libraries stay as they are.
 */
export const glibcSandbox: Repair = {
  id: 'glibc-sandbox',
  offer,
  draft,
};

function offer(finding: Omit<Finding, 'repairs'>, snapshot: Snapshot): OfferedRepair | null {
  const program = programOf(finding, snapshot);
  if (program === null || !patchable(finding, program, snapshot)) return null;
  return {
    repair: glibcSandbox.id,
    title: message('repair.sandbox.title', { program: program.name }),
    description: message('repair.sandbox.description', { program: program.name }),
    recommended: true,
    reversibility: 'full',
    choices: [
      {
        key: 'use',
        label: message('repair.sandbox.choice.use'),
        default: defaultUse(program),
        options: [
          {
            value: 'copy',
            label: message('repair.sandbox.choice.use.copy'),
            note: message('repair.sandbox.choice.use.copy.note', { program: program.name }),
          },
          {
            value: 'in-place',
            label: message('repair.sandbox.choice.use.in-place'),
            note: message('repair.sandbox.choice.use.in-place.note', { program: program.name }),
          },
        ],
      },
      { key: 'source', label: message('repair.sandbox.choice.source'), default: '', options: null },
      {
        key: 'release',
        label: message('repair.sandbox.choice.release'),
        default: '',
        options: null,
      },
    ],
    refused: refusal(program, snapshot),
  };
}

/** Only needs that glibc, libgcc and libstdc++, or libraries of the same release, can meet. */
function patchable(
  finding: Omit<Finding, 'repairs'>,
  program: Program,
  snapshot: Snapshot,
): boolean {
  if (!mendable.has(finding.check)) return false;
  // On musl the build for musl is the way, not a second C library.
  if (snapshot.probes.libc.data?.kind === 'musl') return false;
  if (program.elf?.libc !== 'glibc' || program.elf.linkage !== 'dynamic') return false;
  return finding.evidence.every((evidence) => {
    if (evidence.kind === 'missing-chain') return !isSystemLoader(evidence.soname);
    return evidence.kind !== 'version-chain' || patchableVersion(evidence.version);
  });
}

/**
 * A copy, unless nothing but PATH names the program: there a copy elsewhere would
 * never be found, and the program itself can be replaced by its owner.
 */
function defaultUse(program: Program): 'copy' | 'in-place' {
  const onlyPath = program.references.every((reference) => reference.kind === 'path');
  return onlyPath && program.references.length > 0 && program.file?.replaceable === true
    ? 'in-place'
    : 'copy';
}

function refusal(program: Program, snapshot: Snapshot): Message | null {
  const params = { program: program.name, path: program.path };
  if (snapshot.root !== '/') return message('repair.sandbox.refused.root', params);
  if (program.file?.privileged) return message('repair.sandbox.refused.privileged', params);
  if ((program.elf?.appendedPayload ?? 0) > 0) {
    return message('repair.sandbox.refused.payload', params);
  }
  const architecture = snapshot.probes.kernel.data?.architecture;
  if (architecture === 'other') return message('repair.sandbox.refused.architecture', params);
  return null;
}

async function draft(
  finding: Finding,
  snapshot: Snapshot,
  choices: Readonly<Record<string, string>>,
  services: RepairServices,
): Promise<Result<RepairDraft, ErrorData>> {
  const program = programOf(finding, snapshot);
  if (program === null || program.realPath === null)
    return fail('finding-not-found', { id: finding.id });
  const refused = refusal(program, snapshot);
  if (refused !== null) return refusedError(program, refused);

  const survey = await services.surveyTree(program.realPath);
  if (!survey.ok) return survey;
  const sandbox = await services.chooseSandbox({
    architecture: snapshot.probes.kernel.data?.architecture === 'aarch64' ? 'arm64' : 'amd64',
    ...needsOf(survey.value.executables),
    kernel: snapshot.probes.kernel.data?.release ?? null,
    source: choices['source'] || null,
    release: choices['release'] || null,
  });
  if (!sandbox.ok) return sandbox;

  const inPlace = choices['use'] === 'in-place';
  const { directory } = sandbox.value;
  if (inPlace && isHidden(program.realPath, directory, services)) {
    return fail('sandbox-unreachable', { path: program.path, directory });
  }
  const job: Drafting = { program, survey: survey.value, sandbox: sandbox.value, services };
  const changes = inPlace ? inPlaceChanges(job) : copyChanges(job);
  const at = inPlace ? program.realPath : copiedProgram(job);
  const settings = inPlace ? [] : settingEdits(program, at);
  const reliesOn = await witnesses(
    job,
    changes,
    settings.map(({ change }) => change.path),
  );
  if (!reliesOn.ok) return reliesOn;
  return ok({
    title: message('repair.sandbox.title', { program: program.name }),
    subject: program.name,
    problem: finding.summary,
    changes: [...sandboxChange(sandbox.value), ...changes, ...settings.map(({ change }) => change)],
    reliesOn: reliesOn.value,
    verifications: verifications(job, at, settings),
    seconds: estimateSeconds(job),
  });
}

/**
 * A program that everybody starts must not ask for a loader that only one user can
 * get to: root repairing in place, with the sandbox in root's own directory.
 */
function isHidden(program: string, sandbox: string, services: RepairServices): boolean {
  return services.everybodyReaches(program) && !services.everybodyReaches(sandbox);
}

function refusedError(program: Program, refused: Message): Result<never, ErrorData> {
  const params = { path: program.path, program: program.name };
  switch (refused.key) {
    case 'repair.sandbox.refused.privileged':
      return fail('program-privileged', params);
    case 'repair.sandbox.refused.payload':
      return fail('program-appended-payload', params);
    case 'repair.sandbox.refused.root':
      return fail('other-root', params);
    default:
      return fail('repair-not-offered', { ...params, repair: glibcSandbox.id });
  }
}

interface Drafting {
  readonly program: Program;
  readonly survey: TreeSurvey;
  readonly sandbox: SandboxChoice;
  readonly services: RepairServices;
}

function sandboxChange(sandbox: SandboxChoice): Change[] {
  if (sandbox.exists) return [];
  const { spec, directory } = sandbox;
  return [
    {
      kind: 'create-sandbox',
      id: `create-sandbox:${directory}`,
      title: message('repair.sandbox.change.create', { release: spec.release, glibc: spec.glibc }),
      privilege: 'user',
      reversibility: 'full',
      reversibilityReason: null,
      bytes: spec.installedBytes,
      directory,
      spec,
    },
  ];
}

function copyChanges({ program, survey, sandbox, services }: Drafting): Change[] {
  const to = copyTarget(survey, services);
  const trial = trialArguments(program.name, survey.electron);
  return [
    {
      kind: 'copy-tree',
      id: `copy-tree:${to}`,
      title: message('repair.sandbox.change.copy', { program: program.name }),
      privilege: 'user',
      reversibility: 'full',
      reversibilityReason: null,
      bytes: survey.bytes,
      from: survey.from,
      to,
      patches: patched(survey.executables).map((executable) => elfPatch(executable, sandbox)),
      trial: { path: survey.program, ...trialOf(trial) },
    },
  ];
}

function inPlaceChanges({ program, survey, sandbox }: Drafting): Change[] {
  return patched(survey.executables).map((executable): Change => {
    const path = posix.join(survey.from, executable.path);
    const name = posix.basename(path);
    const isProgram = executable.path === survey.program;
    return {
      kind: 'patch-elf',
      id: `patch-elf:${path}`,
      title: message('repair.sandbox.change.patch', { program: name }),
      privilege: program.file?.replaceable === false ? 'root' : 'user',
      reversibility: 'full',
      reversibilityReason: null,
      bytes: isProgram ? (program.file?.size ?? 0) : 0,
      path,
      patch: { ...elfPatch(executable, sandbox), path: '.' },
      trial: isProgram ? { path: '.', ...trialOf(trialArguments(name, survey.electron)) } : null,
    };
  });
}

function patched(executables: readonly SurveyedExecutable[]): readonly SurveyedExecutable[] {
  return executables.filter((executable) => !executable.privileged);
}

function trialOf(trial: ReturnType<typeof trialArguments>): {
  args: string[];
  environment: Record<string, string>;
  timeoutMs: number;
} {
  return {
    args: [...trial.args],
    environment: { ...trial.environment },
    timeoutMs: TRIAL_LIMIT_MS,
  };
}

/**
 * `<data>/programs/<name>-<hash of where it came from>`; a single file keeps its
 * own name inside that folder, because programs look at the name they were started by.
 */
function copyTarget(survey: TreeSurvey, services: RepairServices): string {
  const hash = createHash('sha256').update(survey.from).digest('hex').slice(0, 8);
  const name = posix.basename(survey.from);
  const folder = posix.join(
    services.machine.directories.data,
    'programs',
    `${survey.program === '.' ? name : posix.basename(survey.program)}-${hash}`,
  );
  return survey.program === '.' ? posix.join(folder, name) : folder;
}

function copiedProgram({ survey, services }: Drafting): string {
  const to = copyTarget(survey, services);
  return survey.program === '.' ? to : posix.join(to, survey.program);
}

async function witnesses(
  { program, survey, services }: Drafting,
  changes: readonly Change[],
  settings: readonly string[],
): Promise<Result<Plan['reliesOn'], ErrorData>> {
  const paths = new Set([
    program.realPath ?? program.path,
    ...patched(survey.executables).map(({ path }) => posix.join(survey.from, path)),
    ...settings,
    ...changes.flatMap((change) => (change.kind === 'copy-tree' ? [change.to] : [])),
  ]);
  const seen: Plan['reliesOn'] = [];
  for (const path of paths) {
    const witness = await services.witness(path);
    if (!witness.ok) return witness;
    seen.push(witness.value);
  }
  return ok(seen);
}

function verifications(
  { program, survey, sandbox }: Drafting,
  at: string,
  settings: ReturnType<typeof settingEdits>,
): Verification[] {
  const params = { program: program.name };
  return [
    { kind: 'loader-simulation', title: message('verify.title.loads', params), path: at },
    {
      kind: 'program-starts',
      title: message('verify.title.starts', params),
      path: at,
      ...trialOf(trialArguments(program.name, survey.electron)),
    },
    {
      kind: 'private-glibc',
      title: message('verify.title.private'),
      path: sandbox.directory,
      interpreter: sandbox.interpreter,
    },
    ...settings.flatMap(({ change, editor }) =>
      change.edits.map((edit): Verification => ({
        kind: 'setting-names',
        title: message('verify.title.setting', { editor }),
        path: change.path,
        jsonPath: edit.jsonPath,
        value: JSON.parse(edit.after ?? '""') as string,
      })),
    ),
  ];
}

/** From the measured speed of a plain disk: about 100 MB a second, and 2 s for a new sandbox. */
function estimateSeconds({ survey, sandbox }: Drafting): number {
  return Math.ceil(survey.bytes / 100_000_000 + (sandbox.exists ? 0 : 2) + 1);
}

function programOf(finding: Omit<Finding, 'repairs'>, snapshot: Snapshot): Program | null {
  const [path] = finding.affected;
  const programs = snapshot.probes.programs.data?.programs ?? [];
  return programs.find((program) => program.path === path) ?? null;
}
