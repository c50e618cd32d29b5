import type { Component, ComponentRole } from '../../../shared/component.ts';
import type { DependencyReport } from '../../../shared/elf.ts';
import type { ChainHop, Evidence, Finding, Severity, Unchecked } from '../../../shared/finding.ts';
import { message } from '../../../shared/message.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import { baseName, brokenChain } from './chain.ts';
import type { Check } from './check.ts';
import {
  componentReason,
  componentState,
  presentVersion,
  worstVersions,
} from './component-state.ts';
import { importanceOf } from './component-weight.ts';
import { findingId } from './identity.ts';

/**
 * A part of an editor, or of what Go work needs, that cannot be loaded or started
 * here though the editor itself starts: DT_NEEDED does not show it, and what
 * people see is a terminal that stays empty or a search that finds nothing. A
 * part that the editor's own files ask for and that is not there counts as well.
 */
export const componentCannotLoad: Check = {
  id: 'component-cannot-load',
  title: message('check.component.name'),
  reads: ['components', 'programs', 'libc'],
  run: (snapshot) => {
    const components = snapshot.probes.components.data?.components ?? [];
    const reported = reportedPrograms(snapshot);
    const own = components.filter((component) => !isReported(component, reported));
    const faulty = own.filter((component) => ['fails', 'weak'].includes(componentState(component)));
    return {
      findings: groupedByFile(faulty).map((group) => finding(group, snapshot)),
      unchecked: own.flatMap((component) => gap(component, snapshot)),
      passed: own.filter((component) => componentState(component) === 'works').length,
    };
  },
};

interface Reported {
  /** Programs that the checks for programs judge. */
  readonly judged: ReadonlySet<string>;
  /** Those of them that do not start: what would be loaded into them is not the cause. */
  readonly failing: ReadonlySet<string>;
}

function reportedPrograms(snapshot: Snapshot): Reported {
  const programs = snapshot.probes.programs.data?.programs ?? [];
  const places = (failing: boolean): ReadonlySet<string> =>
    new Set(
      programs
        .filter(({ report }) => report !== null && (!failing || report.verdict === 'fails'))
        .flatMap(({ path, realPath }) => [path, realPath ?? path]),
    );
  return { judged: places(false), failing: places(true) };
}

function isReported({ realPath, path, loadedBy }: Component, reported: Reported): boolean {
  if (loadedBy !== null && reported.failing.has(loadedBy)) return true;
  return reported.judged.has(realPath ?? path);
}

