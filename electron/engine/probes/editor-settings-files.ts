import { basename, isAbsolute, join } from 'node:path';
import type { Machine } from '../machine.ts';
import { serverBase, type Installation } from './editor-product.ts';
import type { Files } from './files.ts';

/** `$XDG_CONFIG_HOME`, where Electron editors keep their user data. */
export function configHome(machine: Machine): string {
  const value = machine.environment['XDG_CONFIG_HOME'] ?? '';
  return isAbsolute(value) ? value : join(machine.home, '.config');
}

/** `$XDG_DATA_HOME`, where code-server keeps its user data. */
export function dataHome(machine: Machine): string {
  const value = machine.environment['XDG_DATA_HOME'] ?? '';
  return isAbsolute(value) ? value : join(machine.home, '.local/share');
}

/**
 * The settings files an installation reads for this user and that exist (a
 * dangling link counts: it is there and cannot be read). Order of the user data
 * directory as in VS Code's userDataPath: portable mode, VSCODE_APPDATA, XDG.
 */
export function settingsFilesOf(
  installation: Installation,
  machine: Machine,
  files: Files,
): readonly string[] {
  const { layout, directory } = installation;
  if (layout === 'server') {
    const data = join(serverBase(directory), 'data');
    return [...machineSettings(data, files), ...userSettings(join(data, 'User'), files)];
  }
  if (layout === 'code-server') {
    const data = join(dataHome(machine), 'code-server');
    return [...userSettings(join(data, 'User'), files), ...machineSettings(data, files)];
  }
  return userSettings(join(userData(installation, machine, files), 'User'), files);
}

function userData(installation: Installation, machine: Machine, files: Files): string {
  const { directory, product } = installation;
  const portable = join(directory, 'data');
  if (files.exists(portable)) return join(portable, 'user-data');
  const flatpak = /\/flatpak\/app\/([^/]+)\//.exec(directory)?.[1];
  if (flatpak !== undefined) {
    return join(machine.home, '.var/app', flatpak, 'config', product.nameShort);
  }
  const appData = machine.environment['VSCODE_APPDATA'] ?? '';
  return join(isAbsolute(appData) ? appData : configHome(machine), product.nameShort);
}

/** `User/settings.json` and the settings of every profile. */
function userSettings(user: string, files: Files): readonly string[] {
  const profiles = files.list(join(user, 'profiles'));
  const names = profiles.ok ? profiles.value.map((entry) => entry.name) : [];
  return [
    join(user, 'settings.json'),
    ...names.map((name) => join(user, 'profiles', name, 'settings.json')),
  ].filter((path) => files.isPresent(path));
}

function machineSettings(data: string, files: Files): readonly string[] {
  const path = join(data, 'Machine', 'settings.json');
  return files.isPresent(path) ? [path] : [];
}

/** Settings that lie in the home though no installation that reads them was found. */
export interface OrphanSettings {
  readonly file: string;
  /** The product, as its directory is called. */
  readonly name: string;
}

/** Looks by shape (`<product>/User/settings.json`), not by product names. */
export function orphanSettings(machine: Machine, files: Files): readonly OrphanSettings[] {
  const flatpaks = childrenOf(join(machine.home, '.var/app'), files).map((app) =>
    join(app, 'config'),
  );
  const products = [configHome(machine), dataHome(machine), ...flatpaks]
    .flatMap((parent) => childrenOf(parent, files))
    .map((data) => ({ data, name: basename(data) }));
  const servers = childrenOf(machine.home, files)
    .filter((path) => basename(path).startsWith('.'))
    .map((base) => ({ data: join(base, 'data'), name: basename(base).slice(1) }));
  return [...products, ...servers].flatMap(({ data, name }) =>
    [...userSettings(join(data, 'User'), files), ...machineSettings(data, files)].map((file) => ({
      file,
      name,
    })),
  );
}

function childrenOf(path: string, files: Files): readonly string[] {
  const entries = files.list(path);
  if (!entries.ok) return [];
  return entries.value
    .filter((entry) => entry.kind === 'directory' || entry.kind === 'link')
    .map((entry) => join(path, entry.name));
}
