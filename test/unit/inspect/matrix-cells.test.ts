import { describe, expect, it } from 'vitest';
import { tables } from '../../../electron/engine/data/tables.ts';
import { judgeOn } from '../../../electron/engine/inspect/matrix-cells.ts';
import type { Subject } from '../../../electron/engine/inspect/matrix-rows.ts';
import { translate } from '../../../shared/messages/translate.ts';
import { startingReport } from '../../fixtures/snapshots.ts';

/** A module that needs a symbol version of libstdc++. */
function needing(version: string): Subject {
  const path = '/opt/x/watcher.node';
  const need = { library: 'libstdc++.so.6', version, symbols: ['sym'], requiredBy: path };
  return {
    ...{ id: 'x', name: 'watcher.node', path, kind: 'module', libc: 'glibc' },
    ...{ needs: [need], report: startingReport(path) },
  };
}

describe('a C++ library that the table knows by hearsay', () => {
  const on = (id: string, version: string) => {
    const system = tables().distributions.systems.find((one) => one.id === id);
    const { verdict, reason } = judgeOn(needing(version), system!);
    return [verdict, translate('en', reason)];
  };

  it('decides nothing where it would be too old, and its number is named', () => {
    const [verdict, words] = on('centos-7', 'GLIBCXX_3.4.22');
    expect(verdict).toBe('unknown');
    expect(words).toContain('CentOS 7 is thought to end at GLIBCXX_3.4.19');
  });

  it('is not in the table where nothing is known of it', () => {
    const [verdict, words] = on('debian-9', 'GLIBCXX_3.4.22');
    expect(verdict).toBe('unknown');
    expect(words).toContain('is not in the table');
  });
});
