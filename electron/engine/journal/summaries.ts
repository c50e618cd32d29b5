import type {
  RetentionLimits,
  TransactionStatus,
  TransactionSummary,
} from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';
import { listOf } from './history-index.ts';
import { contentOfListed, timeOf, type Listed, type Listing } from './listing.ts';
import { timeOfId } from './store.ts';

/** So many names are offered to filter by. */
const MOST_FACETS = 200;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The list's entries, put into words only when they are asked for. */
export class Summaries {
  private readonly listing: Listing;
  private readonly pins: ReadonlySet<string>;
  private readonly limits: RetentionLimits;
  private readonly shown: readonly Listed[];
  private readonly newest: string | null;
  private readonly known = new Map<string, readonly string[]>();
  private readonly contents = new Map<Listed, ReturnType<typeof contentOfListed>>();

  constructor(listing: Listing, pins: ReadonlySet<string>, limits: RetentionLimits) {
    this.listing = listing;
    this.pins = pins;
    this.limits = limits;
    this.shown = listing.all.filter(isShown).reverse();
    this.newest = newestRepair(listing);
  }

  get size(): number {
    return this.shown.length;
  }

  newestFirst(): readonly Listed[] {
    return this.shown;
  }

  /** What is known of an entry beyond its place in a chain; read once. */
  content(listed: Listed): ReturnType<typeof contentOfListed> {
    let content = this.contents.get(listed);
    if (content === undefined) {
      content = contentOfListed(listed);
      this.contents.set(listed, content);
    }
    return content;
  }

  statusOf(listed: Listed): TransactionStatus {
    const chain = this.listing.chains.get(listed.id);
    if (listed.operation === 'apply' && chain?.last?.operation === 'undo') return 'undone';
    if (listed.committed)
      return (listed.line ?? listed.stored?.model ?? { status: null }).status ?? 'applied';
    const ended =
      listed.line !== null || listed.stored?.model.phase === 'rolled-back' ? 'rolled-back' : null;
    return ended ?? 'interrupted';
  }

  summaryOf(listed: Listed): TransactionSummary {
    const content = this.content(listed);
    const begin = content?.begin ?? null;
    const chain = this.listing.chains.get(listed.id);
    const undo =
      listed.operation === 'apply' && chain?.last?.operation === 'undo' ? chain.last : null;
    const repair = listed.undoes ?? listed.id;
    return {
      id: listed.id,
      at: content === null || content.at === '' ? timeOfId(listed.id).toISOString() : content.at,
      type: listed.operation,
      title: begin?.title ?? message('journal.title.unknown'),
      status: this.statusOf(listed),
      changes: (begin?.changes ?? []).map(({ kind, target, title, reversibility }) => ({
        kind,
        target,
        title,
        reversibility,
      })),
      undoes: listed.undoes,
      undoneBy:
        undo === null
          ? null
          : { id: undo.id, at: this.content(undo)?.at ?? timeOfId(undo.id).toISOString() },
      durationMs: content?.durationMs ?? null,
      imageBytes: begin?.imageBytes ?? 0,
      subjects: begin?.subjects ?? [],
      damaged: listed.stored?.damaged === true,
      pinned: this.pins.has(repair),
      expiresAt: this.expiryOf(repair),
    };
  }

  /** The age limit counts from the last thing that was done to the repair. */
  private expiryOf(repair: string): string | null {
    const { days } = this.limits;
    if (days === null || this.pins.has(repair) || repair === this.newest) return null;
    const chain = this.listing.chains.get(repair);
    const last = chain?.links[chain.links.length - 1];
    if (last === undefined) return null;
    return new Date(timeOf(last) + days * DAY_MS).toISOString();
  }

  /** Programs it repaired. */
  programsOf({ line, stored }: Listed): readonly string[] {
    if (line !== null) return this.lists(line.subjects);
    return stored?.model.begin?.subjects ?? [];
  }

  /** Kinds of its changes. */
  kindsOf({ line, stored }: Listed): readonly string[] {
    if (line !== null) return this.lists(line.kinds);
    return (stored?.model.begin?.changes ?? []).map(({ kind }) => kind);
  }

  /** Programs (most recent first) and kinds that occur anywhere in the history. */
  facets(): { readonly programs: string[]; readonly kinds: string[] } {
    const programs = new Set<string>();
    const kinds = new Set<string>();
    for (const listed of this.shown) {
      for (const program of this.programsOf(listed)) programs.add(program);
      for (const kind of this.kindsOf(listed)) kinds.add(kind);
    }
    return {
      programs: [...programs].slice(0, MOST_FACETS),
      kinds: [...kinds].sort().slice(0, MOST_FACETS),
    };
  }

  private lists(text: string): readonly string[] {
    let list = this.known.get(text);
    if (list === undefined) {
      list = listOf(text);
      this.known.set(text, list);
    }
    return list;
  }
}

/** A newer Devmend's transaction is not understood, so nothing can be said of it here. */
function isShown({ line, stored }: Listed): boolean {
  if (line !== null || stored === null) return true;
  return stored.damaged || (stored.model.begin !== null && !stored.fromTheFuture);
}

/** The repair on which something was done last; an attempt that was rolled back did nothing. */
export function newestRepair({ all }: Listing): string | null {
  const last = [...all].reverse().find(({ committed }) => committed) ?? all[all.length - 1];
  return last === undefined ? null : (last.undoes ?? last.id);
}
