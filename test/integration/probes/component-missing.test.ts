import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { hostMachine } from '../../../electron/engine/host.ts';
import { componentsOf } from '../../../electron/engine/inspect/components.ts';
import { runProbes } from '../../../electron/engine/probes/run.ts';
import { judge, selectChecks } from '../../../electron/engine/scan.ts';
import type { ComponentLine } from '../../../shared/component.ts';
import { catalogs } from '../../../shared/messages/catalogs.ts';
import { translate } from '../../../shared/messages/translate.ts';
import { snapshotSchema, type Snapshot } from '../../../shared/snapshot.ts';
import { makeDesktopEditor, makeServer } from '../../fixtures/editor-tree.ts';

const base = fs.mkdtempSync(join(os.tmpdir(), 'devmend-missing-'));
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));

let home = '';
beforeEach(() => {
  home = fs.mkdtempSync(join(base, 'home-'));
});

/** What a VS Code for Linux asks for (package.json of 1.139), shortened. */
const DEPENDENCIES = {
  '@parcel/watcher': '^2.5.6',
  '@vscode/deviceid': '^0.1.1',
  '@vscode/ripgrep': '^1.17.1',
  '@vscode/spdlog': '^0.15.8',
  '@vscode/sqlite3': '5.1.12-vscode',
  'native-is-elevated': '0.9.0',
  'node-pty': '^1.2.0-beta.15',
};

const MODULES = [
  '@parcel/watcher/build/Release/watcher.node',
  '@vscode/ripgrep/bin/rg',
  '@vscode/spdlog/build/Release/spdlog.node',
  '@vscode/sqlite3/build/Release/vscode-sqlite3.node',
  'node-pty/build/Release/pty.node',
];

const shared = join(base, 'answer.so');
function build(path: string): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  if (path.endsWith('/rg')) {
    fs.copyFileSync('/bin/true', path);
    return;
  }
  if (!fs.existsSync(shared)) {
    const input = 'int answer(void) { return 42; }';
    execFileSync('gcc', ['-shared', '-fPIC', '-x', 'c', '-', '-o', shared], { input });
  }
  fs.copyFileSync(shared, path);
}

/** An editor around this Node in Electron's place, whole. */
function desktop(): { readonly app: string; readonly modules: string } {
  const runtime = join(home, 'runtime');
  fs.mkdirSync(runtime);
  fs.copyFileSync(process.execPath, join(runtime, 'electron'));
  makeDesktopEditor(join(home, 'apps/VSCode'), runtime);
  fs.rmSync(runtime, { recursive: true });
  const app = join(home, 'apps/VSCode/resources/app');
  const content = { name: 'Code', version: '1.139.1', dependencies: DEPENDENCIES };
  fs.writeFileSync(join(app, 'package.json'), JSON.stringify(content));
  const modules = join(app, 'node_modules');
  for (const one of MODULES) build(join(modules, one));
  return { app, modules };
}

async function scanned(): Promise<Snapshot> {
  const machine = { ...hostMachine({ home }), environment: { PATH: '/usr/bin:/bin' } };
  const job = { emit: (): void => undefined, signal: new AbortController().signal };
  return snapshotSchema.parse(
    await runProbes(machine, { programs: [], only: ['components'] }, job),
  );
}

function judged(snapshot: Snapshot): ReturnType<typeof judge> {
  const selected = selectChecks(['component-cannot-load']);
  if (!selected.ok) throw new Error('no such check');
  return judge(snapshot, selected.value);
}

function findings(snapshot: Snapshot): ReturnType<typeof judge>['findings'] {
  return judged(snapshot).findings.filter(({ affected }) => affected[0]?.startsWith(home));
}

function failing(snapshot: Snapshot): ComponentLine[] {
  const { groups } = componentsOf({ snapshot, report: judged(snapshot) });
  return groups
    .filter(({ editorId }) => editorId !== null)
    .flatMap(({ components }) => components.filter(({ state }) => state === 'fails'));
}

