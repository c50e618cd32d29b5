import { message } from '../../../shared/message.ts';
import type { TraceExplanation } from '../../../shared/trace.ts';
import { named, type ProcessStory } from './story.ts';

/** musl's loader says what is wrong on the program's own output (ldso/dynlink.c). */
const MUSL_LIBRARY =
  /Error loading shared library ([^\n:]+): ([^\n]+?)(?: \(needed by ([^\n)]+)\))?\r?$/gm;
const MUSL_SYMBOL = /Error relocating ([^\n:]+): ([^\n:]+): symbol not found/gm;

/** What musl's loader wrote; it knows no LD_DEBUG. */
export function explainMusl(
  output: string,
  story: ProcessStory | null,
): readonly TraceExplanation[] {
  const process = story === null ? null : named(story);
  const libraries = [...output.matchAll(MUSL_LIBRARY)].map(
    ([text, soname = '', , requiredBy = '']): TraceExplanation => ({
      kind: 'library-not-found',
      text: message('trace.text.library-not-found', {
        soname,
        requiredBy: requiredBy === '' ? (story?.program ?? '') : requiredBy,
      }),
      process,
      subject: soname,
      searched: openings(soname, story),
      evidence: [text.trim()],
    }),
  );
  const symbols = [...output.matchAll(MUSL_SYMBOL)].map(
    ([text, object = '', symbol = '']): TraceExplanation => ({
      kind: 'symbol-not-found',
      text: message('trace.text.symbol-not-found', { symbol, object }),
      process,
      subject: symbol,
      searched: [],
      evidence: [text.trim()],
    }),
  );
  return [...libraries, ...symbols];
}

function openings(soname: string, story: ProcessStory | null): TraceExplanation['searched'] {
  const all = [...(story?.calls?.openings ?? [])];
  return all
    .filter(([path]) => path === soname || path.endsWith(`/${soname}`))
    .map(([path, { answer }]) => ({ path, answer }));
}

/** How programs end those that they have started, or no longer read from: nothing that is broken. */
const ORDINARY: ReadonlySet<string> = new Set(['SIGPIPE', 'SIGTERM', 'SIGHUP', 'SIGINT']);

/** How a process ended, where that needs explaining; `isFirst`: the program itself. */
export function explainEnd(story: ProcessStory, isFirst: boolean): TraceExplanation | null {
  const { end, program, calls } = story;
  if (end === null) return null;
  const text = calls?.exit?.text;
  const base = {
    process: named(story),
    searched: [],
    evidence: text === undefined ? [] : [text],
  };
  if (end.signal !== null) {
    if (!isFirst && ORDINARY.has(end.signal)) return null;
    return {
      ...base,
      kind: 'killed-by-signal',
      text: message('trace.text.killed', { program, signal: end.signal }),
      subject: end.signal,
    };
  }
  if (!isFirst || end.code === 0 || end.code === null) return null;
  return {
    ...base,
    kind: 'exit-status',
    text: message('trace.text.exit-status', { program, code: end.code }),
    subject: String(end.code),
  };
}
