import type { AppInfo } from '../../../shared/contract.ts';
import type { ScanReport } from '../../../shared/finding.ts';
import type { Message } from '../../../shared/message.ts';

export const HOME = '/home/user';
export const SANDBOX = `${HOME}/.local/share/devmend/sandbox/debian-13`;
export const COPY = `${HOME}/.local/share/devmend/programs/git-2.47.3`;
export const SETTINGS_FILE = `${HOME}/.config/Code/User/settings.json`;
export const GIT = `${HOME}/opt/git/bin/git`;
export const LIBRARIES = '/lib/x86_64-linux-gnu';
/** The moment at which every scenario happens, so that pictures and tests stay the same. */
export const NOW = '2026-11-23T14:02:00.000Z';

/** A text of the catalogs or of `texts.ts`. */
export function words(key: string, params: Message['params'] = {}): Message {
  return { key, params };
}

export const info: AppInfo = {
  version: '0.1.0',
  language: 'en',
  privilegedRepairs: 'no-helper',
  developmentRuntime: false,
  home: HOME,
};

export const machine: ScanReport['machine'] = {
  distribution: 'Debian 12',
  kernel: '6.1.0-28-amd64',
  architecture: 'x86-64',
  libc: 'glibc 2.36',
  libstdcxx: 'GLIBCXX_3.4.30',
  editors: [{ name: 'VS Code', version: '1.139.1', directory: '/usr/share/code' }],
  go: '1.24.4',
  root: '/',
  home: HOME,
  user: 'user',
};

export const bareMachine: ScanReport['machine'] = { ...machine, editors: [], go: null };

export const probes: ScanReport['probes'] = [
  { id: 'distribution', status: 'ok', reason: null, ms: 2 },
  { id: 'kernel', status: 'ok', reason: null, ms: 1 },
  { id: 'libc', status: 'ok', reason: null, ms: 14 },
  { id: 'editors', status: 'ok', reason: null, ms: 38 },
  {
    id: 'editor-settings',
    status: 'partial',
    reason: `${HOME}/.config/VSCodium/User/settings.json: permission denied`,
    ms: 6,
  },
  { id: 'go-tools', status: 'ok', reason: null, ms: 21 },
  { id: 'programs', status: 'ok', reason: null, ms: 164 },
];

/** Probe lines of a machine on which everything could be read. */
export const cleanProbes: ScanReport['probes'] = probes.map((probe) => ({
  ...probe,
  status: 'ok',
  reason: null,
}));
