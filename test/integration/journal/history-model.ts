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
  /** Paths that it has left to somebody. */
  readonly kept: readonly string[];
}

/** Where one path goes next: what has to stand there, and what is to come. */
interface Way {
  readonly path: string;
  readonly left: Facts;
  readonly wanted: Facts;
  /** The last transaction of the repair has let this path be. */
  readonly skipped: boolean;
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
    kept: readonly string[] = [],
  ): void {
    this.sequence += 1;
    this.committedLast = true;
    repair.links.push({ sequence: this.sequence, before, after, kept });
    if (!this.repairs.includes(repair)) this.repairs.push(repair);
  }

  /** Repairs in effect that touched the same paths since, newest first: they go back first. */
  later(repair: Repair): readonly Repair[] {
    const own = this.places(repair);
    return this.repairs
      .filter((other) => other !== repair && this.applied(other))
      .filter((other) => this.places(other).some((place) => own.some((one) => onTop(place, one))))
      .sort((one, other) => Number(one.id < other.id) - Number(one.id > other.id));
  }

  /** Each path with the transaction that dealt with it last; what an undo has kept has no place. */
  private places(repair: Repair): readonly Place[] {
    const { links } = repair;
    const own = [...(links[0]?.before.keys() ?? [])];
    return own
      .filter((path) => this.applied(repair) || !last(repair).kept.includes(path))
      .map((path) => {
        const dealt = links.filter(({ kept }) => !kept.includes(path));
        return { path, sequence: dealt[dealt.length - 1]?.sequence ?? 0 };
      });
  }

  /** Every path of a repair: not each transaction has done something to each. */
  private ways(repair: Repair): readonly Way[] {
    const { links } = repair;
    return [...(links[0]?.before.keys() ?? [])].flatMap((path): Way[] => {
      const at = links.findLastIndex(({ after }) => after.has(path));
      const [before, after] = [links[at]?.before.get(path), links[at]?.after.get(path)];
      if (before === undefined || after === undefined) return [];
      const skipped = (links.length - 1 - at) % 2 === 1;
      return [{ path, skipped, ...(skipped ? way(before, after) : way(after, before)) }];
    });
  }

  /** Whether redo has to make something anew, whose times nobody can foresee. */
  makesAgain(repair: Repair): boolean {
    return this.ways(repair).some(
      ({ path, left, skipped }) => skipped && factsOf(path).meaning === left.meaning,
    );
  }

  /** What undo (or redo) must answer as things stand on the disk now. */
  expectRevert(repair: Repair, operation: 'undo' | 'redo', mode: OnConflict): Expected {
    if (this.pending !== null) return { refused: 'recovery-needed', names: null };
    if (this.applied(repair) !== (operation === 'undo'))
      return { refused: 'nothing-to-undo', names: repair.id };
    const [later] = this.later(repair);
    if (later !== undefined) return { refused: 'later-transaction', names: later.id };
    const restored = new Map<string, Facts>();
    const conflicts: Way[] = [];
    const kept: string[] = [];
    for (const each of this.ways(repair)) {
      const { path, left, wanted } = each;
      const now = factsOf(path).meaning;
      if (now === left.meaning) restored.set(path, wanted);
      else if (now === wanted.meaning) continue;
      // What the undo has left to somebody is his at redo too.
      else if (operation === 'redo' && last(repair).kept.includes(path)) kept.push(path);
      else conflicts.push(each);
    }
    if (conflicts.length > 0 && (mode === 'stop' || (mode === 'keep' && restored.size === 0)))
      return { refused: 'conflict', names: null };
    if (mode === 'keep') kept.push(...conflicts.map(({ path }) => path));
    else for (const { path, wanted } of conflicts) restored.set(path, wanted);
    return { refused: null, restored, kept };
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

function way(left: Facts, wanted: Facts): Pick<Way, 'left' | 'wanted'> {
  return { left, wanted };
}

interface Place {
  readonly path: string;
  readonly sequence: number;
}

/** Whether the first was made later, on the same path or on one within the other. */
function onTop(one: Place, other: Place): boolean {
  const within = (path: string, top: string): boolean => `${path}/`.startsWith(`${top}/`);
  return (
    one.sequence > other.sequence && (within(one.path, other.path) || within(other.path, one.path))
  );
}
