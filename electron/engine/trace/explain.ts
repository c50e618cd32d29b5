import { message } from '../../../shared/message.ts';
import type { TraceExplanation, TraceReport } from '../../../shared/trace.ts';
import type { TraceRequest } from '../inspection.ts';
import { explainEnd, explainMusl } from './explain-end.ts';
import { explainLibraries } from './explain-libraries.ts';
import { explainStart } from './explain-start.ts';
import type { Launched } from './launch.ts';
import { named, type ProcessStory } from './story.ts';

/** Everything that explanations rest on. */
export interface Evidence {
  readonly request: TraceRequest;
  readonly launched: Launched;
  readonly stories: readonly ProcessStory[];
  readonly simulation: TraceReport['simulation'];
  readonly end: TraceReport['end'];
}

/** The most telling first; within a kind, in the order in which it happened. */
const ORDER: readonly TraceExplanation['kind'][] = [
  'interpreter-missing',
  'not-executable',
  'wrong-class',
  'broken-link',
  'looping-link',
  'not-permitted',
  'library-not-found',
  'version-not-found',
  'symbol-not-found',
  'killed-by-signal',
  'wrong-file-won',
  'timed-out',
  'cancelled',
  'exit-status',
  'opened-later',
  'all-well',
];

/** A launch with more than this wrong is explained by the first of it. */
const MOST = 100;
const NAMES_SHOWN = 8;

/** Explains a launch: what went wrong in any of its processes, or that all is well. */
export function explain(evidence: Evidence): TraceExplanation[] {
  const { stories, launched, end } = evidence;
  const [first] = stories;
  const isStopped = end.timedOut || end.cancelled || launched.cut;
  const reasons = [
    ...starts(evidence),
    ...stories.flatMap((story) => explainLibraries(story)),
    ...explainMusl(launched.outcome?.output ?? '', first ?? null),
  ];
  const found = [
    ...reasons,
    ...wrongFiles(evidence),
    ...ltraceFailures(evidence),
    // What was ended from outside did not end of something that needs explaining.
    ...(isStopped ? [] : endings(stories, reasons)),
    ...stopped(evidence),
    ...openedLater(first),
  ];
  const isWell = found.every((one) => isHarmless(one) || isOptional(one));
  const all = isWell ? [...found, well(evidence, found.every(isHarmless))] : found;
  return inOrder(all).slice(0, MOST);
}

function isHarmless({ kind }: TraceExplanation): boolean {
  return kind === 'opened-later' || kind === 'wrong-file-won';
}

/** Asked for while the program ran: it goes on without, or its end has an explanation of its own. */
function isOptional({ kind, text }: TraceExplanation): boolean {
  return text.key.endsWith('-later') && kind !== 'opened-later';
}

/** A library that stopped the start comes before one that a program can do without. */
function inOrder(found: readonly TraceExplanation[]): readonly TraceExplanation[] {
  const rank = (one: TraceExplanation): number =>
    isOptional(one) ? ORDER.indexOf('exit-status') + 0.5 : ORDER.indexOf(one.kind);
  return found
    .map((one, index) => ({ one, index }))
    .sort((a, b) => rank(a.one) - rank(b.one) || a.index - b.index)
    .map(({ one }) => one);
}

/** A status is explained by what the loader could not do; then it says nothing of its own. */
function endings(
  stories: readonly ProcessStory[],
  reasons: readonly TraceExplanation[],
): readonly TraceExplanation[] {
  const explained = new Set(
    reasons.filter(({ text }) => !text.key.endsWith('-later')).map((one) => one.process?.pid),
  );
  return stories.flatMap((story, index) => {
    const ending = explainEnd(story, index === 0);
    if (ending === null) return [];
    return ending.kind === 'exit-status' && explained.has(story.pid) ? [] : ending;
  });
}

