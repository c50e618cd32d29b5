import * as fs from 'node:fs';
import { readElf } from '../elf/read.ts';
import { fileSource } from '../elf/source.ts';
import type { ElfFile } from '../elf/types.ts';
import { openFiles } from '../probes/files.ts';
import type { Layout } from '../probes/editor-product.ts';
import { parseMaps, withoutRemark } from './maps.ts';
import { openFile } from './mapped-file.ts';
import type { Mount } from './mounts.ts';
import { valueOf, type ProcessFiles } from './proc-files.ts';
import {
  editorLayout,
  isExtensionHost,
  isTerminalShell,
  roleByName,
  roleInEditor,
  type Role,
} from './roles.ts';
import { isOverwritten, parseEnvironment, type ProcessEntry } from './status.ts';
import type { World } from './worlds.ts';

/** A process with what tells its role; the costly facts are read later, of the relevant ones. */
export interface Subject {
  readonly entry: ProcessEntry;
  /** Its links and maps may be read by whoever runs Devmend. */
  readonly permitted: boolean;
  readonly executable: { readonly path: string; readonly deleted: boolean } | null;
  /** The program itself; null when it cannot be read. */
  readonly program: ElfFile | null;
  readonly environment: ReadonlyMap<string, string>;
  /** It wrote over its variables, so that nobody can tell what it was started with. */
  readonly overwritten: boolean;
  readonly world: World;
  /** What tells its role lies on this mount, which does not answer: the role may be another. */
  readonly silent: Mount | null;
  readonly layout: Layout | null;
  readonly role: Role;
}

const ENVIRONMENT_LIMIT = 4 * 1024 * 1024;

/** Tells what processes are; what one program file says serves all that run it. */
export class Surveyor {
  private readonly worldOf: (files: ProcessFiles) => World;
  private readonly ownPid: number;
  private readonly programs = new Map<string, ElfFile | null>();
  private readonly layouts = new Map<World, Map<string, Layout | null>>();

  constructor(worldOf: (files: ProcessFiles) => World, ownPid: number) {
    this.worldOf = worldOf;
    this.ownPid = ownPid;
  }

  survey(entry: ProcessEntry): Subject {
    const { files } = entry;
    const link = files.link('exe');
    const permitted = link.state !== 'not-permitted' && files.link('root').state === 'read';
    const world = this.worldOf(files);
    let silent = link.state === 'read' ? world.silent(link.value) : null;
    const isThere = silent === null;
    const executable = link.state === 'read' ? executableOf(link.value, entry, isThere) : null;
    const program =
      executable === null || !isThere ? null : this.programOf(`${files.directory}/exe`);
    const bytes = valueOf(files.bytes('environ', ENVIRONMENT_LIMIT));
    const overwritten = bytes !== null && isOverwritten(bytes);
    const environment = parseEnvironment(
      overwritten ? Buffer.alloc(0) : (bytes ?? Buffer.alloc(0)),
    );
    const facts = {
      name: entry.name,
      executable: executable === null ? null : world.inside(executable.path),
      args: entry.args,
      environment,
      isGo: program?.notes.go === true,
      modules: () => nativeModules(files),
    };
    const seen = openFiles(`${files.directory}/root`, (inner) => {
      const mount = world.silentInside(inner);
      silent ??= mount;
      return mount !== null;
    });
    const layout = permitted ? editorLayout(facts, seen, this.layoutsOf(world)) : null;
    return {
      entry,
      permitted,
      executable: executable === null ? null : { ...executable, path: facts.executable ?? '' },
      program,
      environment,
      overwritten,
      world,
      silent,
      layout,
      role: this.roleOf(entry, facts, layout),
    };
  }

  private roleOf(
    entry: ProcessEntry,
    facts: Parameters<typeof roleByName>[0],
    layout: Layout | null,
  ): Role {
    if (entry.pid === this.ownPid) return 'devmend';
    return layout === null ? roleByName(facts) : roleInEditor(facts, layout);
  }

  private layoutsOf(world: World): Map<string, Layout | null> {
    const known = this.layouts.get(world) ?? new Map<string, Layout | null>();
    this.layouts.set(world, known);
    return known;
  }

  private programOf(path: string): ElfFile | null {
    const opened = openFile(path);
    if (opened.state !== 'read') return null;
    try {
      const { dev, ino, size, mtimeNs } = fs.fstatSync(opened.value, { bigint: true });
      const key = `${dev}:${ino}:${size}:${mtimeNs}`;
      const known = this.programs.get(key);
      if (known !== undefined) return known;
      const elf = readElf(fileSource(opened.value, Number(size)));
      const program = elf.ok ? elf.value : null;
      this.programs.set(key, program);
      return program;
    } finally {
      fs.closeSync(opened.value);
    }
  }
}

const MAPS_LIMIT = 32 * 1024 * 1024;

function nativeModules(files: ProcessFiles): readonly string[] {
  const maps = valueOf(files.bytes('maps', MAPS_LIMIT))?.toString('utf8') ?? '';
  return parseMaps(maps)
    .map(({ written }) => withoutRemark(written) ?? written)
    .filter((path) => path.endsWith('.node'));
}

/** A program whose name really ends in " (deleted)" is still there under it. */
function executableOf(
  link: string,
  { files }: ProcessEntry,
  isThere: boolean,
): Subject['executable'] {
  const gone = withoutRemark(link);
  if (gone === null) return { path: link, deleted: false };
  if (!isThere) return { path: gone, deleted: true };
  const running = valueOf(files.stat('exe'));
  const named = valueOf(files.stat(`root/${link}`));
  const isName = running !== null && running.dev === named?.dev && running.ino === named.ino;
  return isName ? { path: link, deleted: false } : { path: gone, deleted: true };
}

/**
 * Roles that follow from the parent's or the children's: shells of the integrated terminal, and
 * the extension host by what it has started.
 */
export function withParents(subjects: readonly Subject[]): readonly Subject[] {
  const byPid = new Map(subjects.map((subject) => [subject.entry.pid, subject]));
  const children = new Map<number, Role[]>();
  for (const { entry, role } of subjects)
    children.set(entry.parent, [...(children.get(entry.parent) ?? []), role]);
  return subjects.map((subject): Subject => {
    const { entry, executable, role, layout } = subject;
    const started = children.get(entry.pid) ?? [];
    if (isExtensionHost({ role, layout, args: entry.args }, started))
      return { ...subject, role: 'extension-host' };
    const parent = byPid.get(entry.parent)?.role ?? null;
    const facts = { name: entry.name, executable: executable?.path ?? null };
    return role === 'other' && isTerminalShell(facts, parent)
      ? { ...subject, role: 'terminal' }
      : subject;
  });
}

/** An editor's own process: what it starts belongs to it. */
export function isEditorMain({ role }: Subject): boolean {
  return role === 'editor' || role === 'server';
}

/**
 * The pid of the editor's first process that each process descends from (the
 * topmost one: a server starts helpers that run the same program).
 */
export function editorsOf(subjects: readonly Subject[]): ReadonlyMap<number, number> {
  const byPid = new Map(subjects.map((subject) => [subject.entry.pid, subject]));
  const editors = new Map<number, number>();
  for (const { entry } of subjects) {
    const seen = new Set<number>();
    let at: Subject | undefined = byPid.get(entry.pid);
    while (at !== undefined && !seen.has(at.entry.pid)) {
      seen.add(at.entry.pid);
      if (isEditorMain(at)) editors.set(entry.pid, at.entry.pid);
      at = byPid.get(at.entry.parent);
    }
  }
  return editors;
}
