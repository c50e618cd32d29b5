import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory, developmentRuntime } from '../../../build/scripts/electron-runtime.mjs';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { hostMachine } from '../../../electron/engine/host.ts';
import { runProbes } from '../../../electron/engine/probes/run.ts';
import { componentsOf } from '../../../electron/engine/inspect/components.ts';
import { judge, selectChecks } from '../../../electron/engine/scan.ts';
import type { Component } from '../../../shared/component.ts';
import { componentReportSchema } from '../../../shared/component.ts';
import { snapshotSchema, type Snapshot } from '../../../shared/snapshot.ts';
import { addModule, makeDesktopEditor, makeServer } from '../../fixtures/editor-tree.ts';
import { buildNewerLibrary, buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';
import { NODE_PTY, npmPackage, WATCHER_GLIBC, WATCHER_MUSL } from '../../fixtures/npm-package.ts';

const home = fs.mkdtempSync(join(os.tmpdir(), 'devmend-components-'));
afterAll(() => fs.rmSync(home, { recursive: true, force: true }));

const editor = join(home, 'apps/VSCode');
const modules = join(editor, 'resources/app/node_modules');
let pty = '';

async function scanned(at = home): Promise<Snapshot> {
  const machine = { ...hostMachine({ home: at }), environment: { PATH: '/usr/bin:/bin' } };
  const job = { emit: (): void => undefined, signal: new AbortController().signal };
  const only = ['components'] as const;
  return snapshotSchema.parse(await runProbes(machine, { programs: [], only: [...only] }, job));
}

function of(snapshot: Snapshot, suffix: string): Component[] {
  const components = snapshot.probes.components.data?.components ?? [];
  return components.filter(({ path }) => path.endsWith(suffix));
}

beforeAll(async () => {
  const runtime = await developmentRuntime(cacheDirectory());
  pty = await npmPackage(NODE_PTY);
  makeDesktopEditor(editor, runtime.directory);
  addModule(modules, 'node-pty', pty);
  addModule(modules, WATCHER_GLIBC.name, await npmPackage(WATCHER_GLIBC));
  addModule(modules, WATCHER_MUSL.name, await npmPackage(WATCHER_MUSL));
}, 600_000);

describe('components of a real editor', () => {
  it('a module for this system works in the editor, with what forces its needs', async () => {
    const snapshot = await scanned();
    const [module] = of(snapshot, 'prebuilds/linux-x64/pty.node');
    expect(module).toMatchObject({
      role: 'terminal',
      variant: 'loads',
      loadedBy: join(editor, 'code'),
      report: { verdict: 'starts', symbolErrors: [] },
      needs: { glibc: '2.28', glibcxx: '3.4.22', cxxabi: '1.3.9' },
    });
    expect(module?.needs?.forcedBy).toContainEqual(
      expect.objectContaining({ version: 'GLIBC_2.28', symbols: ['fcntl64'] }),
    );
    const [watcher] = of(snapshot, 'watcher-linux-x64-glibc/watcher.node');
    expect(watcher).toMatchObject({ role: 'file-watcher', variant: 'loads' });
  });

  it('builds for other processors, systems and C libraries are no findings', async () => {
    const snapshot = await scanned();
    expect(of(snapshot, 'linux-arm64/pty.node')[0]?.variant).toBe('foreign-architecture');
    expect(of(snapshot, 'darwin-x64/pty.node')[0]?.variant).toBe('other-system');
    expect(of(snapshot, 'win32-x64/conpty.node')[0]?.variant).toBe('other-system');
    expect(of(snapshot, 'linux-x64-musl/watcher.node')[0]?.variant).toBe('other-libc');
    expect(findings(snapshot)).toEqual([]);
  });

  it('libraries that Electron opens by name are known by its own text', async () => {
    const opened = (await scanned()).probes.components.data?.components.filter(
      ({ role }) => role === 'opened-library',
    );
    expect(opened?.map(({ name }) => name).join(' ')).toMatch(/libnotify\.so.*libsecret-1\.so\.0/);
    for (const { foundBy, variant } of opened ?? []) {
      expect(foundBy).toBe('string');
      expect(['loads', 'optional-absent']).toContain(variant);
    }
  });

  it('a terminal module that is too new is a finding that says what will not start', async () => {
    const own = fs.mkdtempSync(join(home, 'broken-'));
    const directory = join(own, 'apps/VSCode');
    const built = join(directory, 'resources/app/node_modules/node-pty/build/Release/pty.node');
    makeDesktopEditor(directory, editor);
    addModule(join(directory, 'resources/app/node_modules'), 'node-pty', pty);
    buildNewerLibrary(built, 'pty.node');
    // node-pty goes on to its prebuild, so the terminal starts all the same.
    const saved = await scanned(own);
    expect(of(saved, 'build/Release/pty.node')[0]?.variant).toBe('superseded');
    expect(of(saved, 'prebuilds/linux-x64/pty.node')[0]?.variant).toBe('loads');
    expect(findings(saved)).toEqual([]);
    fs.rmSync(join(built, '../../../prebuilds/linux-x64'), { recursive: true });
    const snapshot = await scanned(own);
    expect(findings(snapshot)).toMatchObject([
      {
        severity: 'error',
        title: { key: 'check.component.title.editor.module' },
        headline: { key: 'component.breaks.terminal' },
        summary: { params: { version: 'GLIBC_2.38', present: expect.any(String) as string } },
        affected: [built, join(directory, 'code')],
        evidence: [
          {
            kind: 'version-chain',
            version: 'GLIBC_2.38',
            symbols: ['strlcpy'],
            hops: [{ name: 'code' }, { name: 'pty.node' }, { name: 'libc.so.6', state: 'broken' }],
          },
        ],
      },
    ]);
    const report = componentsOf({ snapshot, report: judged(snapshot) });
    componentReportSchema.parse(report);
    expect(report.groups[0]?.components[0]).toMatchObject({
      state: 'fails',
      role: 'terminal',
      finding: findings(snapshot)[0]?.id,
    });
  });
});

describe('components of a remote server', () => {
  const server = join(home, 'remote/.vscode-server/cli/servers/Stable-0123456789abcdef/server');
  const extensions = join(home, 'remote/.vscode-server/extensions');

  function extension(folder: string, file: string): string {
    const path = join(extensions, folder, file);
    buildNewerProgram(path, 'tool');
    return path;
  }

  it('the module that really loads is the one that is said to, and nothing else is missing', () => {
    const module = join(pty, 'prebuilds/linux-x64/pty.node');
    const script = `process.dlopen({ exports: {} }, ${JSON.stringify(module)})`;
    expect(spawnSync(process.execPath, ['-e', script]).status).toBe(0);
    const report = new LoaderSession('/').simulateOpening(process.execPath, module);
    expect(report).toMatchObject({ verdict: 'starts', missing: [], symbolErrors: [] });
  });

  it('extensions are those of extensions.json without the obsolete ones', async () => {
    makeServer(server);
    const listed = extension('ada.tool-1.0.0', 'bin/linux/tool');
    extension('ada.tool-0.9.0', 'bin/tool');
    extension('ada.gone-1.0.0', 'bin/tool');
    const entry = (id: string, folder: string): object => ({
      identifier: { id },
      relativeLocation: folder,
      version: '1.0.0',
    });
    fs.writeFileSync(
      join(extensions, 'extensions.json'),
      JSON.stringify([entry('ada.tool', 'ada.tool-1.0.0'), entry('ada.gone', 'ada.gone-1.0.0')]),
    );
    fs.writeFileSync(join(extensions, '.obsolete'), JSON.stringify({ 'ada.gone-1.0.0': true }));
    const snapshot = await scanned(join(home, 'remote'));
    const found = snapshot.probes.components.data?.components.filter(
      ({ extension: name }) => name !== null,
    );
    expect(found).toMatchObject([
      { path: listed, extension: 'ada.tool', role: 'extension', loadedBy: null },
    ]);
    expect(findings(snapshot)).toMatchObject([
      { severity: 'warning', title: { key: 'check.component.title.extension.program' } },
    ]);
    // A list of the wrong shape is no list: then every folder is one.
    fs.writeFileSync(join(extensions, 'extensions.json'), '{"not": "a list"}');
    const all = (await scanned(join(home, 'remote'))).probes.components.data?.components ?? [];
    expect(all.flatMap(({ extension: name }) => name ?? []).sort()).toEqual([
      'ada.tool',
      'ada.tool',
    ]);
  });

  it('a link that leads round in a circle ends, and a file that is no module is said so', async () => {
    const circle = join(server, 'node_modules/circle');
    fs.mkdirSync(circle, { recursive: true });
    fs.symlinkSync('..', join(circle, 'node_modules'));
    fs.symlinkSync('/', join(circle, 'root'));
    fs.symlinkSync('/', join(server, 'node_modules/everything'));
    fs.writeFileSync(join(circle, 'torn.node'), 'version https://git-lfs');
    const snapshot = await scanned(join(home, 'remote'));
    expect(of(snapshot, 'torn.node')).toMatchObject([{ problem: { code: 'malformed' } }]);
    expect(judged(snapshot).unchecked.map(({ problem }) => problem?.path)).toContain(
      join(circle, 'torn.node'),
    );
    // Following a link out of the tree would have brought the system's programs.
    const paths = snapshot.probes.components.data?.components.map(({ path }) => path) ?? [];
    expect(paths.filter((path) => /\/(root|everything)\//.test(path))).toEqual([]);
    fs.rmSync(circle, { recursive: true });
  });

  it('a library that a module says it cannot do without is one of its parts', async () => {
    const note = (priority: string, soname: string): string =>
      JSON.stringify([{ soname: [soname], feature: 'f', priority }]).replace(/"/g, '\\"');
    const source = (text: string): string => `
      __asm__(".pushsection .note.dlopen,\\"a\\",@note\\n.balign 4\\n.long 4, 2f-1f, 0x407c0c0a\\n"
              ".asciz \\"FDO\\"\\n1: .asciz \\"${text.replace(/\\"/g, '\\\\\\"')}\\"\\n2:\\n.balign 4\\n.popsection\\n");
      int answer(void) { return 42; }`;
    const build = (name: string, text: string): void => {
      const path = join(server, 'node_modules', name, 'build/Release/noted.node');
      fs.mkdirSync(join(path, '..'), { recursive: true });
      execFileSync('gcc', ['-shared', '-fPIC', '-x', 'c', '-', '-o', path], {
        input: source(text),
      });
    };
    build('needing', note('required', 'libnowhere.so.1'));
    build('wishing', note('recommended', 'libelsewhere.so.1'));
    build('having', note('required', 'libc.so.6'));
    const snapshot = await scanned(join(home, 'remote'));
    const noted = snapshot.probes.components.data?.components.filter(
      ({ foundBy }) => foundBy === 'dlopen-note',
    );
    expect(noted).toMatchObject(
      [
        { name: 'libc.so.6', variant: 'loads', report: { verdict: 'starts' } },
        { name: 'libnowhere.so.1', variant: 'loads', report: { verdict: 'fails' } },
        { name: 'libelsewhere.so.1', variant: 'optional-absent', report: null },
      ].sort((a, b) => order(a.name) - order(b.name)),
    );
    for (const name of ['needing', 'wishing', 'having']) {
      fs.rmSync(join(server, 'node_modules', name), { recursive: true });
    }
  });

  /** Directories are searched last name first. */
  function order(name: string): number {
    return ['libelsewhere.so.1', 'libnowhere.so.1', 'libc.so.6'].indexOf(name);
  }
});

function judged(snapshot: Snapshot): ReturnType<typeof judge> {
  const selected = selectChecks(['component-cannot-load']);
  if (!selected.ok) throw new Error('no such check');
  return judge(snapshot, selected.value);
}

/** Findings about editors; what this machine's own Go lacks is no matter here. */
function findings(snapshot: Snapshot): ReturnType<typeof judge>['findings'] {
  return judged(snapshot).findings.filter(({ affected }) => affected[0]?.startsWith(home));
}
