import { mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Machine } from '../machine.ts';
import { isAbsent } from '../faults.ts';
import { readFileInRoot } from '../rootfs.ts';
import { syncDirectory, writeFully } from './durable.ts';
import { beginSchema } from './entries.ts';
import { journalRoot } from './store.ts';

/** Ten thousand repairs make some 20 MB. */
const LARGEST = 256 * 1024 * 1024;
const HEAD = 'devmend.history-index/3';

/** What the history shows of a transaction that has ended, and what its paths are. */
export const indexedSchema = z.strictObject({
  begin: beginSchema,
  at: z.string(),
  status: z.enum(['applied', 'verified']).nullable(),
  durationMs: z.number().nullable(),
  /** Paths it recorded. */
  paths: z.array(z.string()),
  /** Paths that what it made cannot work without. */
  needs: z.array(z.string()),
});
export type Indexed = z.infer<typeof indexedSchema>;

/**
 * One line of the index: what every listing needs, and the rest as text until it is asked
 * for. Lists are JSON: those of many lines are the same, and are then taken apart once.
 */
export interface IndexLine {
  readonly id: string;
  readonly operation: 'apply' | 'undo' | 'redo';
  readonly undoes: string | null;
  readonly phase: 'committed' | 'rolled-back';
  readonly status: 'applied' | 'verified' | null;
  /** When it began, by the clock of then (ISO); its id may be later where clocks went back. */
  readonly at: string;
  /** Programs it repaired. */
  readonly subjects: string;
  /** Kinds of its changes. */
  readonly kinds: string;
  /** Paths it recorded, and paths that what it made cannot work without. */
  readonly reach: string;
  readonly text: string;
}

/**
 * `<cache>/history-index`: what the ended transactions say, in one file, because
 * ten thousand files take seconds to read. It can always be made again: an ended
 * transaction never changes, and whatever is about to be changed is read from the
 * journal itself.
 */
function indexFile(machine: Machine): string {
  return join(machine.directories.cache, 'history-index');
}

type Lines = ReadonlyMap<string, IndexLine>;

/** The index that was read last: one question after the other is asked of the same one. */
let lastRead: { readonly of: string; readonly lines: Lines } | null = null;

/** Lines of the index by id; empty when there is none, or it is another store's or torn. */
export async function readIndex(machine: Machine): Promise<Lines> {
  // Asked before it is read: one that takes its place in between is read again.
  const of = await identityOf(machine);
  if (of === null) return new Map();
  if (lastRead?.of === of) return lastRead.lines;
  const lines = linesIn(machine);
  lastRead = { of, lines };
  return lines;
}

/** What tells one index file from another; null where there is none. */
async function identityOf(machine: Machine): Promise<string | null> {
  const path = indexFile(machine);
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return JSON.stringify([
      journalRoot(machine),
      path,
      ...[dev, ino, size, mtimeNs, ctimeNs].map(String),
    ]);
  } catch {
    return null;
  }
}

function linesIn(machine: Machine): Lines {
  const bytes = readFileInRoot('/', indexFile(machine), LARGEST);
  if (!bytes.ok) return new Map();
  const rows = bytes.value.toString('utf8').split('\n');
  const count = rows.length - 2;
  if (rows[0] !== headOf(machine, count) || rows[rows.length - 1] !== '') return new Map();
  const lines = new Map<string, IndexLine>();
  for (let row = 1; row <= count; row += 1) {
    const line = lineOf(rows[row] ?? '');
    if (line !== null) lines.set(line.id, line);
  }
  return lines;
}

/** The rest of a line; null when it is not what this Devmend writes. */
export function contentOf(line: IndexLine): Indexed | null {
  try {
    const parsed = indexedSchema.safeParse(JSON.parse(line.text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The entries of a line's list; none when it is not what this Devmend writes. */
export function listOf(text: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

/** A line for the index. */
export function indexLine(id: string, phase: IndexLine['phase'], content: Indexed): IndexLine {
  const { begin, status, paths, needs } = content;
  const { operation, undoes } = begin;
  return {
    id,
    operation,
    undoes,
    phase,
    status,
    at: content.at,
    subjects: JSON.stringify(begin.subjects),
    kinds: JSON.stringify([...new Set(begin.changes.map(({ kind }) => kind))].sort()),
    reach: JSON.stringify([...paths, ...needs]),
    text: JSON.stringify(content),
  };
}

/**
 * Writes the index anew, all or nothing. It is a convenience: where the cache
 * cannot be written, the next listing takes longer, and that is all.
 */
export async function writeIndex(machine: Machine, lines: readonly IndexLine[]): Promise<void> {
  const rows = lines.map((line) =>
    [
      ...[line.id, line.operation, line.undoes ?? '-', line.phase, line.status ?? '-', line.at],
      ...[line.subjects, line.kinds, line.reach, line.text],
    ].join('\t'),
  );
  await replaceCache(machine, indexFile(machine), [headOf(machine, rows.length), ...rows, '']);
}

/**
 * Takes the index away before what it says stops being true. Durably: a power cut must
 * not bring back lines of what is gone. Needs no room on the disk.
 */
export async function dropIndex(machine: Machine): Promise<void> {
  lastRead = null;
  try {
    await unlink(indexFile(machine));
    await syncDirectory(machine.directories.cache);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** Writes a file of the cache anew, all or nothing; that it cannot is no failure. */
export async function replaceCache(
  machine: Machine,
  path: string,
  rows: readonly string[],
): Promise<void> {
  const staged = `${path}.${process.pid}`;
  lastRead = null;
  try {
    await mkdir(machine.directories.cache, { recursive: true, mode: 0o700 });
    const handle = await open(staged, 'wx', 0o600);
    try {
      await writeFully(handle, Buffer.from(rows.join('\n')));
      // Not by its name, which could be a link by now.
      await handle.chmod(0o600);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(staged, path);
  } catch {
    await unlink(staged).catch(() => undefined);
  }
}

function headOf(machine: Machine, count: number): string {
  return `${HEAD}\t${count}\t${JSON.stringify(journalRoot(machine))}`;
}

function lineOf(row: string): IndexLine | null {
  // JSON writes a tab as \t: none of these can hold one.
  const [id, operation, undoes, phase, status, at, ...lists] = row.split('\t', 10);
  const [subjects, kinds, reach, text] = lists;
  if (id === undefined || undoes === undefined || at === undefined || subjects === undefined)
    return null;
  if (kinds === undefined || reach === undefined || text === undefined) return null;
  if (operation !== 'apply' && operation !== 'undo' && operation !== 'redo') return null;
  if (phase !== 'committed' && phase !== 'rolled-back') return null;
  if (status !== 'applied' && status !== 'verified' && status !== '-') return null;
  return {
    ...{ id, operation, phase, at, subjects, kinds, reach, text },
    undoes: undoes === '-' ? null : undoes,
    status: status === '-' ? null : status,
  };
}
