import { basename, isAbsolute } from 'node:path';
import type { Program, ProgramReference } from '../../../shared/snapshot.ts';
import { readGoBuildInfo } from '../elf/go-build-info.ts';
import { readElf } from '../elf/read.ts';
import { ownNeeds } from './own-needs.ts';
import { pause } from './pause.ts';
import type { Probe, ProbeContext } from './probe.ts';
import { problem } from './problems.ts';
import { elfFacts, fileFacts, sha256Of, withCapabilities } from './program-facts.ts';

/** A program to look at, with everything that names it. */
interface Named {
  readonly path: string;
  readonly realPath: string | null;
  readonly problem: Program['problem'];
  readonly references: ProgramReference[];
}

/**
 * Everything that settings, editors, PATH and the user name as a program: what
 * it is, and whether the loader would start it. What the user and the settings
 * name comes first, so that first findings do not wait for the rest.
 */
export const programsProbe: Probe<'programs'> = {
  id: 'programs',
  after: ['editors', 'editor-settings', 'go-tools'],
  timeoutMs: 30_000,
  run: async (context) => {
    const programs: Program[] = [];
    const urgent = (named: Named): boolean =>
      named.references.some(({ kind }) => kind === 'user' || kind === 'setting');
    const all = namedPrograms(context);
    for (const batch of [all.filter(urgent), all.filter((named) => !urgent(named))]) {
      const looked: Program[] = [];
      for (const named of batch) {
        await pause(context.signal);
        looked.push(examine(named, context));
      }
      programs.push(...(await withRepairFacts(looked, context)));
      context.partial({ programs: [...programs] });
    }
    return { status: 'ok', problems: [], data: { programs } };
  },
};

/** Each program once, by what its path really leads to; references are put together. */
function namedPrograms(context: ProbeContext): readonly Named[] {
  const byPath = new Map<string, Named>();
  for (const { path, reference } of mentions(context)) {
    const real = isAbsolute(path)
      ? context.files.realPath(path)
      : { ok: false as const, problem: problem('not-found', path) };
    const key = real.ok ? real.value : path;
    const known = byPath.get(key);
    if (known !== undefined) {
      known.references.push(reference);
      continue;
    }
    byPath.set(key, {
      path,
      realPath: real.ok ? real.value : null,
      problem: real.ok ? null : real.problem,
      references: [reference],
    });
  }
  return [...byPath.values()];
}

function* mentions(
  context: ProbeContext,
): Generator<{ readonly path: string; readonly reference: ProgramReference }> {
  for (const path of context.programs) yield { path, reference: { kind: 'user' } };
  yield* context.result('editor-settings')?.references ?? [];
  for (const editor of context.result('editors')?.editors ?? []) {
    if (editor.executable === null) continue;
    const { id: editorId, name: editorName } = editor;
    yield { path: editor.executable, reference: { kind: 'editor', editorId, editorName } };
  }
  yield* context.result('go-tools')?.tools ?? [];
}

function examine(named: Named, context: ProbeContext): Program {
  const { files, machine, loader } = context;
  const { path, realPath, references } = named;
  const nothing = {
    path,
    realPath,
    name: basename(path),
    references,
    report: null,
    problem: named.problem,
    file: null,
    elf: null,
  };
  if (realPath === null) return nothing;
  const stat = files.stat(realPath);
  if (!stat.ok) return { ...nothing, problem: stat.problem };
  if (!stat.value.isFile()) {
    return { ...nothing, problem: problem('unsupported', path, 'not a regular file') };
  }
  const file = fileFacts(realPath, stat.value, files, machine);
  const host = files.hostPath(realPath);
  const elf = readElf(host);
  if (!elf.ok && elf.error.code === 'unreadable') {
    return { ...nothing, file, problem: problem('not-permitted', path) };
  }
  // Scripts and damaged files have a report too: it says what they are.
  const report = loader.simulate(realPath);
  if (!elf.ok) return { ...nothing, file, report };
  const go = readGoBuildInfo(host, elf.value);
  const goVersion = go.ok ? (go.value?.version ?? null) : null;
  const facts = elfFacts(elf.value, goVersion);
  const needs = ownNeeds(realPath, report.objects, files);
  return { ...nothing, file, report, elf: facts === null ? null : { ...facts, needs } };
}

/**
 * Digest and file capabilities, for the programs that a repair may be about:
 * those that fail, and those the user asked about. Others would only cost time.
 */
async function withRepairFacts(
  programs: readonly Program[],
  { files, machine, signal, loader }: ProbeContext,
): Promise<readonly Program[]> {
  const hostPath = (program: Program): string | null =>
    program.file !== null && program.realPath !== null && mayBeRepaired(program)
      ? files.hostPath(program.realPath)
      : null;
  const paths = programs.map(hostPath).filter((path) => path !== null);
  const capable = await withCapabilities(paths, machine, signal);
  const completed: Program[] = [];
  for (const program of programs) {
    const path = hostPath(program);
    if (path === null || program.file === null || program.realPath === null) {
      completed.push(program);
      continue;
    }
    const sha256 = await sha256Of(path, program.file.size, signal);
    const capabilities = capable.has(path);
    const privileged = program.file.privileged || capabilities;
    // In secure mode the loader treats $ORIGIN in another way: judged again.
    const report = capabilities
      ? loader.simulate(program.realPath, { capabilities })
      : program.report;
    completed.push({ ...program, report, file: { ...program.file, sha256, privileged } });
  }
  return completed;
}

function mayBeRepaired(program: Program): boolean {
  return (
    program.report?.verdict === 'fails' ||
    program.references.some((reference) => reference.kind === 'user')
  );
}
