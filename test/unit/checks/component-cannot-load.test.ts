import { describe, expect, it } from 'vitest';
import { componentCannotLoad } from '../../../electron/engine/checks/component-cannot-load.ts';
import { componentsOf } from '../../../electron/engine/inspect/components.ts';
import { judge } from '../../../electron/engine/scan.ts';
import { catalogs } from '../../../shared/messages/catalogs.ts';
import { translate } from '../../../shared/messages/translate.ts';
import { componentRoleSchema, type Component } from '../../../shared/component.ts';
import type { Editor, Program, Snapshot } from '../../../shared/snapshot.ts';
import { OPENED_FEATURES } from '../../../electron/engine/data/opened-libraries.ts';
import { program, snapshot, startingReport } from '../../fixtures/snapshots.ts';

const HOST = '/usr/share/code/code';
const PTY = '/usr/share/code/resources/app/node_modules/node-pty/build/Release/pty.node';

const EDITOR: Editor = {
  id: 'e1',
  name: 'Visual Studio Code',
  version: '1.139.1',
  commit: null,
  flavour: 'vscode',
  packaging: 'deb',
  directory: '/usr/share/code',
  productFile: '/usr/share/code/resources/app/product.json',
  executable: HOST,
  settingsFiles: [],
  userOwned: false,
};

function tooNew(path: string): Component['report'] {
  return startingReport(path, {
    verdict: 'fails',
    versionErrors: [
      {
        library: 'libc.so.6',
        version: 'GLIBC_2.38',
        requiredBy: path,
        weak: false,
        path: '/lib/x86_64-linux-gnu/libc.so.6',
        symbols: ['strlcpy'],
      },
    ],
  });
}

function component(changes: Partial<Component> = {}): Component {
  const path = changes.path ?? PTY;
  return {
    id: `id ${path} ${changes.editorId ?? ''}`,
    editorId: 'e1',
    role: 'terminal',
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    realPath: path,
    loadedBy: HOST,
    foundBy: 'file',
    variant: 'loads',
    extension: null,
    needs: null,
    report: tooNew(path),
    problem: null,
    ...changes,
  };
}

function machine(components: readonly Component[], programs: readonly Program[] = []): Snapshot {
  const base = snapshot(programs);
  const { probes } = base;
  return {
    ...base,
    probes: {
      ...probes,
      editors: {
        ...probes.editors,
        data: { editors: [EDITOR, { ...EDITOR, id: 'e2', name: 'Other' }] },
      },
      components: { ...probes.components, data: { components: [...components] } },
    },
  };
}

describe('parts that cannot be loaded', () => {
  it('says what breaks, for whom, and through which chain', () => {
    const [finding] = componentCannotLoad.run(machine([component()])).findings;
    if (finding === undefined) throw new Error('nothing was found');
    expect(translate('en', finding.headline)).toBe(
      'The integrated terminal of Visual Studio Code will not start',
    );
    expect(translate('en', finding.summary)).toBe('needs GLIBC_2.38, this system has 2.36');
    const [evidence] = finding.evidence;
    expect(evidence?.kind === 'version-chain' && evidence.hops.map(({ name }) => name)).toEqual([
      'code',
      'pty.node',
      'libc.so.6',
    ]);
    expect(finding.affected).toEqual([PTY, HOST]);
  });

  it('is an error for what nobody can do without, and information for what nobody misses', () => {
    const severity = (role: Component['role']): string | undefined =>
      componentCannotLoad.run(machine([component({ role })])).findings[0]?.severity;
    expect(
      ['terminal', 'search', 'log'].map((role) => severity(role as Component['role'])),
    ).toEqual(['error', 'error', 'error']);
    expect(severity('signature')).toBe('warning');
    expect(severity('device-id')).toBe('info');
    expect(severity('opened-library')).toBe('info');
  });

  it('what the editor would not load is no finding, whatever it needs', () => {
    const variants = [
      'foreign-architecture',
      'other-libc',
      'other-system',
      'superseded',
      'optional-absent',
    ] as const;
    const outcome = componentCannotLoad.run(
      machine(variants.map((variant) => component({ variant }))),
    );
    expect(outcome).toMatchObject({ findings: [], unchecked: [] });
  });

  it('is silent where the program itself has its finding', () => {
    const broken = program(HOST, { report: tooNew(HOST) });
    const itself = component({ path: HOST, role: 'editor', loadedBy: null });
    expect(componentCannotLoad.run(machine([itself, component()], [broken])).findings).toEqual([]);
  });

  it('one file in two editors is one finding that names both', () => {
    const findings = componentCannotLoad.run(
      machine([component({ extension: 'a.b' }), component({ extension: 'a.b', editorId: 'e2' })]),
    ).findings;
    expect(findings).toHaveLength(1);
    expect(findings[0]?.title.params['editor']).toBe('Visual Studio Code, Other');
  });

  it('what could not be read is not called fine', () => {
    const problem = { code: 'not-permitted' as const, path: PTY, detail: 'EACCES' };
    const outcome = componentCannotLoad.run(machine([component({ report: null, problem })]));
    expect(outcome.passed).toBe(0);
    expect(outcome.unchecked).toMatchObject([{ problem }]);
  });

  it('has words for every role in both languages', () => {
    const keys = [
      ...componentRoleSchema.options.map((role) => `component.breaks.${role}`),
      ...OPENED_FEATURES.map(({ id }) => `component.breaks.opened-library.${id}`),
      ...componentRoleSchema.options.map((role) => `cli.role.${role}`),
    ];
    for (const key of keys) {
      expect(catalogs.en).toHaveProperty([key]);
      expect(catalogs['zh-CN']).toHaveProperty([key]);
    }
  });
});

describe('the view of components', () => {
  it('is by editor, worst first, and Go comes last', () => {
    const works = component({
      path: '/usr/share/code/a.node',
      report: startingReport('/usr/share/code/a.node'),
      needs: { glibc: '2.9', glibcxx: null, cxxabi: null, forcedBy: [] },
    });
    const foreign = component({ path: '/usr/share/code/0.node', variant: 'other-system' });
    const go = component({ path: '/usr/bin/go', editorId: null, role: 'go', loadedBy: null });
    const needs = { glibc: '2.38', glibcxx: null, cxxabi: null, forcedBy: [] };
    const taken = machine([foreign, works, go, component({ needs })]);
    const report = componentsOf({ snapshot: taken, report: judge(taken, [componentCannotLoad]) });
    expect(report.groups.map(({ editorId }) => editorId)).toEqual(['e1', null]);
    const [group] = report.groups;
    expect(group?.components.map(({ state }) => state)).toEqual(['fails', 'works', 'not-used']);
    expect(group?.components[0]?.finding).toMatch(/^component-cannot-load:/);
    expect(group?.needs.glibc).toBe('2.38');
  });
});
