import { basename } from 'node:path';
import type { Component } from '../../../shared/component.ts';
import type { Editor, ProbeProblem } from '../../../shared/snapshot.ts';
import { roleOfElectronFile, roleOfPackage } from '../data/component-roles.ts';
import type { ElfFile } from '../elf/types.ts';
import {
  nativeFile,
  nativeFilesBelow,
  type NativeFile,
  type NativeFiles,
} from './component-files.ts';
import { goComponents } from './component-go.ts';
import { missingParts } from './component-missing.ts';
import { electronLibraries, notedLibraries } from './component-opened.ts';
import { BUILT_IN, componentTrees, type ComponentTree } from './component-places.ts';
import { programComponent } from './component-program.ts';
import { folderBelow, packageOf, variantsOf, type Host } from './component-variants.ts';
import { pause } from './pause.ts';
import type { Probe, ProbeContext } from './probe.ts';
import { witnessProgram } from './witness.ts';

/**
 * What editors and Go load or start and DT_NEEDED does not show: native modules,
 * helper programs, extensions' binaries, libraries opened by name, Go's tools.
 */
export const componentsProbe: Probe<'components'> = {
  id: 'components',
  after: ['kernel', 'libc', 'editors', 'go-tools', 'programs'],
  timeoutMs: 30_000,
  run: async (context) => {
    const components: Component[] = [];
    const problems: ProbeProblem[] = [];
    const trees = new Map<string, NativeFiles>();
    const tell = (more: readonly Component[]): void => {
      components.push(...more);
      context.partial({ components: [...components] });
    };
    tell(await goComponents(context));
    for (const editor of context.result('editors')?.editors ?? []) {
      tell(await editorComponents(editor, context, trees, problems));
    }
    const unique = [...new Map(problems.map((one) => [one.path, one])).values()];
    return {
      status: unique.length === 0 ? 'ok' : 'partial',
      problems: unique,
      data: { components },
    };
  },
};

/** An editor under examination, with the process its modules are loaded into. */
interface Examined {
  readonly editor: Editor;
  readonly host: Host;
  /** Files of the Go side, which are no part of an editor. */
  readonly elsewhere: ReadonlySet<string>;
}

async function editorComponents(
  editor: Editor,
  context: ProbeContext,
  trees: Map<string, NativeFiles>,
  problems: ProbeProblem[],
): Promise<readonly Component[]> {
  const { files, machine, signal } = context;
  const program = editor.executable === null ? null : nativeFile(editor.executable, files);
  const elf = program?.elf ?? witnessProgram(files);
  if (elf === null) return [];
  const own = program?.elf ?? null;
  const examined: Examined = { editor, host: hostOf(editor, elf), elsewhere: goTools(context) };
  const components: Component[] = program === null ? [] : [itself(editor, program, context)];
  const inTrees = componentTrees(editor, machine, files);
  let allRead = true;
  for (const tree of inTrees) {
    await pause(signal);
    let found = trees.get(tree.top);
    if (found === undefined) {
      found = await nativeFilesBelow(tree.top, files, signal, !tree.flat);
      trees.set(tree.top, found);
    }
    problems.push(...found.problems);
    if (tree.extension === null && found.problems.length > 0) allRead = false;
    components.push(...(await treeComponents(found.files, tree, examined, context)));
  }
  if (allRead) components.push(...missingParts(editor, inTrees, components, files));
  if (program !== null && own !== null && examined.host.runtime === 'electron') {
    const opener = {
      editorId: editor.id,
      extension: null,
      program: program.path,
      realPath: program.realPath,
      elf: own,
    };
    const noted = new Set(components.map(({ name }) => name));
    components.push(...electronLibraries(opener, context).filter(({ name }) => !noted.has(name)));
  }
  return components;
}

function goTools({ result, files }: ProbeContext): ReadonlySet<string> {
  const real = (path: string): string => {
    const resolved = files.realPath(path);
    return resolved.ok ? resolved.value : path;
  };
  return new Set((result('go-tools')?.tools ?? []).map(({ path }) => real(path)));
}

function hostOf({ flavour }: Editor, elf: ElfFile): Host {
  const server = flavour === 'vscode-server' || flavour === 'code-server';
  return {
    machine: elf.machine,
    elfClass: elf.class,
    libc: elf.libc,
    runtime: server ? 'node' : 'electron',
  };
}

function itself(editor: Editor, program: NativeFile, context: ProbeContext): Component {
  const server = editor.flavour === 'vscode-server' || editor.flavour === 'code-server';
  return programComponent(
    program,
    {
      role: server ? 'server' : 'editor',
      foundBy: 'file',
      editorId: editor.id,
    },
    context,
  );
}

async function treeComponents(
  found: readonly NativeFile[],
  tree: ComponentTree,
  { editor, host, elsewhere }: Examined,
  context: ProbeContext,
): Promise<readonly Component[]> {
  const components: Component[] = [];
  const { executable } = editor;
  const variants = variantsOf(
    found,
    tree.top,
    host,
    ({ path }) => executable === null || context.loader.open(executable, path)?.verdict !== 'fails',
  );
  for (const file of found) {
    const role = roleOf(file, tree);
    if (role === null || file.path === editor.executable || elsewhere.has(file.realPath)) continue;
    await pause(context.signal);
    const extension =
      tree.extension === BUILT_IN ? folderBelow(file.path, tree.top) : tree.extension;
    const isProcess = isProgram(file);
    const component = programComponent(
      file,
      {
        role,
        foundBy: 'file',
        editorId: editor.id,
        extension,
        variant: variants.get(file) ?? 'loads',
        loadedBy: isProcess ? null : editor.executable,
      },
      context,
    );
    components.push(component);
    const opener = isProcess ? file.path : editor.executable;
    if (file.elf !== null && component.variant === 'loads' && opener !== null) {
      const { realPath, elf } = file;
      const by = { editorId: editor.id, extension, program: opener, realPath, elf };
      components.push(...notedLibraries(by, context));
    }
  }
  return components;
}

/** Null for what is no component: libraries that others name in DT_NEEDED, and object files. */
function roleOf(file: NativeFile, tree: ComponentTree): Component['role'] | null {
  const name = basename(file.path);
  if (tree.flat) {
    const known = roleOfElectronFile(name);
    if (known !== null) return known;
  }
  if (!name.endsWith('.node') && !isProgram(file)) return null;
  if (tree.extension !== null) return 'extension';
  return roleOfPackage(packageOf(file.path, tree.top).name);
}

/** A process of its own: it has an interpreter, or needs none. */
function isProgram({ path, elf }: NativeFile): boolean {
  if (elf === null || path.endsWith('.node')) return false;
  return elf.interpreter !== null || elf.linkage === 'static' || elf.linkage === 'static-pie';
}
