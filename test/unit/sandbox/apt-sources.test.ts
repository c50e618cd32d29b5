import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  archiveAddress,
  configuredArchives,
} from '../../../electron/engine/sandbox/apt-sources.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'devmend-apt-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function found(): Promise<string[]> {
  return (await configuredArchives(root)).map(({ href }) => href);
}

describe("apt's configuration", () => {
  it('is read in both formats, in order, each archive once', async () => {
    put(
      'etc/apt/sources.list',
      [
        '# deb http://commented.example/debian bookworm main',
        'deb [arch=amd64 signed-by=/x] http://one.example/debian bookworm main contrib # note',
        'deb-src http://source.example/debian bookworm main',
        'deb http://one.example/debian/ bookworm-updates main',
      ].join('\n'),
    );
    put(
      'etc/apt/sources.list.d/debian.sources',
      'Types: deb deb-src\nURIs: https://two.example/debian\n file:///srv/mirror\nSuites: stable\nComponents: main\n',
    );
    expect(await found()).toEqual([
      'http://one.example/debian/',
      'https://two.example/debian/',
      'file:///srv/mirror/',
    ]);
  });

  it('leaves out what is not an archive of Debian, is disabled, or cannot be used', async () => {
    put(
      'etc/apt/sources.list.d/others.sources',
      [
        'Types: deb\nURIs: https://node.example/20\nSuites: nodistro\nComponents: main',
        'Types: deb\nURIs: https://cloud.example/apt\nSuites: cloud-sdk-bookworm\nComponents: main',
        'Types: deb\nURIs: https://security.example/debian\nSuites: bookworm-security\nComponents: main',
        'Enabled: no\nTypes: deb\nURIs: https://off.example/\nSuites: trixie\nComponents: main',
        'Types: deb-src\nURIs: https://src.example/\nSuites: trixie\nComponents: main',
        'Types: deb\nURIs: cdrom:x ftp://f.example/ https://u:p@secret.example/\nSuites: trixie\nComponents: main',
        'Types: deb\nURIs: https://nonfree.example/\nSuites: trixie\nComponents: non-free',
      ].join('\n\n'),
    );
    put('etc/apt/sources.list.d/backup.sources.save', 'deb http://saved.example/ trixie main');
    expect(await found()).toEqual([]);
  });

  it('may be missing altogether', async () => {
    expect(await found()).toEqual([]);
  });
});

describe('an address given by a person', () => {
  it('needs a scheme Devmend can fetch from and carries no password', () => {
    expect(archiveAddress('http://a.example/debian')?.href).toBe('http://a.example/debian/');
    for (const text of [
      'debian',
      'ssh://a.example/',
      'http://u@a.example/',
      'http://a.example/?x',
    ]) {
      expect(archiveAddress(text)).toBeNull();
    }
  });
});
