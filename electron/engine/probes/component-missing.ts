import { dirname, join } from 'node:path';
import * as z from 'zod';
import type { Component, ComponentRole } from '../../../shared/component.ts';
import type { Editor } from '../../../shared/snapshot.ts';
import { roleOfPackage } from '../data/component-roles.ts';
import { shortHash } from '../short-hash.ts';
import type { ComponentTree } from './component-places.ts';
import type { Files } from './files.ts';

/** A package that an editor cannot do without, and the file of the editor that says so. */
interface Demand {
  readonly name: string;
  readonly role: ComponentRole;
  readonly saidBy: string;
}

/** Native packages without which a person misses something at once. */
const WANTED: ReadonlySet<ComponentRole> = new Set<ComponentRole>([
  'terminal',
  'search',
  'file-watcher',
  'log',
  'storage',
]);

/**
 * The processes that VS Code and its server start for these parts (their entry points in
 * gulpfile.vscode and gulpfile.reh). A server's package.json is shipped without its
 * dependencies, but this code names the packages that it imports.
 */
const ENTRY_POINTS = [
  'out/vs/platform/terminal/node/ptyHostMain.js',
  'out/vs/platform/files/node/watcher/watcherMain.js',
  'out/vs/workbench/api/node/extensionHostProcess.js',
];
const NAMED_IN_CODE =
  /["'](node-pty|(?:@vscode\/|vscode-)ripgrep[\w-]*|@parcel\/watcher|(?:@vscode\/)?spdlog)["']/g;

/** extensionHostProcess.js has some 3 MB. */
const CODE_LIMIT = 16 * 1024 * 1024;

const packageSchema = z.object({ dependencies: z.record(z.string(), z.unknown()) });

/**
 * Packages with native code that the editor itself asks for and of which nothing is there
 * that it could load. Empty wherever that cannot be known: directories that could not be
 * read, an archive of packages, or an editor that does not say what it needs.
 */
export function missingParts(
  editor: Editor,
  trees: readonly ComponentTree[],
  present: readonly Component[],
  files: Files,
): readonly Component[] {
  const modules = trees.filter(({ extension }) => extension === null).flatMap(modulesIn);
  // An archive may hold what is looked for; without any directory it is no whole editor.
  const packed = modules.some((top) => top.endsWith('.unpacked') || files.exists(`${top}.asar`));
  if (modules.length === 0 || packed) return [];
  const has = (role: ComponentRole): boolean =>
    present.some((one) => one.role === role && one.extension === null && one.variant === 'loads');
  const lacking = [...WANTED].filter((role) => !has(role));
  if (lacking.length === 0) return [];
  const app = dirname(editor.productFile);
  const demands = demandsOf(app, files);
  return lacking.flatMap((role) => {
    const demand = demands.find((one) => one.role === role);
    return demand === undefined ? [] : (missingPart(demand, editor, { app, modules }, files) ?? []);
  });
}

function modulesIn({ top }: ComponentTree): readonly string[] {
  return /\/node_modules(?:\.asar\.unpacked)?$/.test(top) ? [top] : [];
}

/** What package.json asks for, and behind it what the editor's own code imports. */
function demandsOf(app: string, files: Files): readonly Demand[] {
  const file = join(app, 'package.json');
  const declared = namesIn(file, files).map((name) => ({ name, saidBy: file }));
  const imported = ENTRY_POINTS.map((path) => join(app, path)).flatMap((path) => {
    const code = files.readText(path, CODE_LIMIT);
    const names = code.ok ? [...code.value.matchAll(NAMED_IN_CODE)] : [];
    return names.map(([, name = '']) => ({ name, saidBy: path }));
  });
  return [...declared, ...imported].map((one) => ({ ...one, role: roleOfPackage(one.name) }));
}

function namesIn(path: string, files: Files): readonly string[] {
  const text = files.readText(path, CODE_LIMIT);
  if (!text.ok) return [];
  try {
    const content = packageSchema.safeParse(JSON.parse(text.value));
    return content.success ? Object.keys(content.data.dependencies) : [];
  } catch {
    return [];
  }
}

/** Null where something is there after all that may do: a script, or a link out of the tree. */
function missingPart(
  { name, role, saidBy }: Demand,
  editor: Editor,
  { app, modules }: { readonly app: string; readonly modules: readonly string[] },
  files: Files,
): Component | null {
  const places = modules.map((top) => join(top, name));
  const there = places.find((place) => files.exists(place));
  if (there !== undefined) {
    const real = files.realPath(there);
    const inside =
      real.ok && modules.some((top) => real.value.startsWith(`${realOf(top, files)}/`));
    if (!inside || files.exists(join(there, 'bin/rg'))) return null;
  }
  const path = there ?? join(app, 'node_modules', name);
  return {
    id: shortHash(`${editor.id} ${path}`),
    editorId: editor.id,
    role,
    name,
    path,
    realPath: null,
    loadedBy: editor.executable,
    foundBy: 'demand',
    variant: 'required-absent',
    extension: null,
    needs: null,
    report: null,
    problem: { code: there === undefined ? 'not-found' : 'unsupported', path, detail: saidBy },
  };
}

function realOf(path: string, files: Files): string {
  const real = files.realPath(path);
  return real.ok ? real.value : path;
}
