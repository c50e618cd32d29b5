import { createHash } from 'node:crypto';
import { constants, lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { bindChange } from '../../electron/engine/changes/registry.ts';
import { captureState } from '../../electron/engine/journal/capture.ts';
import { differences, type PathState } from '../../electron/engine/journal/path-state.ts';
import type { Plan } from '../../shared/plan.ts';
import { timeless } from '../integration/journal/workbench.ts';

/** A home, to be compared: the paths of the repair to the last fact, and every other name there. */
export interface Picture {
  readonly states: ReadonlyMap<string, PathState>;
  readonly entries: ReadonlyMap<string, string>;
}

/** Takes a picture of a home. What can be fetched again (.cache) is not part of it. */
export async function pictureOf(home: string, plan: Plan): Promise<Picture> {
  const paths = [...new Set(plan.changes.flatMap((change) => bindChange(change).touches))];
  const states = new Map<string, PathState>();
  for (const path of paths) states.set(path, timeless(await captureState(path)));
  return { states, entries: new Map(entriesBelow(home, '')) };
}

function entriesBelow(directory: string, below: string): (readonly [string, string])[] {
  return readdirSync(directory, { encoding: 'latin1' }).flatMap((name) => {
    const path = Buffer.from(join(directory, name), 'latin1');
    const shown = `${below}${name}`;
    if (shown === '.cache') return [];
    const facts = lstatSync(path);
    const own = `${(facts.mode & 0o177777).toString(8)} ${facts.uid}:${facts.gid} ${facts.nlink}`;
    if (facts.isDirectory()) {
      const mode = `${(facts.mode & 0o7777).toString(8)} ${facts.uid}:${facts.gid}`;
      const inside = entriesBelow(path.toString('latin1'), `${shown}/`);
      return [[shown, `directory ${mode}`] as const, ...inside];
    }
    if (facts.isSymbolicLink()) return [[shown, `link ${readlinkSync(path)}`] as const];
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
    return [[shown, `file ${own} ${digest}`] as const];
  });
}

/**
 * What nobody can change of a file without the kernel writing down when: its content, mode,
 * owner, links and attributes. Of a directory only the names, as a lock comes and goes in it.
 */
export function marksBelow(directory: string): readonly string[] {
  return readdirSync(directory, { encoding: 'latin1' }).flatMap((name) => {
    const path = Buffer.from(join(directory, name), 'latin1');
    const { ctimeNs, ino, mode, uid, gid } = lstatSync(path, { bigint: true });
    const own = `${path.toString('latin1')} ${ino} ${mode} ${uid}:${gid}`;
    if ((Number(mode) & constants.S_IFMT) !== constants.S_IFDIR) return [`${own} ${ctimeNs}`];
    return [own, ...marksBelow(path.toString('latin1'))];
  });
}

/** In what a home is not what it should be, in words; times count only where `exact`. */
export function notAs(now: Picture, wanted: Picture, exact: boolean): readonly string[] {
  const wrong: string[] = [];
  for (const [path, state] of wanted.states) {
    const present = now.states.get(path) ?? { type: 'absent' };
    const found = differences(present, state).filter((each) => exact || each !== 'times');
    if (found.length > 0) wrong.push(`${path}: ${found.join(', ')}`);
  }
  for (const [name, facts] of wanted.entries)
    if (now.entries.get(name) !== facts)
      wrong.push(`${name}: ${now.entries.get(name) ?? 'missing'} instead of ${facts}`);
  for (const name of now.entries.keys())
    if (!wanted.entries.has(name)) wrong.push(`litter: ${name}`);
  return wrong;
}

const TRANSACTION = /^\d{8}T\d{6}\.\d{3}Z$/;
/** What the store may hold beside the transactions. */
const KEPT = ['journal', 'pins.json', 'programs.json'];
const INSIDE = ['images', 'journal.jsonl', 'plan.json', 'previews.json'];

/** What does not belong in the store after everything is settled, or is open to others. */
export function storeLitter(state: string): readonly string[] {
  const wrong: string[] = [];
  const mode = (path: string, wanted: number): void => {
    const found = lstatSync(path).mode & 0o7777;
    if (found !== wanted) wrong.push(`${path} has mode ${found.toString(8)}`);
  };
  const names = (path: string): readonly string[] => {
    mode(path, 0o700);
    return readdirSync(path);
  };
  for (const name of names(state)) {
    if (!KEPT.includes(name)) wrong.push(`litter: ${name}`);
    else if (name !== 'journal') mode(join(state, name), 0o600);
  }
  for (const id of names(join(state, 'journal'))) {
    const transaction = join(state, 'journal', id);
    if (!TRANSACTION.test(id)) {
      wrong.push(`litter: journal/${id}`);
      continue;
    }
    for (const name of names(transaction))
      if (!INSIDE.includes(name)) wrong.push(`litter: ${id}/${name}`);
      else if (name !== 'images') mode(join(transaction, name), 0o600);
    for (const name of names(join(transaction, 'images'))) {
      const image = join(transaction, 'images', name);
      if (!/^\d+(\.written-\d+)?$/.test(name)) wrong.push(`litter: ${id}/images/${name}`);
      else if (lstatSync(image).isFile()) mode(image, 0o600);
    }
  }
  return wrong;
}
