import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A path as it was seen from outside Devmend: with and without the times that tell no difference. */
export interface Facts {
  readonly meaning: string;
  readonly exact: string;
}

const ABSENT = 'absent';

/** Reads a path and all below it, with nothing of Devmend's own. */
export function factsOf(path: string): Facts {
  const seen = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (seen === undefined) return { meaning: ABSENT, exact: ABSENT };
  const common = `${String(seen.mode)} ${String(seen.uid)}:${String(seen.gid)}`;
  const time = ` at ${String(seen.mtimeNs)}`;
  if (seen.isSymbolicLink()) return timed(`${common} -> ${readlinkSync(path)}`, time);
  if (seen.isFile()) {
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
    return timed(`${common} ${digest}`, time);
  }
  const inside = readdirSync(path).map((name) => [name, factsOf(join(path, name))] as const);
  return {
    meaning: `${common} {${inside.map(([name, { meaning }]) => `${name} ${meaning}`).join('\n')}}`,
    exact: `${common}${time} {${inside.map(([name, { exact }]) => `${name} ${exact}`).join('\n')}}`,
  };
}

function timed(meaning: string, time: string): Facts {
  return { meaning, exact: meaning + time };
}

/** One committed transaction of a chain: what it found, and what it left. */
interface Link {
  readonly sequence: number;
  readonly before: ReadonlyMap<string, Facts>;
  readonly after: ReadonlyMap<string, Facts>;
}

/** A repair and all that was done to it since. */
export interface Repair {
  readonly id: string;
  readonly links: Link[];
}

export type OnConflict = 'stop' | 'keep' | 'restore';

/** What has to come of an undo or redo. */
export type Expected =
  | { readonly refused: string; readonly names: string | null }
  | {
      readonly refused: null;
      readonly restored: ReadonlyMap<string, Facts>;
      readonly kept: string[];
    };

/**
 * The rules of the history in a few lines: which repairs are in effect, what each has
 * found and left, and so what undo may do. It knows nothing of how Devmend does it.
 */
export class HistoryModel {
  readonly repairs: Repair[] = [];
  /** The transaction that a crash left without its end. */
  pending: { readonly repair: Repair; readonly link: Link } | null = null;
  /** Whether the newest transaction of all is one that was committed. */
  committedLast = false;
  /** Files whose times somebody has changed: a tree that is moved takes them along. */
  readonly touched = new Set<string>();
  private sequence = 0;

  applied(repair: Repair): boolean {
    return repair.links.length % 2 === 1;
  }

  record(
    repair: Repair,
    before: ReadonlyMap<string, Facts>,
    after: ReadonlyMap<string, Facts>,
  ): void {
    this.sequence += 1;
    this.committedLast = true;
    repair.links.push({ sequence: this.sequence, before, after });
    if (!this.repairs.includes(repair)) this.repairs.push(repair);
  }

  /** Repairs in effect that touched the same paths since, newest first: they go back first. */
  later(repair: Repair): readonly Repair[] {
    const own = last(repair);
    return this.repairs
      .filter((other) => other !== repair && this.applied(other))
      .filter((other) => last(other).sequence > own.sequence && meet(last(other), own))
      .sort((one, other) => Number(one.id < other.id) - Number(one.id > other.id));
  }

  /** What undo (or redo) must answer as things stand on the disk now. */
  expectRevert(repair: Repair, operation: 'undo' | 'redo', mode: OnConflict): Expected {
    if (this.pending !== null) return { refused: 'recovery-needed', names: null };
    if (this.applied(repair) !== (operation === 'undo'))
      return { refused: 'nothing-to-undo', names: repair.id };
    const [later] = this.later(repair);
    if (later !== undefined) return { refused: 'later-transaction', names: later.id };
    const restored = new Map<string, Facts>();
    const conflicts: string[] = [];
    for (const [path, left] of last(repair).after) {
      const before = last(repair).before.get(path) ?? left;
      const now = factsOf(path).meaning;
      if (now === left.meaning) restored.set(path, before);
      else if (now !== before.meaning) conflicts.push(path);
    }
    if (conflicts.length > 0 && (mode === 'stop' || (mode === 'keep' && restored.size === 0)))
      return { refused: 'conflict', names: null };
    if (mode === 'keep') return { refused: null, restored, kept: conflicts };
    for (const path of conflicts)
      restored.set(path, last(repair).before.get(path) ?? factsOf(path));
    return { refused: null, restored, kept: [] };
  }

  /** How exactly a path comes back; times inside a tree are whoever's touched them last. */
  sameAsBefore(path: string, before: Facts): readonly [string, string] {
    const now = factsOf(path);
    const moved = [...this.touched].some((file) => file.startsWith(`${path}/`));
    return moved ? [now.meaning, before.meaning] : [now.exact, before.exact];
  }

  /** The newest transaction never came to its end. */
  crash(): void {
    this.committedLast = false;
    const repair = this.newest();
    const link = repair?.links.pop();
    if (repair !== null && link !== undefined) this.pending = { repair, link };
  }

  /** The repair with the newest transaction; null before there is one. */
  private newest(): Repair | null {
    const made = this.repairs.filter(({ links }) => links.length > 0);
    return made.reduce<Repair | null>(
      (found, each) =>
        found === null || last(each).sequence > last(found).sequence ? each : found,
      null,
    );
  }

  /** What recovery must leave: null for what somebody else has made of a path since. */
  expectRecovery(): ReadonlyMap<string, Facts | null> {
    const expected = new Map<string, Facts | null>();
    for (const [path, before] of this.pending?.link.before ?? []) {
      const now = factsOf(path).meaning;
      const left = this.pending?.link.after.get(path)?.meaning;
      const ours = now === left || now === before.meaning || now === ABSENT;
      expected.set(path, ours ? before : null);
    }
    return expected;
  }

  recovered(): void {
    const { repair } = this.pending ?? {};
    if (repair?.links.length === 0) this.repairs.splice(this.repairs.indexOf(repair), 1);
    this.pending = null;
  }
}

function last({ links }: Repair): Link {
  const link = links[links.length - 1];
  if (link === undefined) throw new Error('A repair without a transaction.');
  return link;
}

function meet(one: Link, other: Link): boolean {
  const within = (path: string, top: string): boolean => `${path}/`.startsWith(`${top}/`);
  return [...one.before.keys()].some((path) =>
    [...other.before.keys()].some((own) => within(path, own) || within(own, path)),
  );
}
