import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProbes } from '../../../electron/engine/probes/run.ts';
import type { Component } from '../../../shared/component.ts';
import { addGlibc, CODE_PRODUCT, machineOf, makeTree, probe, type Tree } from './tree.ts';

let tree: Tree;
beforeEach(() => {
  tree = makeTree();
  addGlibc(tree);
});
afterEach(() => {
  tree.remove();
});

async function components(environment: Record<string, string> = {}): Promise<Component[]> {
  const { snapshot } = await probe(tree, { only: ['components'], environment });
  return snapshot.probes.components.data?.components ?? [];
}

/** A module for this system: a shared object that needs nothing. */
function addModule(path: string): void {
  build(path, 'int answer(void) { return 42; }\n', ['-shared', '-fPIC', '-nostdlib']);
}

function build(path: string, source: string, args: readonly string[], compiler = 'gcc'): void {
  mkdirSync(dirname(tree.host(path)), { recursive: true });
  const options = ['-x', 'c', '-', '-o', tree.host(path), ...args];
  execFileSync(compiler, options, { input: source, stdio: ['pipe', 'ignore', 'pipe'] });
}

function addDesktop(directory: string): void {
  tree.json(`${directory}/resources/app/product.json`, CODE_PRODUCT);
  tree.copy(`${directory}/code`, '/bin/sh');
}

function addServer(directory: string): void {
  tree.json(`${directory}/product.json`, CODE_PRODUCT);
  tree.write(`${directory}/out/server-main.js`, '');
  tree.copy(`${directory}/node`, '/bin/sh');
}

describe('where an editor loads native code from', () => {
  it('desktop: its modules, unpacked modules and built-in extensions, and nothing else', async () => {
    addDesktop('/usr/share/code');
    const app = '/usr/share/code/resources/app';
    const wanted = [
      `${app}/node_modules/native-keymap/build/Release/keymapping.node`,
      `${app}/node_modules.asar.unpacked/kerberos/build/Release/kerberos.node`,
      `${app}/extensions/microsoft-authentication/dist/msal.node`,
    ];
    for (const path of [...wanted, `${app}/out/stray.node`]) addModule(path);
    addModule(`${app}/node_modules/kerberos/build/Release/obj.target/kerberos.node`);
    const modules = (await components()).filter(({ path }) => path.endsWith('.node'));
    const summary = modules.map(({ path, role, extension, loadedBy }) => {
      expect(loadedBy).toBe('/usr/share/code/code');
      return [path, role, extension];
    });
    expect(summary).toEqual([
      [wanted[0], 'keyboard', null],
      [wanted[1], 'credentials', null],
      [wanted[2], 'extension', 'microsoft-authentication'],
    ]);
  });

  it('servers: both layouts, each with the extensions that they share', async () => {
    const base = '/home/ada/.vscode-server';
    addServer(`${base}/bin/0123456789abcdef`);
    addServer(`${base}/cli/servers/Stable-fedcba9876543210/server`);
    addModule(`${base}/extensions/ada.x-1.0.0/native.node`);
    const shared = (await components()).filter(({ extension }) => extension === 'ada.x');
    expect(shared.map(({ loadedBy }) => loadedBy)).toEqual([
      `${base}/bin/0123456789abcdef/node`,
      `${base}/cli/servers/Stable-fedcba9876543210/server/node`,
    ]);
    expect(new Set(shared.map(({ id }) => id)).size).toBe(2);
  });

  it('code-server and a portable editor keep extensions in places of their own', async () => {
    tree.json('/usr/lib/code-server/lib/vscode/product.json', CODE_PRODUCT);
    tree.copy('/usr/lib/code-server/lib/node', '/bin/sh');
    addModule(
      '/usr/lib/code-server/lib/vscode/node_modules/@vscode/spdlog/build/Release/spdlog.node',
    );
    addModule('/home/ada/.local/share/code-server/extensions/ada.cs-1.0.0/a.node');
    addDesktop('/opt/portable');
    addModule('/opt/portable/data/extensions/ada.portable-1.0.0/b.node');
    addModule('/home/ada/.vscode/extensions/ada.home-1.0.0/c.node');
    const found = (await components()).filter(({ path }) => path.endsWith('.node'));
    expect(found.map(({ role, extension }) => [role, extension])).toEqual([
      ['extension', 'ada.portable'],
      ['log', null],
      ['extension', 'ada.cs'],
    ]);
  });

  it('a build for musl that claims nothing and stands alone would be loaded, and fails', async () => {
    addDesktop('/usr/share/code');
    const modules = '/usr/share/code/resources/app/node_modules';
    const musl = ['-shared', '-fPIC'];
    const source = 'int puts(const char *); int m(void) { return puts("x"); }\n';
    build(`${modules}/node-pty/build/Release/pty.node`, source, musl, 'musl-gcc');
    build(
      `${modules}/@img/sharp-linuxmusl-x64/lib/sharp-linuxmusl-x64.node`,
      source,
      musl,
      'musl-gcc',
    );
    addModule(`${modules}/@img/sharp-linux-x64/lib/sharp-linux-x64.node`);
    const found = (await components()).filter(({ path }) => path.endsWith('.node'));
    expect(new Map(found.map(({ name, variant }) => [name, variant]))).toEqual(
      new Map([
        ['pty.node', 'loads'],
        ['sharp-linuxmusl-x64.node', 'other-libc'],
        ['sharp-linux-x64.node', 'loads'],
      ]),
    );
    expect(found.find(({ name }) => name === 'pty.node')?.report?.verdict).toBe('fails');
  });

  it('of several prebuilds the one for this runtime counts', async () => {
    addDesktop('/usr/share/code');
    const prebuilds = '/usr/share/code/resources/app/node_modules/some-native/prebuilds/linux-x64';
    addModule(`${prebuilds}/node.napi.node`);
    addModule(`${prebuilds}/electron.napi.node`);
    addModule(`${prebuilds}/electron.abi110.node`);
    const found = (await components()).filter(({ path }) => path.endsWith('.node'));
    expect(found.filter(({ variant }) => variant === 'loads').map(({ name }) => name)).toEqual([
      'electron.napi.node',
    ]);
  });
});