function starts({ request, launched, stories }: Evidence): readonly TraceExplanation[] {
  if (launched.startError !== null)
    return [explainStart(request.program, launched.startError, { process: null, evidence: [] })];
  return stories.flatMap((story) => {
    const executions = story.calls?.executions ?? [];
    const last = executions.at(-1);
    // Shells try one directory of PATH after the other: only one that was not followed by a success counts.
    if (last === undefined || last.errno === null) return [];
    const process = { pid: story.pid, program: last.path };
    return [explainStart(last.path, last.errno, { process, evidence: [last.text] })];
  });
}

function wrongFiles({ simulation, stories }: Evidence): readonly TraceExplanation[] {
  const [first] = stories;
  return simulation.differences.flatMap(({ soname, simulated, observed }) => {
    if (simulated === null || observed === null) return [];
    return {
      kind: 'wrong-file-won' as const,
      text: message('trace.text.wrong-file', { soname, expected: simulated, observed }),
      process: first === undefined ? null : named(first),
      subject: observed,
      searched: [],
      evidence: [first?.calls?.openings.get(observed)?.text ?? ''].filter((line) => line !== ''),
    };
  });
}

/** `d->dlsym(0x55dc142b53b0, "name") = 0`: asked for, and not there. */
const LTRACE = /^\d+ .*\b(dlopen|dlsym)\((?:0x[0-9a-f]+, |0, )?"([^"]*)".*\)\s+= 0$/;

function ltraceFailures({ launched, stories }: Evidence): readonly TraceExplanation[] {
  const [first] = stories;
  const known = new Set(
    stories.flatMap(({ images }) =>
      images.flatMap(({ errors }) => errors.map((one) => one.subject)),
    ),
  );
  return launched.ltrace.flatMap((line) => {
    const [, call = '', name = ''] = LTRACE.exec(line) ?? [];
    if (call !== 'dlsym' || known.has(name)) return [];
    known.add(name);
    return {
      kind: 'symbol-not-found' as const,
      text: message('trace.text.symbol-not-found-later', { symbol: name, object: 'dlsym' }),
      process: first === undefined ? null : named(first),
      subject: name,
      searched: [],
      evidence: [line],
    };
  });
}

function stopped({ end, launched, request, stories }: Evidence): readonly TraceExplanation[] {
  const [first] = stories;
  const base = {
    process: first === undefined ? null : named(first),
    subject: null,
    searched: [],
    evidence: [],
  };
  if (end.cancelled) return [{ ...base, kind: 'cancelled', text: message('trace.text.cancelled') }];
  if (!end.timedOut && !launched.cut) return [];
  const seconds = Math.round(request.timeLimitMs / 1000);
  // Launchers of editors end at once, and leave running what they have started.
  const code = first?.end?.code ?? null;
  const text = launched.cut
    ? message('trace.text.too-much')
    : code === null
      ? message('trace.text.timed-out', { seconds })
      : message('trace.text.timed-out-started', { seconds, code, program: first?.program ?? '' });
  return [{ ...base, kind: 'timed-out', text }];
}

function openedLater(first: ProcessStory | undefined): readonly TraceExplanation[] {
  if (first === undefined) return [];
  const searches = first.images.flatMap((image) => image.searches);
  const later = searches.filter((search) => search.later && search.path !== null);
  if (later.length === 0) return [];
  const names = [...new Set(later.map(({ path }) => path ?? ''))];
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return [
    {
      kind: 'opened-later',
      text: message('trace.text.opened-later', { count: names.length, names: shown }),
      process: named(first),
      subject: names[0] ?? null,
      searched: [],
      evidence: [],
    },
  ];
}

function well({ request, stories }: Evidence, isComplete: boolean): TraceExplanation {
  const [first] = stories;
  const key = isComplete ? 'trace.text.all-well' : 'trace.text.all-well-at-start';
  return {
    kind: 'all-well',
    text: message(key, { program: request.program }),
    process: first === undefined ? null : named(first),
    subject: null,
    searched: [],
    evidence: [],
  };
}
