import { mkdir, rename } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import type { ChangePreview, Plan } from '../../../shared/plan.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { captureState } from './capture.ts';
import { createDurably, syncPath, unlinkIfThere } from './durable.ts';
import { readEffects } from './effects.ts';
import { FORMAT_WITHOUT_EFFECTS, JOURNAL_FORMAT, type BeginEntry, type Entry } from './entries.ts';
import { guarded } from '../faults.ts';
import { deviceOf, freeBytes, imageMethod, sameFileSystem, saveImage } from './images.ts';
import { openJournal, readJournal, type JournalWriter } from './journal-file.ts';
import { stillHeld } from './lock.ts';
import { advance, emptyModel, type PathRecord, type TransactionModel } from './model.ts';
import type { PathState } from './path-state.ts';
import { removeTree } from './remove-tree.ts';
import { PREPARING, journalRoot, listIds, nextId } from './store.ts';
import { allocatedBytes } from './used-bytes.ts';

/** Kept free for the roll-back's own notes, so that a full disk cannot stop it. */
const RESERVE_BYTES = 64 * 1024;
/** Room that is left over for journal lines when free space is checked. */
const MARGIN_BYTES = 1024 * 1024;

/** A transaction whose before-images and intent are durable, open for its entries. */
export interface OpenTransaction {
  readonly id: string;
  readonly machine: Machine;
  readonly directory: string;
  readonly model: TransactionModel;
  /** Durable when it returns; the model has taken the entries in. */
  readonly append: (...entries: readonly Entry[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Which paths a transaction will touch, and through which changes. */
export interface TouchedPath {
  readonly path: string;
  readonly changes: readonly string[];
}

export interface Preparation {
  readonly plan: Plan;
  readonly previews: readonly ChangePreview[];
  readonly begin: Omit<BeginEntry, 'type' | 'format' | 'imageBytes'>;
  readonly touched: readonly TouchedPath[];
  readonly effects: Parameters<typeof readEffects>[0];
  /** Bytes that the changes will need, by a path on the file system they need them on. */
  readonly needs: readonly { readonly path: string; readonly bytes: number }[];
}

/**
 * Saves plan, before-images and intent, all of it durable, in a directory that
 * gets its name last: a transaction either exists with everything or not at all.
 * Throws DevmendError with nothing left behind.
 */
export async function prepareTransaction(
  machine: Machine,
  preparation: Preparation,
  job: JobContext,
): Promise<OpenTransaction> {
  const root = journalRoot(machine);
  const id = nextId(await listIds(machine), machine.clock());
  const building = join(root, `${PREPARING}${id}`);
  return guarded(building, async () => {
    await mkdir(join(building, 'images'), { recursive: true, mode: 0o700 });
    try {
      await writePreparation(machine, id, building, preparation, job);
      await rename(building, join(root, id));
    } catch (error) {
      await removeTree(building);
      throw error;
    }
    await syncPath(root);
    return openTransaction(machine, id);
  });
}

async function writePreparation(
  machine: Machine,
  id: string,
  building: string,
  preparation: Preparation,
  job: JobContext,
): Promise<void> {
  const states: PathState[] = [];
  for (const { path } of preparation.touched) {
    const state = await captureState(path, job.signal);
    if (state.type === 'other') throw new DevmendError('target-changed', { path });
    states.push(state);
  }
  await requireSpace(machine, preparation, states);
  const effects = await readEffects(preparation.effects);
  const befores: Entry[] = [];
  let imageBytes = 0;
  for (const [record, { path, changes }] of preparation.touched.entries()) {
    const state = states[record] ?? { type: 'absent' };
    const method = await imageMethod(path, state, building);
    const image = join(building, 'images', String(record));
    if (method === 'copy') await saveImage(path, state, image, job.signal);
    imageBytes += sizeOf(state);
    const file = `${id}/images/${record}`;
    const reference = method === null ? null : { file, method };
    befores.push({ type: 'before', record, path, changes: [...changes], state, image: reference });
  }
  await createDurably(join(building, 'reserve'), Buffer.alloc(RESERVE_BYTES, '.'));
  await createDurably(join(building, 'plan.json'), asJson(preparation.plan));
  await createDurably(join(building, 'previews.json'), asJson(preparation.previews));
  const journal = await openJournal(join(building, 'journal.jsonl'));
  const format = effects.length === 0 ? FORMAT_WITHOUT_EFFECTS : JOURNAL_FORMAT;
  const begin: Entry = { type: 'begin', format, ...preparation.begin, imageBytes };
  await journal.append(machine.clock().toISOString(), begin, ...befores, ...effects);
  await journal.close();
  await syncPath(join(building, 'images'));
  await syncPath(building);
}

function asJson(value: Plan | readonly ChangePreview[]): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
}

function sizeOf(state: PathState): number {
  if (state.type === 'file') return state.size;
  return state.type === 'tree' ? state.bytes : 0;
}

/**
 * What is written in place is kept as it was, and as it is going to be. A tree on another
 * file system is copied; on the same one it is moved, which takes no room.
 */
async function roomInStore(path: string, state: PathState, store: string): Promise<number> {
  if (state.type === 'tree') return (await sameFileSystem(path, store)) ? 0 : allocatedBytes(path);
  if (state.type !== 'file') return 0;
  const size = Math.min(state.size, await allocatedBytes(path));
  return state.nlink > 1 ? state.size + size : size;
}

/** A full disk is found before the first change, for every file system that is written to. */
async function requireSpace(
  machine: Machine,
  preparation: Preparation,
  states: readonly PathState[],
): Promise<void> {
  const store = journalRoot(machine);
  let images = RESERVE_BYTES + MARGIN_BYTES;
  for (const [index, { path }] of preparation.touched.entries())
    images += await roomInStore(path, states[index] ?? { type: 'absent' }, store);
  const wanted = new Map<bigint, { path: string; bytes: number }>();
  for (const need of [{ path: store, bytes: images }, ...preparation.needs]) {
    const device = await deviceOf(need.path);
    const sum = wanted.get(device)?.bytes ?? 0;
    wanted.set(device, { path: need.path, bytes: sum + need.bytes });
  }
  for (const { path, bytes } of wanted.values())
    if ((await freeBytes(path)) < bytes) throw new DevmendError('disk-full', { path });
}

/** Opens a transaction that is there already, to go on with it or to recover it. */
export async function openTransaction(machine: Machine, id: string): Promise<OpenTransaction> {
  const directory = join(journalRoot(machine), id);
  const path = join(directory, 'journal.jsonl');
  const model = emptyModel();
  for (const { at, entry } of (await readJournal(path)).lines) advance(model, at, entry);
  const journal: JournalWriter = await openJournal(path);
  const requireHeld = stillHeld(machine.directories.state, path);
  return {
    id,
    machine,
    directory,
    model,
    append: async (...entries) => {
      const at = machine.clock().toISOString();
      await requireHeld();
      await guarded(path, async () => journal.append(at, ...entries));
      for (const entry of entries) advance(model, at, entry);
    },
    close: async () => journal.close(),
  };
}

/** Gives the reserve back to the file system: from here on only little is written. */
export async function releaseReserve(transaction: OpenTransaction): Promise<void> {
  await unlinkIfThere(join(transaction.directory, 'reserve'));
}

/** Absolute path of a record's before-image. */
export function imagePath(transaction: OpenTransaction, record: PathRecord): string | null {
  return record.image === null ? null : join(journalRoot(transaction.machine), record.image.file);
}

/** The record of a path. Throws for a path that the kind did not declare. */
export function recordOf(transaction: OpenTransaction, path: string): PathRecord {
  const record = transaction.model.records.find((candidate) => candidate.path === path);
  if (record === undefined)
    throw new DevmendError('internal', {
      detail: `undeclared path ${relative('/', path)}`,
    });
  return record;
}
