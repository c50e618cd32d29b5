import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { matrixOf } from '../../../electron/engine/inspect/matrix.ts';
import { installationIn } from '../../../electron/engine/probes/editor-product.ts';
import { openFiles } from '../../../electron/engine/probes/files.ts';
import { translate } from '../../../shared/messages/translate.ts';
import type { Editor, Snapshot } from '../../../shared/snapshot.ts';
import { PRODUCT } from '../../fixtures/editor-tree.ts';
import { snapshot } from '../../fixtures/snapshots.ts';

const EDITOR: Editor = {
  ...{ id: 'e1', name: 'code-server', version: '', commit: null, flavour: 'code-server' },
  ...{ packaging: 'npm', directory: '/opt/cs', productFile: '/opt/cs/lib/vscode/product.json' },
  ...{ executable: null, settingsFiles: [], userOwned: true },
};

/** A machine with this Go, and nothing else of it. */
function machineWith(goVersion: string): Snapshot {
  const { probes, ...rest } = snapshot([]);
  const go = { name: 'go', path: '/usr/bin/go', goVersion, moduleVersion: null, settings: [] };
  const tools = [go] as unknown as NonNullable<Snapshot['probes']['go-tools']['data']>['tools'];
  return { ...rest, probes: { ...probes, 'go-tools': { ...probes['go-tools'], data: { tools } } } };
}

describe('releases of the Go extension', () => {
  it('are held against the VS Code that an editor is made from, not against its own number', () => {
    const directory = mkdtempSync(join(tmpdir(), 'devmend-matrix-'));
    const app = join(directory, 'lib/vscode');
    mkdirSync(app, { recursive: true });
    const product = { ...PRODUCT, version: '1.100.3', codeServerVersion: '4.100.3' };
    writeFileSync(join(app, 'product.json'), JSON.stringify(product));
    writeFileSync(join(directory, 'package.json'), '{"name":"code-server","version":"4.100.3"}');
    const installed = installationIn(directory, openFiles('/'));
    rmSync(directory, { recursive: true });
    expect(installed).toMatchObject({ value: { version: '4.100.3', codeVersion: '1.100.3' } });

    const { probes, ...rest } = snapshot([]);
    const editor = { ...EDITOR, version: '4.100.3', codeVersion: '1.100.3' };
    const data = { ...probes.editors.data!, editors: [editor] };
    const taken = { ...rest, probes: { ...probes, editors: { ...probes.editors, data } } };
    const { goExtensions, editors } = matrixOf(taken);
    const row = goExtensions.find(({ version }) => version === '0.54.0');
    expect(row?.engineFit.verdict).toBe('runs');
    expect(translate('en', row!.engineFit.reason)).toContain(
      'code-server 4.100.3 (VS Code 1.100.3)',
    );
    expect(editors.filter((one) => one.installed).map(({ version }) => version)).toEqual([
      '1.100.3',
    ]);
  });

  const reasons = (goVersion: string): readonly string[] => {
    const row = matrixOf(machineWith(goVersion)).goExtensions.find(
      ({ version }) => version === '0.54.0',
    );
    return [row?.goplsFit, row?.dlvFit].map((fit) => translate('en', fit!.reason));
  };

  it('that want a newer Go for gopls do not give it their own number', () => {
    expect(reasons('go1.18.3')).toEqual([
      'For gopls, vscode-go 0.54.0 wants Go 1.19 or newer, and Go 1.18.3 is older.',
      'For dlv, vscode-go 0.54.0 wants Go 1.18 or newer; Go 1.18.3 is here.',
    ]);
  });

  it('name the tool that a Go is new enough for', () => {
    expect(reasons('go1.26.0')[0]).toBe(
      'For gopls, vscode-go 0.54.0 wants Go 1.19 or newer; Go 1.26.0 is here.',
    );
  });
});
