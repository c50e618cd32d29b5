import type { historyQuerySchema } from '../../../shared/history.ts';
import type { z } from 'zod';
import { isWithin } from '../reach.ts';
import { timeOf, type Listed } from './listing.ts';
import type { Summaries } from './summaries.ts';

type Query = z.output<typeof historyQuerySchema>;
type Condition = (listed: Listed, summaries: Summaries) => boolean;

/**
 * Whether an entry is asked for. The cheap questions come first. `real`: the asked file
 * with every link followed, as which its changes are recorded.
 */
export function matcher(query: Query, real: string | null): Condition {
  const conditions: Condition[] = [];
  const { since, until, status, text, program, file, kind } = query;
  if (since !== undefined) {
    const from = Date.parse(since);
    conditions.push((listed) => !(timeOf(listed) < from));
  }
  if (until !== undefined) {
    const to = endOf(until);
    conditions.push((listed) => !(timeOf(listed) > to));
  }
  if (status !== undefined)
    conditions.push((listed, summaries) => status.includes(summaries.statusOf(listed)));
  if (program !== undefined)
    conditions.push((listed, summaries) => summaries.programsOf(listed).includes(program));
  if (kind !== undefined)
    conditions.push((listed, summaries) => summaries.kindsOf(listed).includes(kind));
  if (file !== undefined) {
    const files = [...new Set([file, real ?? file])];
    const written = files.map((each) => JSON.stringify(each).slice(1, -1));
    // Most entries can be ruled out without taking their line apart.
    conditions.push(
      ({ line }) => line === null || written.some((each) => line.reach.includes(each)),
    );
    conditions.push((listed, summaries) =>
      (summaries.content(listed)?.paths ?? []).some((path) =>
        files.some((each) => isWithin(path, each)),
      ),
    );
  }
  if (text !== undefined && text !== '') {
    const wanted = text.toLowerCase();
    conditions.push((listed, summaries) => mentions(listed, summaries, wanted));
  }
  return (listed, summaries) => conditions.every((condition) => condition(listed, summaries));
}

/** A day without a time ends at its end. */
function endOf(until: string): number {
  const time = Date.parse(until);
  const DAY_MS = 24 * 60 * 60 * 1000;
  return /^\d{4}-\d\d-\d\d$/.test(until) ? time + DAY_MS - 1 : time;
}

function mentions(listed: Listed, summaries: Summaries, wanted: string): boolean {
  // Most entries can be ruled out without taking their line apart.
  if (listed.line !== null) {
    const written = JSON.stringify(wanted).slice(1, -1);
    const head = `${listed.id}\t${listed.line.text}`.toLowerCase();
    if (!head.includes(written) && !head.includes(wanted)) return false;
  }
  const content = summaries.content(listed);
  const texts = [listed.id, ...(content?.begin.subjects ?? []), ...(content?.paths ?? [])];
  return texts.some((text) => text.toLowerCase().includes(wanted));
}