/** The same file in several editors (servers share their extensions) is one matter. */
function groupedByFile(components: readonly Component[]): readonly Group[] {
  const groups = new Map<string, [Component, ...Component[]]>();
  for (const component of components) {
    const key = `${component.realPath ?? component.path} ${component.role}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [component]);
    else known.push(component);
  }
  return [...groups.values()];
}

type Group = readonly [Component, ...Component[]];

function finding(group: Group, snapshot: Snapshot): Omit<Finding, 'repairs'> {
  const [component] = group;
  const { report, realPath, path, role, name } = component;
  const state = componentState(component) === 'weak' ? 'weak' : 'fails';
  const owner = ownerOf(component, snapshot);
  const params = {
    name,
    editor: editorsOf(group, snapshot),
    extension: component.extension ?? '',
  };
  const isMissing = component.variant === 'required-absent';
  const module = component.loadedBy === null ? 'program' : 'module';
  const way = isMissing ? 'missing' : module;
  return {
    id: findingId('component-cannot-load', [
      realPath ?? path,
      role,
      ...(report === null ? [] : factsOf(report)),
    ]),
    check: 'component-cannot-load',
    severity: severityOf(role, state),
    title: message(`check.component.title.${owner}.${state === 'weak' ? 'weak' : way}`, params),
    summary: componentReason(component, snapshot) ?? message('check.component.name'),
    headline:
      state === 'weak'
        ? message(`check.component.title.${owner}.weak`, params)
        : message(`component.breaks.${role}`, params),
    impact: message(
      `check.component.impact.${owner}.${isMissing ? 'missing' : causeOf(report)}`,
      params,
    ),
    evidence:
      report === null ? demandOf(component, snapshot) : evidenceOf(component, report, snapshot),
    affected: [...new Set([path, ...group.map((one) => one.path), ...loadersOf(group)])],
  };
}

function loadersOf(group: Group): readonly string[] {
  return group.flatMap(({ loadedBy }) => (loadedBy === null ? [] : [loadedBy]));
}

/** Facts that make it this finding and no other. */
function factsOf(report: DependencyReport): readonly string[] {
  return [
    ...report.versionErrors.map(({ library, version }) => `${library} ${version}`),
    ...report.missing.map(({ soname }) => soname),
    ...report.symbolErrors.map(({ symbol }) => symbol),
  ].sort();
}

type Owner = 'editor' | 'server' | 'extension' | 'go';

/** Whose part it is decides what a person can do about it. */
function ownerOf({ editorId, extension }: Component, snapshot: Snapshot): Owner {
  if (editorId === null) return 'go';
  if (extension !== null) return 'extension';
  const editors = snapshot.probes.editors.data?.editors ?? [];
  const flavour = editors.find(({ id }) => id === editorId)?.flavour;
  return flavour === 'vscode-server' || flavour === 'code-server' ? 'server' : 'editor';
}

function causeOf(report: DependencyReport | null): 'version' | 'library' | 'other' {
  if (report?.versionErrors.some(({ weak }) => !weak) === true) return 'version';
  if ((report?.missing.length ?? 0) > 0) return 'library';
  return (report?.versionErrors.length ?? 0) > 0 ? 'version' : 'other';
}

function editorsOf(group: Group, snapshot: Snapshot): string {
  const editors = snapshot.probes.editors.data?.editors ?? [];
  const names = group.flatMap(({ editorId }) =>
    editors.filter(({ id }) => id === editorId).map((editor) => editor.name),
  );
  return [...new Set(names)].join(', ');
}

function severityOf(role: ComponentRole, state: 'fails' | 'weak'): Severity {
  switch (importanceOf(role)) {
    case 'essential':
      return state === 'weak' ? 'warning' : 'error';
    case 'useful':
      return state === 'weak' ? 'info' : 'warning';
    case 'optional':
      return 'info';
  }
}

/** The file of the editor that asks for a part which is not there. */
function demandOf({ variant, problem, name }: Component, snapshot: Snapshot): Finding['evidence'] {
  if (variant !== 'required-absent' || problem === null) return [];
  const label = message('check.evidence.demand', { path: problem.detail });
  return [{ kind: 'measured', label, value: name, at: snapshot.takenAt }];
}

function evidenceOf(
  component: Component,
  report: DependencyReport,
  snapshot: Snapshot,
): Finding['evidence'] {
  const hops = (requiredBy: string, last: Parameters<typeof brokenChain>[2]): ChainHop[] => [
    ...loaderHop(component),
    ...brokenChain(report, requiredBy, last),
  ];
  return [
    ...worstVersions(report.versionErrors).map((error): Evidence => ({
      kind: 'version-chain',
      hops: hops(error.requiredBy, { name: error.library, path: error.path }),
      library: error.library,
      version: error.version,
      weak: error.weak,
      symbols: error.symbols,
      present: presentVersion(error, snapshot),
    })),
    ...report.missing.map(({ soname, requiredBy, searched, found = null }): Evidence => ({
      kind: 'missing-chain',
      hops: hops(requiredBy[0] ?? report.file, { name: soname, path: found }),
      soname,
      searched,
    })),
    ...interpreterEvidence(report, hops),
    ...report.symbolErrors.map((error): Evidence => ({
      kind: 'measured',
      label: message('check.evidence.symbol', { path: error.requiredBy }),
      value: error.version === null ? error.symbol : `${error.symbol}@${error.version}`,
      at: snapshot.takenAt,
    })),
  ];
}

function interpreterEvidence(
  { reason, interpreter, file }: DependencyReport,
  hops: (requiredBy: string, last: { name: string; path: null }) => ChainHop[],
): Evidence[] {
  if (reason !== 'interpreter-missing' && reason !== 'interpreter-unusable') return [];
  const soname = interpreter ?? '';
  return [
    {
      kind: 'missing-chain',
      hops: hops(file, { name: soname, path: null }),
      soname,
      searched: [soname],
    },
  ];
}

/** The process that a module is loaded into comes first in its chain. */
function loaderHop({ loadedBy, role }: Component): ChainHop[] {
  if (loadedBy === null || role === 'opened-library') return [];
  return [{ name: baseName(loadedBy), path: loadedBy, foundBy: null, state: 'ok' }];
}

function gap(component: Component, snapshot: Snapshot): Unchecked[] {
  if (componentState(component) !== 'unknown') return [];
  const reason = componentReason(component, snapshot);
  if (reason === null) return [];
  return [
    {
      id: findingId('component-cannot-load', ['unchecked', component.path]),
      check: 'component-cannot-load',
      title: message('check.component.unchecked', { name: component.name, path: component.path }),
      reason,
      problem: component.problem,
    },
  ];
}
