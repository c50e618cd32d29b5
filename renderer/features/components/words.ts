import type { ComponentLine, ComponentRole, RuntimeNeeds } from '../../../shared/component.ts';
import type { TextKey } from '../../i18n/i18n.ts';
import type { Tone } from '../../ui/Badge.tsx';
import type { SeverityIcon } from '../../ui/Icon.tsx';

/** What a component is there for, as a person would call it. */
export const roles: Readonly<Record<ComponentRole, TextKey>> = {
  editor: 'role.editor',
  server: 'role.server',
  terminal: 'role.terminal',
  search: 'role.search',
  'file-watcher': 'role.fileWatcher',
  log: 'role.log',
  storage: 'role.storage',
  credentials: 'role.credentials',
  keyboard: 'role.keyboard',
  policy: 'role.policy',
  'device-id': 'role.deviceId',
  'file-copy': 'role.fileCopy',
  watchdog: 'role.watchdog',
  signature: 'role.signature',
  graphics: 'role.graphics',
  media: 'role.media',
  'crash-handler': 'role.crashHandler',
  sandbox: 'role.sandbox',
  extension: 'role.extension',
  module: 'role.module',
  'opened-library': 'role.openedLibrary',
  go: 'role.go',
  gopls: 'role.gopls',
  dlv: 'role.dlv',
  staticcheck: 'role.staticcheck',
  linter: 'role.linter',
  'go-tool': 'role.goTool',
  'c-compiler': 'role.cCompiler',
  'race-detector': 'role.raceDetector',
  'cgo-program': 'role.cgoProgram',
};

interface StateLook {
  readonly tone: Tone;
  readonly icon: SeverityIcon;
  readonly word: TextKey;
}

/** How a state is shown: shape, word and colour. */
export const states: Readonly<Record<ComponentLine['state'], StateLook>> = {
  fails: { tone: 'error', icon: 'problem', word: 'components.state.fails' },
  unknown: { tone: 'neutral', icon: 'unknown', word: 'components.state.unknown' },
  weak: { tone: 'warn', icon: 'warning', word: 'components.state.weak' },
  works: { tone: 'ok', icon: 'ok', word: 'components.state.works' },
  'not-used': { tone: 'neutral', icon: 'info', word: 'components.state.notUsed' },
};

/** `GLIBC 2.28`, `GLIBCXX 3.4.22`: what has to be there at least. */
export function needsOf(needs: RuntimeNeeds | null): readonly string[] {
  if (needs === null) return [];
  const families = [
    ['GLIBC', needs.glibc],
    ['GLIBCXX', needs.glibcxx],
    ['CXXABI', needs.cxxabi],
  ] as const;
  return families.flatMap(([family, number]) => (number === null ? [] : [`${family} ${number}`]));
}

/** How sure it is that something breaks; null for what would never be loaded here. */
export function breaksWord({ state, reason }: ComponentLine): TextKey | null {
  // "Could not be checked" claims nothing.
  if (state === 'unknown') return 'components.breaks.if';
  // What is not there is missed already, however well everything else does without it.
  const absent = /^component\.reason\.(?:optional-)?absent/.test(reason?.key ?? '');
  if (state === 'fails' || absent) return 'components.breaks';
  if (state === 'not-used') return null;
  return state === 'weak' ? 'components.breaks.part' : 'components.breaks.if';
}

/** Whether somebody should look at it: it fails, works in part, or could not be told. */
export function isTrouble({ state }: ComponentLine): boolean {
  return state === 'fails' || state === 'unknown' || state === 'weak';
}
