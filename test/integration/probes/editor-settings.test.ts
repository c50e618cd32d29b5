import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CODE_PRODUCT, makeTree, probe, type Tree } from './tree.ts';

let tree: Tree;
beforeEach(() => {
  tree = makeTree();
});
afterEach(() => {
  tree.remove();
});

const SETTINGS = '/home/ada/.config/Code/User/settings.json';

async function settings(environment: Record<string, string> = {}) {
  const { snapshot } = await probe(tree, { only: ['editor-settings'], environment });
  const slot = snapshot.probes['editor-settings'];
  return { slot, files: slot.data?.files ?? [], references: slot.data?.references ?? [] };
}

describe('programs named in settings', () => {
  it('gives file, line and path of the value, with the editor that reads it', async () => {
    tree.json('/usr/share/code/resources/app/product.json', CODE_PRODUCT);
    tree.write(SETTINGS, '{\n  // newer\n  "git.path": "/opt/git/bin/git",\n}\n');
    const { slot, references } = await settings();
    expect(slot.status).toBe('ok');
    expect(references).toEqual([
      {
        path: '/opt/git/bin/git',
        reference: {
          kind: 'setting',
          file: SETTINGS,
          target: null,
          line: 3,
          jsonPath: ['git.path'],
          setting: 'git.path',
          value: '/opt/git/bin/git',
          editorId: expect.stringMatching(/^[0-9a-f]{10}$/) as string,
          editorName: 'Visual Studio Code',
        },
      },
    ]);
  });

  it('reads settings whose editor is nowhere to be found', async () => {
    tree.write(SETTINGS, '{"git.path": "/opt/git"}');
    tree.write('/home/ada/.config/Odd Fork/User/settings.json', '{"git.path": "/opt/git"}');
    tree.write('/home/ada/.config/htop/htoprc', '');
    const { files } = await settings();
    expect(files.map(({ editorId, editorName }) => [editorId.slice(0, 9), editorName])).toEqual([
      ['settings:', 'Visual Studio Code'],
      ['settings:', 'Odd Fork'],
    ]);
  });

  it('A3.13 says where a settings file that is a link leads', async () => {
    tree.write('/home/ada/dotfiles/vscode.json', '{"git.path": "/opt/git"}');
    tree.link(SETTINGS, '/home/ada/dotfiles/vscode.json');
    const { files, references } = await settings();
    expect(files[0]).toMatchObject({ file: SETTINGS, target: '/home/ada/dotfiles/vscode.json' });
    expect(references[0]?.reference).toMatchObject({ target: '/home/ada/dotfiles/vscode.json' });
  });

  it('expands home and environment, looks bare names up on PATH, and appends bin/go to a GOROOT', async () => {
    tree.write('/home/ada/tools/gopls', '', 0o755);
    tree.write(
      SETTINGS,
      JSON.stringify({
        'git.path': '~/bin/git',
        'go.goroot': '${env:SDK}/go',
        'go.alternateTools': { gopls: 'gopls', dlv: '${userHome}/dlv', go: 'nowhere' },
      }),
    );
    const { slot, references } = await settings({ PATH: 'relative:/home/ada/tools', SDK: '/sdk' });
    expect(slot.status).toBe('ok');
    expect(references.map(({ path }) => path)).toEqual([
      '/home/ada/bin/git',
      '/sdk/go/bin/go',
      '/home/ada/tools/gopls',
      '/home/ada/dlv',
      'nowhere',
    ]);
  });

  it('says of values that only a running editor understands that it does not support them', async () => {
    tree.write(
      SETTINGS,
      '{"git.path": "${workspaceFolder}/git",\n"go.goroot": "./go", "go.toolsManagement.go": "${env:UNSET}/go"}',
    );
    const { slot, references } = await settings();
    expect(references).toEqual([]);
    expect(slot.status).toBe('partial');
    expect(slot.problems).toEqual([
      { code: 'unsupported', path: SETTINGS, detail: '1: git.path' },
      { code: 'unsupported', path: SETTINGS, detail: '2: go.goroot' },
      { code: 'unsupported', path: SETTINGS, detail: '2: go.toolsManagement.go' },
    ]);
  });

  it('keeps where broken text breaks, and what could still be read', async () => {
    tree.write(SETTINGS, '{\n"git.path": "/opt/git",\n"x" 5\n}');
    const { slot, files, references } = await settings();
    expect(slot.status).toBe('partial');
    expect(files[0]?.errors[0]).toMatchObject({ line: 3 });
    expect(references.map(({ path }) => path)).toEqual(['/opt/git']);
  });

  it('survives brackets nested beyond every stack', async () => {
    tree.write(SETTINGS, '['.repeat(1_000_000));
    const { slot, files } = await settings();
    expect(slot.status).toBe('partial');
    expect(files[0]?.errors.length).toBeGreaterThan(0);
  });

  it('reports dangling and looping links and oversized files, and reads the others', async () => {
    tree.link(SETTINGS, 'gone.json');
    tree.link('/home/ada/.config/A/User/settings.json', 'b.json');
    tree.link('/home/ada/.config/A/User/b.json', 'settings.json');
    tree.write('/home/ada/.config/B/User/settings.json', ' '.repeat(9 * 1024 * 1024));
    tree.write('/home/ada/.config/C/User/settings.json', '{"git.path": "/opt/git"}');
    const { slot, references } = await settings();
    expect(slot.problems.map(({ code, path }) => [code, path?.slice(18)])).toEqual([
      ['link-loop', 'A/User/settings.json'],
      ['too-large', 'B/User/settings.json'],
      ['dangling-link', 'Code/User/settings.json'],
    ]);
    expect(references.map(({ path }) => path)).toEqual(['/opt/git']);
  });
});
