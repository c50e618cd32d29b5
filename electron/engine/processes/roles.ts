import { basename, dirname, isAbsolute } from 'node:path';
import type { ProcessFacts } from '../../../shared/process.ts';
import { installationIn, type Layout } from '../probes/editor-product.ts';
import type { Files } from '../probes/files.ts';

export type Role = ProcessFacts['role'];

/** What tells the part a process plays. */
export interface RoleFacts {
  readonly name: string;
  /** Inside its root; null where it may not be known. */
  readonly executable: string | null;
  readonly args: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  readonly isGo: boolean;
  /** Native modules that it has mapped, as the kernel names them; asked for only where needed. */
  readonly modules?: () => readonly string[];
}

/** Programs that people know by their names. */
const BY_NAME: Readonly<Record<string, Role>> = {
  gopls: 'gopls',
  dlv: 'dlv',
  'dlv-dap': 'dlv',
  go: 'go',
  rg: 'search',
  ripgrep: 'search',
  devmend: 'devmend',
  'devmend-desktop': 'devmend',
};

/** The role that a program's own name gives it; `go-program` for what the Go linker made. */
export function roleByName({ name, executable, args, isGo }: RoleFacts): Role {
  // Without the right to know the program, its own word and its title have to do.
  const names = executable === null ? [basename(args[0] ?? ''), name] : [basename(executable)];
  const known = names.flatMap((one) => BY_NAME[one] ?? []);
  return known[0] ?? (isGo ? 'go-program' : 'other');
}

/** Which part of VS Code a process with several of them runs, by what it was told to load. */
const PARTS: readonly (readonly [pattern: RegExp, role: Role])[] = [
  [/extensionHost/i, 'extension-host'],
  [/ptyHost/i, 'terminal-host'],
  [/fileWatcher|watcherMain/i, 'file-watcher'],
];

/** Modules of the editor's own that only one of its parts loads. */
const BY_MODULE: readonly (readonly [pattern: RegExp, role: Role])[] = [
  [/\/resources\/app\/node_modules(?:\.asar\.unpacked)?\/node-pty\//, 'terminal-host'],
  [/\/resources\/app\/node_modules(?:\.asar\.unpacked)?\/@parcel\/watcher/, 'file-watcher'],
  [/\/resources\/app\/node_modules(?:\.asar\.unpacked)?\/native-watchdog\//, 'extension-host'],
  // Whose an extension's own module is: `publisher.name-1.2.3`, or one of those that are built in.
  [/\/extensions\/[^/]+\.[^/]+-\d[^/]*\/|\/resources\/app\/extensions\//, 'extension-host'],
];

/**
 * The role of a process that runs an editor's own program. The server's parts
 * are told apart by `--type`; the desktop's are Chromium utility processes that
 * are all called alike, and get their module in a variable. Chromium writes its
 * title over the variables: then the native modules that it has loaded tell.
 */
export function roleInEditor(facts: RoleFacts, layout: Layout): Role {
  const type = facts.args.find((arg) => arg.startsWith('--type='))?.slice('--type='.length);
  const entry =
    facts.environment.get('VSCODE_ESM_ENTRYPOINT') ??
    facts.environment.get('VSCODE_AMD_ENTRYPOINT');
  const told = type === undefined || type === 'utility' ? entry : type;
  if (told !== undefined) {
    return PARTS.find(([pattern]) => pattern.test(told))?.[1] ?? 'other';
  }
  if (type !== undefined) return roleByModules(facts.modules?.() ?? []);
  return layout === 'desktop' || layout === 'bare' ? 'editor' : 'server';
}

function roleByModules(modules: readonly string[]): Role {
  const found = BY_MODULE.find(([pattern]) => modules.some((path) => pattern.test(path)));
  return found?.[1] ?? 'other';
}

/** Programs that run somebody else's code: what they run is named first among their arguments. */
const CARRIER = /^(?:node(?:js)?|electron\d*|code-oss)$/;
/** `out/vs/code/electron-main/main.js` is as deep as it gets. */
const LEVELS = 5;

/** The layout of the editor whose program this is; null when it is none. */
export function editorLayout(
  facts: Pick<RoleFacts, 'name' | 'executable' | 'args'>,
  files: Files,
  known: Map<string, Layout | null>,
): Layout | null {
  const places: string[] = [];
  if (facts.executable !== null) places.push(...enclosing(facts.executable, 2));
  const runner = basename(facts.executable ?? facts.args[0] ?? facts.name);
  const script = CARRIER.test(runner)
    ? facts.args.slice(1).find((arg) => !arg.startsWith('-'))
    : undefined;
  if (script !== undefined && isAbsolute(script)) places.push(...enclosing(script, LEVELS));
  for (const directory of places) {
    const layout = known.get(directory) ?? layoutIn(directory, files);
    known.set(directory, layout);
    if (layout !== null) return layout;
  }
  return null;
}

function layoutIn(directory: string, files: Files): Layout | null {
  const found = installationIn(directory, files);
  return found?.ok === true ? found.value.layout : null;
}

function enclosing(path: string, levels: number): readonly string[] {
  const found: string[] = [];
  for (let at = dirname(path); found.length < levels && at !== '/'; at = dirname(at))
    found.push(at);
  return found;
}

/**
 * A part of an editor that nothing of its own tells, with a tool beside it that only an
 * extension starts directly: what is started in a terminal is a child of the terminal host.
 */
export function isExtensionHost(
  { role, layout, args }: { role: Role; layout: Layout | null; args: readonly string[] },
  children: readonly Role[],
): boolean {
  const isPart = role === 'other' && layout !== null && args.includes('--type=utility');
  return isPart && children.some((child) => child === 'gopls' || child === 'dlv');
}

const SHELL = /^(?:ba|z|da|fi|k|mk|tc|c|nu|pw)?sh$|^(?:elvish|xonsh|pwsh)$/;

/** A shell of the integrated terminal: started by the terminal host. */
export function isTerminalShell(
  facts: Pick<RoleFacts, 'name' | 'executable'>,
  parent: Role | null,
): boolean {
  return parent === 'terminal-host' && SHELL.test(basename(facts.executable ?? facts.name));
}
