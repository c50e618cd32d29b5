import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readlinkSync } from 'node:fs';
import { pipeline as pipeStreams } from 'node:stream/promises';
import { fail, ok, type ErrorData, type Result } from '../../shared/error.ts';
import type { Finding, OfferedRepair } from '../../shared/finding.ts';
import type { Change, ChangeOf, Plan } from '../../shared/plan.ts';
import type { ProgramReference } from '../../shared/snapshot.ts';
import type { JobContext } from './job.ts';
import type { Machine } from './machine.ts';
import { newPlan } from './new-plan.ts';
import type { RepairRequest, ScanOutcome } from './pipeline.ts';
import { everybodyReaches } from './reach.ts';
import { repairs } from './repairs/registry.ts';
import type { Repair, RepairDraft, RepairServices } from './repairs/repair.ts';
import { chooseSandbox } from './sandbox/choose.ts';
import { surveyTree } from './survey.ts';

interface Selected {
  readonly finding: Finding;
  readonly repair: Repair;
  readonly choices: Record<string, string>;
}

/** Works out one plan for several requests; each repair drafts, the parts are joined. */
export async function makePlan(
  machine: Machine,
  scan: ScanOutcome,
  requests: readonly RepairRequest[],
  job: JobContext,
): Promise<Result<Plan, ErrorData>> {
  const services = servicesFor(machine, job);
  const drafts: { readonly selected: Selected; readonly draft: RepairDraft }[] = [];
  for (const [index, request] of requests.entries()) {
    job.emit({ type: 'progress', done: index, total: requests.length });
    const selected = select(scan, request);
    if (!selected.ok) return selected;
    const { finding, repair, choices } = selected.value;
    const draft = await repair.draft(finding, scan.snapshot, choices, services);
    if (!draft.ok) return draft;
    if (job.signal.aborted) return fail('cancelled');
    drafts.push({ selected: selected.value, draft: draft.value });
  }
  const told = toldOf(
    scan,
    drafts.map(({ selected }) => selected.finding),
  );
  return ok(joined(machine, drafts, told));
}

function select(scan: ScanOutcome, request: RepairRequest): Result<Selected, ErrorData> {
  const finding = scan.report.findings.find(({ id }) => id === request.finding);
  if (!finding) return fail('finding-not-found', { id: request.finding });
  const offered = finding.repairs.find((candidate) =>
    request.repair === null ? candidate.recommended : candidate.repair === request.repair,
  );
  const repair = repairs.find(({ id }) => id === offered?.repair);
  if (!offered || !repair) {
    return fail('repair-not-offered', {
      repair: request.repair ?? '',
      path: finding.affected[0] ?? '',
    });
  }
  const choices = completed(offered, request.choices);
  if (!choices.ok) return choices;
  return ok({ finding, repair, choices: choices.value });
}

function completed(
  offered: OfferedRepair,
  given: Readonly<Record<string, string>>,
): Result<Record<string, string>, ErrorData> {
  const known = offered.choices.map(({ key }) => key).join(', ');
  for (const [key, value] of Object.entries(given)) {
    const choice = offered.choices.find((candidate) => candidate.key === key);
    if (!choice) return fail('choice-invalid', { key, value, known });
    if (choice.options && !choice.options.some((option) => option.value === value)) {
      const values = choice.options.map((option) => option.value).join(', ');
      return fail('choice-invalid', { key, value, known: values });
    }
  }
  const defaults = offered.choices.map((choice) => [choice.key, choice.default]);
  return ok({ ...Object.fromEntries(defaults), ...given } as Record<string, string>);
}

/** Programs of the findings that the scan knew only, or also, because it was told of them. */
function toldOf(scan: ScanOutcome, findings: readonly Finding[]): string[] {
  const affected = new Set(findings.flatMap((finding) => finding.affected));
  const programs = scan.snapshot.probes.programs.data?.programs ?? [];
  return programs
    .filter(({ path, references }) => affected.has(path) && references.some(isTold))
    .map(({ path }) => path);
}

function isTold({ kind }: ProgramReference): boolean {
  return kind === 'user';
}

function joined(
  machine: Machine,
  drafts: readonly { readonly selected: Selected; readonly draft: RepairDraft }[],
  told: string[],
): Plan {
  const all = drafts.flatMap(({ draft }) => draft.changes);
  const changes = mergedChanges(all);
  const first = <T>(items: readonly T[], key: (item: T) => string): T[] => [
    ...new Map(items.map((item) => [key(item), item] as const)).values(),
  ];
  return {
    ...newPlan(machine),
    ...(told.length === 0 ? {} : { programs: told }),
    repairs: drafts.map(({ selected, draft }) => ({
      repair: selected.repair.id,
      finding: selected.finding.id,
      title: draft.title,
      subject: draft.subject,
      problem: draft.problem,
      choices: selected.choices,
      changes: draft.changes.map(({ id }) => id),
    })),
    changes,
    reliesOn: first(
      drafts.flatMap(({ draft }) => draft.reliesOn),
      ({ path }) => path,
    ),
    verifications: first(
      drafts.flatMap(({ draft }) => draft.verifications),
      (verification) => JSON.stringify(verification),
    ),
    bytes: changes.reduce((sum, change) => sum + change.bytes, 0),
    seconds: drafts.reduce((sum, { draft }) => sum + draft.seconds, 0),
  };
}

/**
 * Two repairs may ask for the same thing (one sandbox, a copy of one tree, edits
 * of one settings file): what has the same id is one change, edits are joined.
 */
function mergedChanges(changes: readonly Change[]): Change[] {
  const merged = new Map<string, Change>();
  for (const change of changes) {
    const known = merged.get(change.id);
    merged.set(
      change.id,
      known?.kind === 'edit-json' && change.kind === 'edit-json'
        ? withEdits(known, change)
        : change,
    );
  }
  return [...merged.values()];
}

function withEdits(known: ChangeOf<'edit-json'>, more: ChangeOf<'edit-json'>): Change {
  const seen = new Set(known.edits.map(({ jsonPath }) => JSON.stringify(jsonPath)));
  const added = more.edits.filter(({ jsonPath }) => !seen.has(JSON.stringify(jsonPath)));
  return { ...known, edits: [...known.edits, ...added] };
}

function servicesFor(machine: Machine, job: JobContext): RepairServices {
  return {
    machine,
    job,
    chooseSandbox: (request) => chooseSandbox(machine, request, job),
    surveyTree: (program) => surveyTree(program, machine.home, job.signal),
    everybodyReaches: (path) => everybodyReaches(path, machine.directories.data),
    witness,
  };
}

/** What a path is now: absent, a link with its target, or a file with its digest. */
export async function witness(path: string): Promise<Result<Plan['reliesOn'][number], ErrorData>> {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return ok({ path, state: 'absent' });
    if (stat.isSymbolicLink()) return ok({ path, state: 'link', target: readlinkSync(path) });
    const hash = createHash('sha256');
    await pipeStreams(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
    return ok({ path, state: 'file', sha256: hash.digest('hex') });
  } catch (error) {
    return fail('file-unreadable', { path, detail: (error as NodeJS.ErrnoException).code ?? '' });
  }
}
