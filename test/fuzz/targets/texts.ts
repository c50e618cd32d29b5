import * as fs from 'node:fs';
import * as path from 'node:path';
import { configuredArchives } from '../../../electron/engine/sandbox/apt-sources.ts';
import { compareVersions, parseParagraphs } from '../../../electron/engine/sandbox/control.ts';
import { readGpgvStatus } from '../../../electron/engine/sandbox/signature.ts';
import { editJsonText, jsonValueAt } from '../../../electron/engine/changes/json-text.ts';
import { parseOsRelease } from '../../../electron/engine/probes/distribution.ts';
import { programsOfDesktopEntry } from '../../../electron/engine/probes/editor-locations.ts';
import { installationIn } from '../../../electron/engine/probes/editor-product.ts';
import { openFiles } from '../../../electron/engine/probes/files.ts';
import { readSettingsText } from '../../../electron/engine/probes/settings-text.ts';
import { parseSettings } from '../../../electron/engine/settings.ts';
import { settingsText } from '../../fixtures/desk.ts';
import { textMutators } from '../mutate.ts';
import { LARGEST_TEXT, type Seed, type Target } from '../target.ts';

function seed(name: string, text: string): Seed {
  return { name, bytes: Buffer.from(text) };
}

const PARAGRAPHS = `Package: libc6
Version: 2.36-9+deb12u10
Architecture: amd64
Depends: libgcc-s1, libcrypt1 (>= 1:4.4.10-10~)
Description: GNU C Library
 Contains the standard libraries.
 .
 More.

# a comment
Package: zlib1g
Version: 1:1.2.13.dfsg-1
Filename: pool/main/z/zlib/zlib1g_1.2.13.dfsg-1_amd64.deb
Size: 86676
SHA256: ${'0123456789abcdef'.repeat(4)}
`;

/** Debian's control files and versions, and what gpgv says. */
export const control: Target = {
  name: 'control',
  about: 'package index, Release and control paragraphs; versions; gpgv status',
  seeds: [
    seed('index', PARAGRAPHS),
    seed(
      'release',
      `Origin: Debian\nSuite: stable\nCodename: bookworm\nValid-Until: Sat, 01 Jan 2028 00:00:00 UTC\nSHA256:\n ${'ab'.repeat(32)} 1234 main/binary-amd64/Packages.xz\n`,
    ),
    seed(
      'gpgv',
      '[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG AABB Debian Archive\n[GNUPG:] VALIDSIG F0 2026-01-01 1 0 4 0 1 8 01 F1\n',
    ),
  ],
  mutators: textMutators,
  largest: LARGEST_TEXT,
  runs: 12_000,
  open: () => (bytes) => {
    const text = bytes.toString('utf8');
    let newest = '0';
    for (const fields of parseParagraphs(text)) {
      const version = fields.get('version') ?? '';
      if (compareVersions(version, newest) > 0) newest = version;
    }
    readGpgvStatus(text);
  },
};

/** Which mirrors apt is set up to use, in both of its file formats. */
export const sources: Target = {
  name: 'sources',
  about: "apt's sources, both formats",
  seeds: [
    seed(
      'one-line',
      'deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main # x\n',
    ),
    seed(
      'deb822',
      'Types: deb deb-src\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\n',
    ),
  ],
  mutators: textMutators,
  largest: LARGEST_TEXT,
  runs: 4_000,
  open: (directory) => {
    const parts = path.join(directory, 'etc/apt/sources.list.d');
    fs.mkdirSync(parts, { recursive: true });
    return async (bytes) => {
      fs.writeFileSync(path.join(parts, '../sources.list'), bytes);
      fs.writeFileSync(path.join(parts, 'more.sources'), bytes);
      await configuredArchives(directory);
    };
  },
};

const SETTINGS: readonly Seed[] = [
  seed('typical', settingsText('/opt/git/bin/git')),
  seed(
    'bare',
    '{"go.alternateTools":{"gopls":"/g"},"a":[1,2,[{"b":null}]],"git.path":["/a","/b"]}',
  ),
  seed('own', '{"language":"system","theme":"dark","retention":{"days":30}}'),
  seed('bom', '\ufeff{\r\n\t"git.path": "/a", /* c */ // d\r\n}\r\n'),
];

/** An editor's settings: what they name. */
export const settings: Target = {
  name: 'settings',
  about: "editors' settings.json and Devmend's own, read",
  seeds: SETTINGS,
  mutators: textMutators,
  largest: LARGEST_TEXT,
  runs: 8_000,
  open: () => (bytes) => {
    const text = bytes.toString('utf8');
    readSettingsText(text);
    parseSettings(text);
  },
};

/** Edits of an editor's settings. */
export const edits: Target = {
  name: 'edits',
  about: "editors' settings.json, edited",
  seeds: SETTINGS,
  mutators: textMutators,
  largest: LARGEST_TEXT,
  runs: 6_000,
  open: () => (bytes) => {
    jsonValueAt(bytes, ['a', 2, 0, 'b']);
    editJsonText(bytes, [{ jsonPath: ['new', 'key'], before: null, after: '1' }], '/settings.json');
    editJsonText(
      bytes,
      [{ jsonPath: ['git.path'], before: '"/a"', after: null }],
      '/settings.json',
    );
  },
};

/** An installation's product.json and package.json. */
export const product: Target = {
  name: 'product',
  about: 'product.json and package.json of an editor',
  seeds: [
    seed(
      'product',
      '{"nameShort":"Code","nameLong":"Visual Studio Code","applicationName":"code","version":"1.105.0","commit":"abc","dataFolderName":".vscode","extra":{"a":[1]}}',
    ),
    seed('server', '{"nameShort":"S","nameLong":"S","applicationName":"code-server"}'),
  ],
  mutators: textMutators,
  largest: LARGEST_TEXT,
  runs: 5_000,
  open: (directory) => {
    fs.mkdirSync(path.join(directory, 'resources/app'), { recursive: true });
    const files = openFiles('/');
    return (bytes) => {
      for (const name of ['product.json', 'package.json'])
        fs.writeFileSync(path.join(directory, 'resources/app', name), bytes);
      installationIn(directory, files);
    };
  },
};

/** Small texts of the system that is examined. */
export const lines: Target = {
  name: 'lines',
  about: 'os-release, desktop entries',
  seeds: [
    seed(
      'os-release',
      'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian \\"12\\""\nNAME=\'x\'\n#\n',
    ),
    seed(
      'desktop',
      '[Desktop Entry]\nName=Code\nExec="/usr/share/code/code" --x %F\nTryExec=/a\\ b\n',
    ),
  ],
  mutators: textMutators,
  largest: LARGEST_TEXT,
  runs: 10_000,
  open: () => (bytes) => {
    const text = bytes.toString('utf8');
    parseOsRelease(text);
    programsOfDesktopEntry(text);
  },
};
