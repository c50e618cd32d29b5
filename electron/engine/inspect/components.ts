import type {
  Component,
  ComponentLine,
  ComponentReport,
  RuntimeNeeds,
} from '../../../shared/component.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import { componentReason, componentState } from '../checks/component-state.ts';
import { rankOfRole } from '../checks/component-weight.ts';
import { OPENED_FEATURES } from '../data/opened-libraries.ts';
import type { ScanOutcome } from '../pipeline.ts';
import { highestVersions } from '../probes/libc.ts';
import { knownPrograms } from './programs.ts';

const WORST_FIRST: readonly ComponentLine['state'][] = [
  'fails',
  'unknown',
  'weak',
  'works',
  'not-used',
];

/** Components by editor, worst first; the Go side is the last group, without an editor. */
export function componentsOf({ snapshot, report }: ScanOutcome): ComponentReport {
  const { editors, components, libc, packages } = snapshot.probes;
  const all = components.data?.components ?? [];
  const findings = new Map(
    report.findings.flatMap(({ id, affected: [first] }) =>
      first === undefined ? [] : [[first, id] as const],
    ),
  );
  const programs = new Map(knownPrograms(snapshot).map((one) => [one.path, one.id] as const));
  const group = (
    editorId: string | null,
    about: { readonly name: string; readonly version: string; readonly directory: string },
  ): ComponentReport['groups'][number] => {
    const members = all.filter((component) => component.editorId === editorId);
    const { name, version, directory } = about;
    return {
      editorId,
      name,
      version,
      directory,
      needs: highestNeeds(members),
      components: members
        .map((one) => lineOf(one, name, { findings, programs, snapshot }))
        .sort(worstFirst),
    };
  };
  const groups = [
    ...(editors.data?.editors ?? []).map((editor) => group(editor.id, editor)),
    group(null, { name: '', version: '', directory: '' }),
  ];
  return {
    schema: 'devmend.components/1',
    groups: groups.filter((one) => one.components.length > 0),
    present: { ...libc.data?.libc?.highest, ...libc.data?.libstdcxx?.highest },
    glibcRelease: packages.data?.libcFile?.release ?? null,
  };
}

function lineOf(
  component: Component,
  editor: string,
  known: {
    readonly findings: ReadonlyMap<string, string>;
    readonly programs: ReadonlyMap<string, string>;
    readonly snapshot: Snapshot;
  },
): ComponentLine {
  const { id, role, name, path, needs, realPath } = component;
  return {
    id,
    role,
    name,
    path,
    state: componentState(component),
    needs,
    breaks: breaksOf(component, editor),
    reason: componentReason(component, known.snapshot),
    finding: known.findings.get(path) ?? known.findings.get(realPath ?? path) ?? null,
    program: known.programs.get(realPath ?? path) ?? null,
  };
}

/** What a person loses when it does not work. */
function breaksOf({ role, name, extension }: Component, editor: string): Message {
  const params = { name, editor, extension: extension ?? '' };
  const feature = OPENED_FEATURES.find(({ sonames }) => sonames.includes(name));
  return role === 'opened-library' && feature !== undefined
    ? message(`component.breaks.opened-library.${feature.id}`, params)
    : message(`component.breaks.${role}`, params);
}

/** By state, and within one by what a person misses most. */
function worstFirst(left: ComponentLine, right: ComponentLine): number {
  return (
    WORST_FIRST.indexOf(left.state) - WORST_FIRST.indexOf(right.state) ||
    rankOfRole(left.role) - rankOfRole(right.role) ||
    (left.path < right.path ? -1 : Number(left.path > right.path))
  );
}

/** The highest needs over everything that would be loaded, and who has them. */
function highestNeeds(components: readonly Component[]): RuntimeNeeds {
  const all = components
    .filter(({ variant }) => variant === 'loads')
    .flatMap(({ needs }) => (needs === null ? [] : [needs]));
  const highest = highestVersions(
    all.flatMap((one) => [`GLIBC_${one.glibc}`, `GLIBCXX_${one.glibcxx}`, `CXXABI_${one.cxxabi}`]),
  );
  const wanted = new Set(Object.entries(highest).map(([family, number]) => `${family}_${number}`));
  const forcedBy = all
    .flatMap((needs) => needs.forcedBy)
    .filter(({ version }) => wanted.has(version));
  const family = (name: string): string | null => highest[name] ?? null;
  return {
    glibc: family('GLIBC'),
    glibcxx: family('GLIBCXX'),
    cxxabi: family('CXXABI'),
    forcedBy,
  };
}
