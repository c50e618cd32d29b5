import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Editor } from '../../../shared/snapshot.ts';
import { addGlibc, CODE_PRODUCT, makeTree, probe, type Tree } from './tree.ts';

let tree: Tree;
beforeEach(() => {
  tree = makeTree();
  addGlibc(tree);
});
afterEach(() => {
  tree.remove();
});

async function editors(environment: Record<string, string> = {}): Promise<readonly Editor[]> {
  const { snapshot } = await probe(tree, { only: ['editors'], environment });
  return snapshot.probes.editors.data?.editors ?? [];
}

function addDesktop(directory: string, product: object = CODE_PRODUCT): void {
  tree.json(`${directory}/resources/app/product.json`, product);
  tree.copy(`${directory}/code`, '/bin/sh');
}

describe('editors are found by content', () => {
  it('knows VS Code from its .deb by dpkg’s file list', async () => {
    addDesktop('/usr/share/code');
    tree.write(
      '/var/lib/dpkg/info/code.list',
      '/.\n/usr/share/code\n/usr/share/code/resources/app/product.json\n',
    );
    tree.write('/home/ada/.config/Code/User/settings.json', '{}');
    tree.write('/home/ada/.config/Code/User/profiles/-5a3/settings.json', '{}');
    expect(await editors()).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{10}$/) as string,
        name: 'Visual Studio Code',
        version: '1.139.1',
        commit: CODE_PRODUCT.commit,
        flavour: 'vscode',
        packaging: 'deb',
        directory: '/usr/share/code',
        productFile: '/usr/share/code/resources/app/product.json',
        executable: '/usr/share/code/code',
        settingsFiles: [
          '/home/ada/.config/Code/User/settings.json',
          '/home/ada/.config/Code/User/profiles/-5a3/settings.json',
        ],
        userOwned: true,
      },
    ]);
  });

  it('takes a package of another name for the owner when its list has the file', async () => {
    addDesktop('/opt/forks/thing', { ...CODE_PRODUCT, nameLong: 'Thing', applicationName: 'code' });
    tree.write(
      '/var/lib/dpkg/info/odd-name:amd64.list',
      '/opt/forks/thing/resources/app/product.json\n',
    );
    const [editor] = await editors();
    expect([editor?.packaging, editor?.flavour, editor?.name]).toEqual(['deb', 'other', 'Thing']);
  });

  it('calls it rpm where there is an rpm database and no dpkg list', async () => {
    addDesktop('/usr/share/code');
    tree.write('/usr/lib/sysimage/rpm/rpmdb.sqlite', '');
    expect((await editors())[0]?.packaging).toBe('rpm');
  });

  it('finds a tarball in Downloads whatever its directory is called', async () => {
    addDesktop('/home/ada/Downloads/x/My Editor');
    addDesktop('/home/ada/Downloads/y');
    expect((await editors()).map(({ directory, packaging }) => [directory, packaging])).toEqual([
      ['/home/ada/Downloads/x/My Editor', 'tarball'],
      ['/home/ada/Downloads/y', 'tarball'],
    ]);
  });

  it('finds an editor in an odd place through a menu entry and through a link on PATH', async () => {
    addDesktop('/srv/a/code');
    addDesktop('/srv/b/code');
    tree.write('/home/ada/.local/share/applications/x.desktop', 'Exec="/srv/a/code/code" %F\n');
    tree.link('/usr/local/bin/anything', '/srv/b/code/bin/code');
    tree.write('/srv/b/code/bin/code', '#!/bin/sh\n', 0o755);
    expect((await editors()).map(({ directory }) => directory)).toEqual([
      '/srv/a/code',
      '/srv/b/code',
    ]);
  });

  it('finds an unpacked editor in an odd place that is itself on PATH, or its bin', async () => {
    addDesktop('/srv/a/code');
    addDesktop('/srv/b/code');
    tree.write('/srv/b/code/bin/code', '#!/bin/sh\n', 0o755);
    const found = await editors({ PATH: '/srv/a/code/:/srv/b/code/bin:/usr/bin' });
    expect(found.map(({ directory }) => directory)).toEqual(['/srv/a/code', '/srv/b/code']);
  });

  it('uses the portable data directory instead of the home', async () => {
    addDesktop('/opt/code');
    tree.write('/opt/code/data/user-data/User/settings.json', '{}');
    tree.write('/home/ada/.config/Code/User/settings.json', '{}');
    expect((await editors())[0]?.settingsFiles).toEqual([
      '/opt/code/data/user-data/User/settings.json',
    ]);
  });

  it('honours XDG_CONFIG_HOME and ignores a relative one', async () => {
    addDesktop('/usr/share/code');
    tree.write('/home/ada/cfg/Code/User/settings.json', '{}');
    tree.write('/home/ada/.config/Code/User/settings.json', '{}');
    const files = async (value: string): Promise<unknown> =>
      (await editors({ XDG_CONFIG_HOME: value }))[0]?.settingsFiles;
    expect(await files('/home/ada/cfg')).toEqual(['/home/ada/cfg/Code/User/settings.json']);
    expect(await files('cfg')).toEqual(['/home/ada/.config/Code/User/settings.json']);
  });

  it('tells VSCodium, flatpak and snap from VS Code', async () => {
    const codium = {
      ...CODE_PRODUCT,
      nameShort: 'VSCodium',
      nameLong: 'VSCodium',
      applicationName: 'codium',
    };
    tree.json('/usr/share/codium/resources/app/product.json', codium);
    const flatpak = '/var/lib/flatpak/app/com.visualstudio.code/current/active/files/extra/vscode';
    addDesktop(flatpak);
    tree.write('/home/ada/.var/app/com.visualstudio.code/config/Code/User/settings.json', '{}');
    addDesktop('/snap/code/current/usr/share/code');
    expect(
      (await editors()).map(({ flavour, packaging, settingsFiles }) => [
        flavour,
        packaging,
        settingsFiles,
      ]),
    ).toEqual([
      ['vscode', 'snap', []],
      ['vscodium', 'unknown', []],
      [
        'vscode',
        'flatpak',
        ['/home/ada/.var/app/com.visualstudio.code/config/Code/User/settings.json'],
      ],
    ]);
  });

  it('finds code-server with its own node and settings, as a package and from npm', async () => {
    const product = { ...CODE_PRODUCT, nameShort: 'code-server', nameLong: 'code-server' };
    for (const directory of ['/usr/lib/code-server', '/usr/lib/node_modules/code-server']) {
      tree.json(`${directory}/lib/vscode/product.json`, product);
      tree.write(`${directory}/lib/vscode/out/x.js`, '');
      tree.json(`${directory}/package.json`, { name: 'code-server', version: '4.139.1' });
    }
    tree.copy('/usr/lib/code-server/lib/node', '/bin/sh');
    tree.copy('/usr/bin/node', '/bin/sh');
    tree.link('/usr/bin/code-server', '/usr/lib/code-server/lib/vscode/bin/remote-cli/code-server');
    tree.write('/usr/lib/code-server/lib/vscode/bin/remote-cli/code-server', '#!/bin/sh\n', 0o755);
    tree.write('/home/ada/.local/share/code-server/User/settings.json', '{}');
    expect(
      (await editors()).map((editor) => [
        editor.directory,
        editor.flavour,
        editor.packaging,
        editor.version,
        editor.executable,
        editor.settingsFiles,
      ]),
    ).toEqual([
      [
        '/usr/lib/code-server',
        'code-server',
        'unknown',
        '4.139.1',
        '/usr/lib/code-server/lib/node',
        ['/home/ada/.local/share/code-server/User/settings.json'],
      ],
      [
        '/usr/lib/node_modules/code-server',
        'code-server',
        'npm',
        '4.139.1',
        '/usr/bin/node',
        ['/home/ada/.local/share/code-server/User/settings.json'],
      ],
    ]);
  });

  it('finds both layouts of remote servers, of forks too, by shape', async () => {
    const places = [
      '.vscode-server/bin/0123456789abcdef0123456789abcdef01234567',
      '.vscode-server/cli/servers/Stable-0123/server',
      '.cursor-server/bin/linux-x64/0123',
      '.vscodium-server/bin/0123',
    ];
    for (const place of places) {
      tree.json(`/home/ada/${place}/product.json`, CODE_PRODUCT);
      tree.write(`/home/ada/${place}/out/x.js`, '');
      tree.copy(`/home/ada/${place}/node`, '/bin/sh');
    }
    tree.write('/home/ada/.vscode-server/data/Machine/settings.json', '{}');
    const found = await editors();
    expect(found.map(({ directory }) => directory)).toEqual(
      places.map((place) => `/home/ada/${place}`).sort(),
    );
    for (const editor of found) {
      expect([editor.flavour, editor.packaging, editor.name]).toEqual([
        'vscode-server',
        'server',
        'Visual Studio Code Server',
      ]);
      expect(editor.executable).toBe(`${editor.directory}/node`);
      expect(editor.settingsFiles).toEqual(
        editor.directory.includes('.vscode-server/')
          ? ['/home/ada/.vscode-server/data/Machine/settings.json']
          : [],
      );
    }
  });

  it('counts one installation once, however many links lead to it', async () => {
    addDesktop('/opt/code-1.139');
    tree.link('/opt/code', 'code-1.139');
    tree.link('/home/ada/opt/code', '/opt/code');
    expect((await editors()).map(({ directory }) => directory)).toEqual(['/opt/code-1.139']);
  });

  it('leaves other programs’ product.json alone and reports a broken one', async () => {
    tree.json('/opt/other/resources/app/product.json', { name: 'Some Electron app' });
    tree.write('/opt/broken/resources/app/product.json', '{"nameShort": ');
    const { snapshot } = await probe(tree, { only: ['editors'] });
    expect(snapshot.probes.editors).toMatchObject({
      status: 'partial',
      problems: [{ code: 'malformed', path: '/opt/broken/resources/app/product.json' }],
      data: { editors: [] },
    });
  });

  it('does not take a script in the program’s place for the editor', async () => {
    tree.json('/opt/code/resources/app/product.json', CODE_PRODUCT);
    tree.write('/opt/code/code', '#!/bin/sh\n', 0o755);
    expect((await editors())[0]?.executable).toBeNull();
  });
});
