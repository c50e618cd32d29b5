import { basename, isAbsolute, join } from 'node:path';
import * as z from 'zod';
import type { Editor } from '../../../shared/snapshot.ts';
import type { Machine } from '../machine.ts';
import { installationIn, serverBase, type Installation } from './editor-product.ts';
import { dataHome } from './editor-settings-files.ts';
import type { Files } from './files.ts';

/** A directory that an editor loads native code from. */
export interface ComponentTree {
  readonly top: string;
  /** Extension it belongs to; `built-in` stands for the name of each folder in it. */
  readonly extension: string | null;
  /** Only the files of the directory itself. */
  readonly flat: boolean;
}

const LISTS_LIMIT = 8 * 1024 * 1024;
const MOST_EXTENSIONS = 2_000;

/** Where an editor keeps native code: its own modules, built-in extensions, the user's extensions. */
export function componentTrees(
  editor: Editor,
  machine: Machine,
  files: Files,
): readonly ComponentTree[] {
  const installation = installationIn(editor.directory, files);
  if (installation?.ok !== true) return [];
  const own = ownDirectories(installation.value).map(([path, flat]): ComponentTree => ({
    top: join(editor.directory, path),
    extension: basename(path) === 'extensions' ? BUILT_IN : null,
    flat,
  }));
  const extensions = installedExtensions(
    extensionsDirectory(installation.value, machine, files),
    files,
  );
  return [...own.filter(({ top }) => files.exists(top)), ...extensions];
}

/** Stands for the names of the folders inside, each of which is an extension. */
export const BUILT_IN = 'built-in';

function ownDirectories({ layout }: Installation): readonly (readonly [string, boolean])[] {
  const app = (path: string): readonly (readonly [string, boolean])[] => [
    [join(path, 'node_modules'), false],
    [join(path, 'node_modules.asar.unpacked'), false],
    [join(path, 'extensions'), false],
  ];
  switch (layout) {
    case 'desktop':
      return [['.', true], ['bin', true], ...app('resources/app')];
    case 'code-server':
      return [['node_modules', false], ['lib', true], ...app('lib/vscode')];
    case 'server':
    case 'bare':
      return [['.', true], ['bin', true], ...app('.')];
  }
}

/** As VS Code's own lookup: VSCODE_EXTENSIONS, portable mode, the product's folder in the home. */
export function extensionsDirectory(
  { layout, directory, product }: Installation,
  machine: Machine,
  files: Files,
): string {
  if (layout === 'server') return join(serverBase(directory), 'extensions');
  if (layout === 'code-server') return join(dataHome(machine), 'code-server/extensions');
  const wanted = machine.environment['VSCODE_EXTENSIONS'] ?? '';
  if (isAbsolute(wanted)) return wanted;
  const portable = join(directory, 'data');
  if (files.exists(portable)) return join(portable, 'extensions');
  const folder = product.dataFolderName ?? '.vscode';
  const flatpak = /\/flatpak\/app\/([^/]+)\//.exec(directory)?.[1];
  if (flatpak !== undefined) {
    const data = join(machine.home, '.var/app', flatpak, 'data');
    return join(data, folder.replace(/^\./, ''), 'extensions');
  }
  return join(machine.home, folder, 'extensions');
}

const installedSchema = z.array(
  z.object({
    identifier: z.object({ id: z.string() }),
    relativeLocation: z.string().optional(),
    location: z.object({ path: z.string().optional() }).optional(),
  }),
);

/**
 * The extensions that the editor would load: those `extensions.json` lists,
 * without those that `.obsolete` is about to delete. A list that is missing, or
 * of the wrong shape, counts for nothing, and then every folder is one.
 */
export function installedExtensions(directory: string, files: Files): readonly ComponentTree[] {
  const obsolete = jsonOf(join(directory, '.obsolete'), files);
  const deleted = (folder: string): boolean =>
    typeof obsolete === 'object' &&
    obsolete !== null &&
    (obsolete as Record<string, unknown>)[folder] === true;
  const listed = installedSchema.safeParse(jsonOf(join(directory, 'extensions.json'), files));
  const found = listed.success
    ? listed.data.map(({ identifier, relativeLocation, location }) => {
        const below = join(directory, relativeLocation ?? '.');
        const top =
          relativeLocation !== undefined && files.exists(below) ? below : (location?.path ?? below);
        return { top, extension: identifier.id };
      })
    : foldersIn(directory, files);
  return found
    .filter(({ top }) => isAbsolute(top) && top !== directory && !deleted(basename(top)))
    .slice(0, MOST_EXTENSIONS)
    .map(({ top, extension }) => ({ top, extension, flat: false }));
}

/** `publisher.name-1.2.3`, perhaps with the platform behind it. */
function foldersIn(
  directory: string,
  files: Files,
): readonly { readonly top: string; readonly extension: string }[] {
  const entries = files.list(directory);
  if (!entries.ok) return [];
  return entries.value
    .filter(({ name, kind }) => kind !== 'file' && /^[^.][^/]*\.[^/]+/.test(name))
    .map(({ name }) => ({
      top: join(directory, name),
      extension: name.replace(/-\d+\.\d+\.\d+.*$/, ''),
    }));
}

function jsonOf(path: string, files: Files): unknown {
  const text = files.readText(path, LISTS_LIMIT);
  if (!text.ok) return null;
  try {
    return JSON.parse(text.value) as unknown;
  } catch {
    return null;
  }
}