describe('parts that an editor asks for and does not have', () => {
  it('a whole editor lacks nothing', async () => {
    desktop();
    const snapshot = await scanned();
    const roles = snapshot.probes.components.data?.components.map(({ role }) => role);
    expect(roles).toEqual(expect.arrayContaining(['terminal', 'search', 'log', 'storage']));
    expect(failing(snapshot)).toEqual([]);
    expect(findings(snapshot)).toEqual([]);
  });

  it('the terminal without node-pty is the first line, and a finding that says who asks', async () => {
    const { app, modules } = desktop();
    fs.rmSync(join(modules, 'node-pty'), { recursive: true });
    const snapshot = await scanned();
    const [finding, ...others] = findings(snapshot);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'error',
      headline: { key: 'component.breaks.terminal' },
      evidence: [{ label: { params: { path: join(app, 'package.json') } }, value: 'node-pty' }],
    });
    expect(failing(snapshot)).toMatchObject([
      { role: 'terminal', name: 'node-pty', path: join(modules, 'node-pty'), finding: finding?.id },
    ]);
    for (const [language] of Object.entries(catalogs)) {
      for (const one of [finding?.title, finding?.summary, finding?.impact]) {
        if (one === undefined) throw new Error('nothing is said');
        expect(translate(language as keyof typeof catalogs, one)).not.toMatch(
          /check\.|component\./,
        );
      }
    }
  });

  it('search, file watching, logs and state are missed too; what can be done without is not', async () => {
    const { modules } = desktop();
    for (const name of ['@vscode/ripgrep', '@vscode/spdlog', '@vscode/sqlite3', '@parcel/watcher'])
      fs.rmSync(join(modules, name), { recursive: true });
    const roles = failing(await scanned()).map(({ role }) => role);
    expect(roles).toEqual(['search', 'file-watcher', 'log', 'storage']);
  });

  it('a package whose build for this system is gone has nothing to load', async () => {
    const { modules } = desktop();
    fs.rmSync(join(modules, 'node-pty/build'), { recursive: true });
    fs.writeFileSync(join(modules, 'node-pty/package.json'), '{"name": "node-pty"}');
    expect(failing(await scanned())).toMatchObject([
      { role: 'terminal', reason: { key: 'component.reason.unbuilt' } },
    ]);
  });

  it('a fork that does not ask for a terminal, or says nothing of it, is not accused', async () => {
    const { app, modules } = desktop();
    fs.rmSync(join(modules, 'node-pty'), { recursive: true });
    const { 'node-pty': _, ...others } = DEPENDENCIES;
    fs.writeFileSync(join(app, 'package.json'), JSON.stringify({ dependencies: others }));
    expect(failing(await scanned())).toEqual([]);
    fs.rmSync(join(app, 'package.json'));
    expect(failing(await scanned())).toEqual([]);
  });

  it('nothing is said where it cannot be known: a wrapper, a link elsewhere, an archive', async () => {
    const { app, modules } = desktop();
    const rg = join(modules, '@vscode/ripgrep/bin/rg');
    fs.writeFileSync(rg, '#!/bin/sh\nexec /usr/bin/rg "$@"\n');
    fs.renameSync(join(modules, 'node-pty'), join(home, 'elsewhere'));
    fs.symlinkSync(join(home, 'elsewhere'), join(modules, 'node-pty'));
    expect(failing(await scanned())).toEqual([]);
    fs.rmSync(join(modules, 'node-pty'));
    expect(failing(await scanned())).toMatchObject([{ role: 'terminal' }]);
    fs.writeFileSync(join(app, 'node_modules.asar'), '');
    expect(failing(await scanned())).toEqual([]);
  });

  it('a server, whose package.json names nothing, is told by the code that it starts', async () => {
    const server = join(home, '.vscode-server/bin/0123456789abcdef0123456789abcdef01234567');
    makeServer(server);
    const modules = join(server, 'node_modules');
    for (const one of MODULES) build(join(modules, one));
    const host = join(server, 'out/vs/platform/terminal/node/ptyHostMain.js');
    fs.mkdirSync(dirname(host), { recursive: true });
    fs.writeFileSync(host, 'import*as i from"node-pty";import{x}from"@vscode/spdlog";');
    fs.writeFileSync(join(server, 'package.json'), '{"name": "vscode-reh", "version": "1.139.1"}');
    expect(failing(await scanned())).toEqual([]);
    fs.rmSync(join(modules, 'node-pty'), { recursive: true });
    fs.rmSync(join(modules, '@vscode/sqlite3'), { recursive: true });
    const snapshot = await scanned();
    expect(failing(snapshot)).toMatchObject([
      { role: 'terminal', reason: { params: { path: join(modules, 'node-pty'), asking: host } } },
    ]);
    expect(findings(snapshot)).toMatchObject([
      { title: { key: 'check.component.title.server.missing' } },
    ]);
  });
});