describe('what Go work needs', () => {
  const GO = 'package main\nimport "C"\nfunc main() {}\n';

  function addGo(): void {
    tree.copy('/usr/local/go/bin/go', '/bin/sh');
    tree.write('/usr/local/go/src/runtime/race/internal/amd64v1/race_linux.syso', 'x');
  }

  it('the race detector asks for a C compiler, and is no finding without one', async () => {
    addGo();
    const without = await components({ PATH: '/usr/local/go/bin' });
    expect(without.map(({ role, variant, problem }) => [role, variant, problem?.path])).toEqual([
      ['go', 'loads', undefined],
      ['c-compiler', 'optional-absent', 'gcc'],
      ['race-detector', 'optional-absent', 'gcc'],
    ]);
    tree.copy('/usr/bin/gcc', '/bin/sh');
    const found = await components({ PATH: '/usr/local/go/bin:/usr/bin' });
    expect(found.map(({ role, variant }) => [role, variant])).toEqual([
      ['go', 'loads'],
      ['c-compiler', 'loads'],
      ['race-detector', 'loads'],
    ]);
    const off = await components({ PATH: '/usr/local/go/bin:/usr/bin', CGO_ENABLED: '0' });
    expect(off.at(-1)).toMatchObject({
      variant: 'optional-absent',
      problem: { detail: 'CGO_ENABLED=0' },
    });
  });

  it('programs with C code in the bin of a folder that was open', async () => {
    addDesktop('/usr/share/code');
    const user = '/home/ada/.config/Code/User';
    tree.json(`${user}/settings.json`, {});
    const store = (name: string, folder: string): void =>
      tree.json(`${user}/workspaceStorage/${name}/workspace.json`, { folder });
    store('a', 'file:///home/ada/my%20work');
    store('b', 'vscode-remote://ssh-remote+box/home/ada/far');
    store('c', 'file:///home/ada/no-go');
    tree.write(`${user}/workspaceStorage/torn/workspace.json`, '{"folder": "fi');
    tree.write('/home/ada/my work/go.mod', 'module x\n');
    for (const name of ['main.go']) tree.write(`/build/${name}`, GO);
    const out = (path: string): string => tree.host(path);
    const goBuild = (path: string, cgo: '0' | '1'): void => {
      mkdirSync(dirname(out(path)), { recursive: true });
      execFileSync(
        'go',
        ['build', '-o', out(path), out(cgo === '1' ? '/build/main.go' : '/build/plain.go')],
        {
          env: { ...process.env, CGO_ENABLED: cgo, GO111MODULE: 'off', GOFLAGS: '' },
          stdio: 'pipe',
        },
      );
    };
    tree.write('/build/plain.go', 'package main\nfunc main() {}\n');
    goBuild('/home/ada/my work/bin/with-c', '1');
    goBuild('/home/ada/my work/bin/static', '0');
    goBuild('/home/ada/no-go/bin/elsewhere', '1');
    tree.copy('/home/ada/my work/bin/not-go', '/bin/sh');
    const found = (await components()).filter(({ foundBy }) => foundBy === 'workspace');
    expect(found).toMatchObject([
      {
        role: 'cgo-program',
        editorId: null,
        path: '/home/ada/my work/bin/with-c',
        report: { verdict: 'starts' },
      },
    ]);
    expect(found[0]?.needs?.glibc).toMatch(/^2\.\d+$/);
  });
});

describe('a search that is stopped', () => {
  it('keeps what it has found by then', async () => {
    addDesktop('/opt/one');
    addDesktop('/opt/two');
    addModule('/opt/one/resources/app/node_modules/native-keymap/build/Release/keymapping.node');
    const controller = new AbortController();
    const snapshot = await runProbes(
      machineOf(tree),
      {
        programs: [],
        only: ['components'],
        onPartial: ({ probes }) => {
          const found = probes.components.data?.components ?? [];
          if (found.some(({ role }) => role === 'keyboard')) controller.abort();
        },
      },
      { emit: () => undefined, signal: controller.signal },
    );
    const { status, data, problems } = snapshot.probes.components;
    expect({ status, code: problems[0]?.code }).toEqual({ status: 'partial', code: 'cancelled' });
    expect(data?.components.map(({ role }) => role)).toContain('keyboard');
    expect(data?.components.some(({ path }) => path.startsWith('/opt/two'))).toBe(false);
  });
});
