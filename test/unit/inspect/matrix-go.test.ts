import { describe, expect, it } from 'vitest';
import { matrixOf } from '../../../electron/engine/inspect/matrix.ts';
import { translate } from '../../../shared/messages/translate.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import { snapshot } from '../../fixtures/snapshots.ts';

/** A machine with this Go, and nothing else of it. */
function machineWith(goVersion: string): Snapshot {
  const { probes, ...rest } = snapshot([]);
  const go = { name: 'go', path: '/usr/bin/go', goVersion, moduleVersion: null, settings: [] };
  const tools = [go] as unknown as NonNullable<Snapshot['probes']['go-tools']['data']>['tools'];
  return { ...rest, probes: { ...probes, 'go-tools': { ...probes['go-tools'], data: { tools } } } };
}

describe('releases of the Go extension', () => {
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
