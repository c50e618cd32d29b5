import { join } from 'node:path';
import type { ProbeData, ProbeProblem } from '../../../shared/snapshot.ts';
import type { Machine } from '../machine.ts';
import { configHome, orphanSettings } from './editor-settings-files.ts';
import { expandProgram } from './expand.ts';
import type { Files } from './files.ts';
import { shortHash } from '../short-hash.ts';
import { pause } from './pause.ts';
import type { Probe } from './probe.ts';
import { problem } from './problems.ts';
import { readSettingsText, type NamedProgram, type SettingsText } from './settings-text.ts';

/** Settings with whole dictionaries in them reach a megabyte; this is beyond a hand's reach. */
const SETTINGS_LIMIT = 8 * 1024 * 1024;

type Data = ProbeData<'editor-settings'>;
type SettingsFile = Data['files'][number];
type Reference = Data['references'][number];

interface Source {
  readonly file: string;
  readonly editorId: string;
  readonly editorName: string;
}

/**
 * Programs that editors' settings name. Settings whose editor was not found are
 * read too: the editor may lie where nobody looks, and the settings still count.
 */
export const editorSettingsProbe: Probe<'editor-settings'> = {
  id: 'editor-settings',
  after: ['editors'],
  timeoutMs: 3_000,
  run: async ({ machine, files, signal, result }) => {
    const problems: ProbeProblem[] = [...closedPlaces(machine, files)];
    const data: { files: SettingsFile[]; references: Reference[] } = { files: [], references: [] };
    for (const source of sourcesOf(result('editors'), machine, files)) {
      await pause(signal);
      readSource(source, machine, files, data, problems);
    }
    // Where the text breaks off is kept with the file, not repeated as a problem.
    const whole = problems.length === 0 && data.files.every((file) => file.errors.length === 0);
    return { status: whole ? 'ok' : 'partial', problems, data };
  },
};

/** A home that may not be looked into hides its settings: that is not the same as having none. */
function closedPlaces(machine: Machine, files: Files): readonly ProbeProblem[] {
  for (const place of [machine.home, configHome(machine)]) {
    const entries = files.list(place);
    if (!entries.ok && entries.problem.code !== 'not-found') return [entries.problem];
  }
  return [];
}

/** Every settings file once: two editors of one name share it, the first found is named. */
function sourcesOf(
  editors: ProbeData<'editors'> | null,
  machine: Machine,
  files: Files,
): readonly Source[] {
  const sources = new Map<string, Source>();
  for (const editor of editors?.editors ?? []) {
    for (const file of editor.settingsFiles) {
      if (sources.has(file)) continue;
      sources.set(file, { file, editorId: editor.id, editorName: editor.name });
    }
  }
  for (const { file, name } of orphanSettings(machine, files)) {
    if (sources.has(file)) continue;
    sources.set(file, {
      file,
      editorId: `settings:${shortHash(file)}`,
      editorName: name === 'Code' ? 'Visual Studio Code' : name,
    });
  }
  return [...sources.values()];
}

function readSource(
  source: Source,
  machine: Machine,
  files: Files,
  data: { readonly files: SettingsFile[]; readonly references: Reference[] },
  problems: ProbeProblem[],
): void {
  const real = files.realPath(source.file);
  if (!real.ok) {
    problems.push(real.problem);
    return;
  }
  const text = files.readText(source.file, SETTINGS_LIMIT);
  if (!text.ok) {
    problems.push(text.problem);
    return;
  }
  const settings = parse(text.value);
  const target = real.value === source.file ? null : real.value;
  data.files.push({ ...source, target, errors: [...settings.errors] });
  for (const named of settings.programs) {
    const path = expandProgram(named.value, machine, files);
    if (!path.ok && path.problem.code === 'unsupported') {
      problems.push(problem('unsupported', source.file, `${named.line}: ${named.setting}`));
      continue;
    }
    // A bare name that is nowhere on PATH stays as it is: the programs probe says so.
    const program = path.ok ? withSuffix(path.value, named) : named.value.trim();
    data.references.push({ path: program, reference: referenceOf(named, source, target) });
  }
}

function parse(text: string): SettingsText {
  try {
    return readSettingsText(text);
  } catch (error) {
    // Brackets nested beyond the parser's stack; nothing else of it throws.
    if (!(error instanceof RangeError)) throw error;
    return { programs: [], errors: [{ line: 1, code: 'TooDeep' }] };
  }
}

function withSuffix(path: string, named: NamedProgram): string {
  return named.rule.suffix === null ? path : join(path, named.rule.suffix);
}

function referenceOf(
  named: NamedProgram,
  source: Source,
  target: string | null,
): Reference['reference'] {
  return {
    kind: 'setting',
    ...source,
    target,
    line: named.line,
    jsonPath: [...named.jsonPath],
    setting: named.setting,
    value: named.value,
  };
}
