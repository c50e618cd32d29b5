import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { DevmendError } from '../../../shared/error.ts';
import {
  changePreviewSchema,
  planSchema,
  type ChangePreview,
  type Plan,
} from '../../../shared/plan.ts';
import type { Machine } from '../machine.ts';
import { syncDirectory } from './durable.ts';
import { JOURNAL_FORMAT } from './entries.ts';
import { guarded, isAbsent } from '../faults.ts';
import { parseJournal } from './journal-file.ts';
import { advance, emptyModel, type TransactionModel } from './model.ts';
import { closeToOthers, requireOwnStore } from './own-store.ts';

/** `20261123T164800.123Z`: sorts by time as text. */
const ID = /^\d{8}T\d{6}\.\d{3}Z$/;
/** A transaction that is still being prepared; nothing has been changed for it. */
export const PREPARING = '.new-';

/**
 * What journal.jsonl is renamed to when retention removes a transaction: the one
 * step that decides, and a rename inside a small directory needs no room on the disk.
 */
export const FORGOTTEN = 'forgotten';

/** A transaction as it lies on disk. */
export interface StoredTransaction {
  readonly id: string;
  readonly directory: string;
  readonly model: TransactionModel;
  /** Written by a newer Devmend: cannot be understood, must not be touched. */
  readonly fromTheFuture: boolean;
  /** Lines in the middle of its journal do not carry their checksum. */
  readonly damaged: boolean;
  /** Retention has begun to remove it: it counts as gone. */
  readonly forgotten: boolean;
}

/** `<state>/journal`: one directory a transaction. */
export function journalRoot(machine: Machine): string {
  return join(machine.directories.state, 'journal');
}

/** Makes the store, 0700 whatever the umask, durable up to its first new parent. */
export async function ensureStore(machine: Machine): Promise<string> {
  const root = journalRoot(machine);
  return guarded(root, async () => {
    await requireOwnStore(machine);
    await makeParents(root);
    for (const path of [machine.directories.state, root]) await closeToOthers(path);
    return root;
  });
}

async function makeParents(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT') throw error;
    await makeParents(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
  await syncDirectory(dirname(path));
}

/** Ids of all transactions, oldest first. */
export async function listIds(machine: Machine): Promise<readonly string[]> {
  return (await namesIn(journalRoot(machine))).filter((name) => ID.test(name)).sort();
}

/** Directories of preparations that a crash interrupted: litter, nothing else. */
export async function listPreparing(machine: Machine): Promise<readonly string[]> {
  const names = await namesIn(journalRoot(machine));
  return names.filter((name) => name.startsWith(PREPARING)).sort();
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return guarded(directory, async () => {
    try {
      return await readdir(directory);
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  });
}

/** Reads one transaction. Throws `not-found` for an id that is none. */
export async function readTransaction(machine: Machine, id: string): Promise<StoredTransaction> {
  const directory = join(journalRoot(machine), id);
  if (!ID.test(id)) throw new DevmendError('not-found', { path: id });
  return guarded(directory, async () => {
    const model = emptyModel();
    const text = await readJournalFile(join(directory, 'journal.jsonl')).catch((error: unknown) => {
      if (isAbsent(error)) return null;
      throw error;
    });
    if (text === null) {
      const names = await readdir(directory).catch(() => null);
      if (names === null) throw new DevmendError('not-found', { path: id });
      const forgotten = names.includes(FORGOTTEN) || names.length === 0;
      return { id, directory, model, fromTheFuture: false, damaged: !forgotten, forgotten };
    }
    const fromTheFuture = formatOf(text) > JOURNAL_FORMAT;
    const journal = parseJournal(text);
    for (const { at, entry } of journal.lines) advance(model, at, entry);
    const damaged = !fromTheFuture && (journal.damaged || model.begin === null);
    return { id, directory, model, fromTheFuture, damaged, forgotten: false };
  });
}

/** A line is some 500 bytes, and even a tree of many thousand files is one record. */
const LARGEST_JOURNAL = 256 * 1024 * 1024;

async function readJournalFile(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > LARGEST_JOURNAL) throw new DevmendError('journal-damaged', { path });
  return readFile(path);
}

const formatSchema = z.looseObject({ format: z.number() });

/** Read loosely, from the first line alone: a newer format may change all the rest. */
function formatOf(text: Buffer): number {
  const end = text.indexOf(10);
  try {
    return formatSchema.parse(JSON.parse(text.toString('utf8', 0, end < 0 ? undefined : end)))
      .format;
  } catch {
    return JOURNAL_FORMAT;
  }
}

/**
 * Reads these transactions, in the order asked for. One that has just gone is left out; one
 * that cannot be read is damaged, and the others are not affected.
 */
export async function readMany(
  machine: Machine,
  ids: readonly string[],
): Promise<readonly StoredTransaction[]> {
  const read: StoredTransaction[] = [];
  for (let start = 0; start < ids.length; start += BATCH) {
    const batch = ids.slice(start, start + BATCH).map((id) => readTransaction(machine, id));
    for (const [index, outcome] of (await Promise.allSettled(batch)).entries()) {
      const id = ids[start + index] ?? '';
      if (outcome.status === 'fulfilled') read.push(outcome.value);
      else if (!isNotFound(outcome.reason)) read.push(unreadable(machine, id));
    }
  }
  return read;
}

function unreadable(machine: Machine, id: string): StoredTransaction {
  const directory = join(journalRoot(machine), id);
  const model = emptyModel();
  return { id, directory, model, fromTheFuture: false, damaged: true, forgotten: false };
}

/** Open files at a time. */
export const BATCH = 64;

function isNotFound(error: unknown): boolean {
  return error instanceof DevmendError && error.data.code === 'not-found';
}

/** The plan a transaction was made from. Throws `journal-damaged` when it cannot be read. */
export async function readPlan(stored: StoredTransaction): Promise<Plan> {
  const path = join(stored.directory, 'plan.json');
  return guarded(path, async () => {
    const parsed = planSchema.safeParse(parseJson(await readFile(path, 'utf8')));
    if (!parsed.success) throw new DevmendError('journal-damaged', { path });
    return parsed.data;
  });
}

const previewsSchema = z.array(changePreviewSchema);

/** What the person was shown before it was applied: the diffs of the history. */
export async function readPreviews(stored: StoredTransaction): Promise<readonly ChangePreview[]> {
  const path = join(stored.directory, 'previews.json');
  return guarded(path, async () => {
    const parsed = previewsSchema.safeParse(parseJson(await readFile(path, 'utf8')));
    if (!parsed.success) throw new DevmendError('journal-damaged', { path });
    return parsed.data;
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The next id: the time, or just after the newest there is if the clock went back. */
export function nextId(ids: readonly string[], now: Date): string {
  const newest = ids[ids.length - 1];
  const after = newest === undefined ? 0 : timeOfId(newest).getTime() + 1;
  return idOf(new Date(Math.max(now.getTime(), after)));
}

function idOf(time: Date): string {
  return time.toISOString().replaceAll('-', '').replaceAll(':', '');
}

/** When a transaction began, by its id. */
export function timeOfId(id: string): Date {
  const [, year, month, day, hour, minute, rest] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(.+)$/.exec(id) ?? [];
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${rest}`);
}
