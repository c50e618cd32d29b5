import { dirname, join } from 'node:path';
import type { Editor, ProbeProblem } from '../../../shared/snapshot.ts';
import type { Machine } from '../machine.ts';
import { editorCandidates } from './editor-locations.ts';
import { packagingOf } from './editor-packaging.ts';
import { displayName, installationIn, type Installation } from './editor-product.ts';
import { settingsFilesOf } from './editor-settings-files.ts';
import { onPath } from './expand.ts';
import type { Files } from './files.ts';
import { shortHash } from '../short-hash.ts';
import { pause } from './pause.ts';
import type { Probe } from './probe.ts';

/** Pausing at every directory would cost more than looking at it. */
const CANDIDATES_PER_PAUSE = 64;

/** Editors of the VS Code family, known by the content of their product.json. */
export const editorsProbe: Probe<'editors'> = {
  id: 'editors',
  after: [],
  timeoutMs: 5_000,
  run: async ({ machine, files, signal }) => {
    const editors = new Map<string, Editor>();
    const problems: ProbeProblem[] = [];
    let looked = 0;
    for (const candidate of editorCandidates(machine, files)) {
      if (looked++ % CANDIDATES_PER_PAUSE === 0) await pause(signal);
      const installation = installationIn(candidate, files);
      if (installation === null) continue;
      // A link and what it leads to are one installation.
      const directory = files.realPath(candidate);
      if (!directory.ok || editors.has(directory.value)) continue;
      if (!installation.ok) {
        problems.push(installation.problem);
        continue;
      }
      editors.set(
        directory.value,
        describe(at(directory.value, installation.value), machine, files),
      );
    }
    return {
      status: problems.length === 0 ? 'ok' : 'partial',
      problems: uniqueByPath(problems),
      data: { editors: outermost([...editors.values()]) },
    };
  },
};

/** An installation may hold another product.json deeper inside, which is the same editor. */
function outermost(editors: readonly Editor[]): Editor[] {
  return editors
    .filter(
      ({ directory }) => !editors.some((other) => directory.startsWith(`${other.directory}/`)),
    )
    .sort((a, b) => (a.directory < b.directory ? -1 : 1));
}

function at(directory: string, installation: Installation): Installation {
  const below = installation.productFile.slice(installation.directory.length);
  return { ...installation, directory, productFile: `${directory}${below}` };
}

function describe(installation: Installation, machine: Machine, files: Files): Editor {
  const { directory, product, layout, version, codeVersion } = installation;
  return {
    id: shortHash(directory),
    name: displayName(installation),
    version,
    ...(codeVersion === version ? {} : { codeVersion }),
    commit: product.commit ?? null,
    flavour: flavourOf(layout, product),
    packaging: packagingOf(installation, files),
    directory,
    productFile: installation.productFile,
    executable: executableOf(installation, machine, files),
    settingsFiles: [...settingsFilesOf(installation, machine, files)],
    userOwned: files.writable(directory),
  };
}

function flavourOf(
  layout: Installation['layout'],
  product: Installation['product'],
): Editor['flavour'] {
  if (layout === 'code-server') return 'code-server';
  if (layout === 'server') return 'vscode-server';
  if (/^codium/.test(product.applicationName)) return 'vscodium';
  return /^Visual Studio Code\b/.test(product.nameLong) ? 'vscode' : 'other';
}

/** The ELF program behind the launchers; scripts in its place do not count. */
function executableOf(installation: Installation, machine: Machine, files: Files): string | null {
  const { directory, product, layout } = installation;
  if (layout === 'server') return firstElf([join(directory, 'node')], files);
  if (layout === 'code-server') {
    const beside = join(dirname(dirname(dirname(directory))), 'bin/node');
    const node = onPath('node', machine, files);
    const global = node.ok ? [beside, node.value] : [beside];
    return firstElf([join(directory, 'lib/node'), join(directory, 'node'), ...global], files);
  }
  const names = [product.applicationName, product.nameShort, product.nameShort.toLowerCase()];
  return firstElf(
    names.map((name) => join(directory, name)),
    files,
  );
}

function firstElf(paths: readonly string[], files: Files): string | null {
  return paths.find((path) => files.startsWith(path, ELF_MAGIC)) ?? null;
}

const ELF_MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

function uniqueByPath(problems: readonly ProbeProblem[]): ProbeProblem[] {
  return [...new Map(problems.map((problem) => [problem.path, problem])).values()];
}
