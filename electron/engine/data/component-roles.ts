import type { ComponentRole } from '../../../shared/component.ts';

/**
 * What the native packages of VS Code and its server are for (package.json of
 * VS Code 1.139, remote/package.json; the desktop adds native-keymap,
 * policy-watcher and vsce-sign). Forks and older releases use the older names.
 */
const BY_PACKAGE: readonly (readonly [RegExp, ComponentRole])[] = [
  [/(^|\/)node-pty\b/, 'terminal'],
  [/(^|\/)spdlog$/, 'log'],
  [/(^|\/)(vscode-)?sqlite3$|^better-sqlite3$/, 'storage'],
  [/^kerberos$|^keytar$/, 'credentials'],
  [/^@parcel\/watcher|^(vscode-)?nsfw$/, 'file-watcher'],
  [/(^|\/)native-keymap$/, 'keyboard'],
  [/(^|\/)(vscode-)?policy-watcher$/, 'policy'],
  [/^@vscode\/deviceid$/, 'device-id'],
  [/^@vscode\/fs-copyfile$/, 'file-copy'],
  [/(^|\/)native-watchdog$/, 'watchdog'],
  [/^@vscode\/vsce-sign/, 'signature'],
  [/^(@vscode\/|vscode-)ripgrep/, 'search'],
];

/** Files that Electron keeps beside its program. */
const BY_FILE: Readonly<Record<string, ComponentRole>> = {
  chrome_crashpad_handler: 'crash-handler',
  'chrome-sandbox': 'sandbox',
  'libEGL.so': 'graphics',
  'libGLESv2.so': 'graphics',
  'libvk_swiftshader.so': 'graphics',
  'libvulkan.so.1': 'graphics',
  'libffmpeg.so': 'media',
};

/** What a native package does for the editor; `module` for one that Devmend does not know. */
export function roleOfPackage(name: string): ComponentRole {
  return BY_PACKAGE.find(([pattern]) => pattern.test(name))?.[1] ?? 'module';
}

/** What a file beside Electron's program does; null for any other. */
export function roleOfElectronFile(name: string): ComponentRole | null {
  return BY_FILE[name] ?? null;
}

/**
 * Whether a package goes on to its next build when one cannot be loaded: node-pty
 * does (lib/utils.ts, `loadNativeModule`); node-gyp-build and `bindings` settle for
 * the first that is there.
 */
export function triesAllBuilds(name: string): boolean {
  return /(^|\/)node-pty$/.test(name);
}
