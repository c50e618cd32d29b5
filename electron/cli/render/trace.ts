import { answerMessage, explanationTone } from '../../../shared/inspection-words.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { TraceExplanation, TraceReport } from '../../../shared/trace.ts';
import { isVariant } from '../../engine/trace/answers.ts';
import { wrap } from './layout.ts';
import { put, type View } from './view.ts';

/** Places shown of a search: with variants for processors it has a hundred. */
const MOST_PLACES = 12;
const MOST_LIBRARIES = 60;

/** What a launch showed: explanations first, then what was loaded, and how it is known. */
export function renderTrace(view: View, report: TraceReport): readonly string[] {
  return [
    view.style.heading(oneLine([report.program, ...report.arguments].join(' '))),
    ...report.explanations.flatMap((one) => ['', ...renderExplanation(view, one)]),
    '',
    ...renderSimulation(view, report),
    ...renderLoaded(view, report),
    '',
    view.style.strong(put(view, message('trace.title.notes'))),
    ...report.notes.flatMap((note) => wrap(put(view, note), view.columns, '  ')),
  ];
}

function renderExplanation(view: View, one: TraceExplanation): readonly string[] {
  const { style } = view;
  const tone = explanationTone(one);
  const paint = { well: style.good, mild: style.warning, bad: style.bad }[tone];
  const sign = { well: '+', mild: '!', bad: 'x' }[tone];
  const lines = wrap(put(view, one.text), view.columns - 2);
  return [
    ...lines.map((line, index) => (index === 0 ? `${paint(sign)} ${line}` : `  ${line}`)),
    ...(one.process === null || tone === 'well'
      ? []
      : [`  ${style.quiet(oneLine(put(view, message('trace.in-process', one.process))))}`]),
    ...renderSearched(view, one),
    ...(one.evidence.length === 0
      ? []
      : [
          `  ${put(view, message('trace.title.evidence'))}`,
          ...one.evidence.map((line) => `    ${style.quiet(oneLine(line))}`),
        ]),
  ];
}

function renderSearched(view: View, { searched }: TraceExplanation): readonly string[] {
  if (searched.length === 0) return [];
  // Where something lay tells more than where nothing did.
  const telling = [
    ...searched.filter(({ answer }) => answer !== 'ENOENT'),
    ...searched.filter(({ answer, path }) => answer === 'ENOENT' && !isVariant(path)),
  ];
  const shown = new Set(telling.slice(0, MOST_PLACES));
  const more = searched.length - shown.size;
  return [
    `  ${put(view, message('trace.title.searched'))}`,
    ...searched
      .filter((place) => shown.has(place))
      .map(({ path, answer }) => {
        const words = answerMessage(answer);
        return `    ${oneLine(path)} (${words === null ? oneLine(answer) : put(view, words)})`;
      }),
    ...(more === 0
      ? []
      : [`    ${put(view, message('trace.title.searched-more', { count: more }))}`]),
  ];
}

function renderSimulation(view: View, { simulation }: TraceReport): readonly string[] {
  // Of a script without an interpreter, or a link to nothing, it says nothing, and is not contradicted.
  const said: Message =
    simulation.agrees && simulation.verdict !== 'unknown'
      ? message('trace.simulation.agrees')
      : message(`trace.simulation.${simulation.verdict}`);
  const nothing = put(view, message('trace.difference.nothing'));
  return [
    ...wrap(put(view, said), view.columns),
    ...(simulation.differences.length === 0 ? [] : [put(view, message('trace.title.differences'))]),
    ...simulation.differences.flatMap(({ soname, simulated, observed, reason }) =>
      wrap(
        put(
          view,
          message('trace.difference', {
            soname,
            simulated: simulated ?? nothing,
            observed: observed ?? nothing,
            reason: put(view, reason),
          }),
        ),
        view.columns,
        '  ',
      ),
    ),
  ];
}

function renderLoaded(view: View, { loaded }: TraceReport): readonly string[] {
  if (loaded.length === 0) return [];
  const later = put(view, message('trace.loaded-later'));
  return [
    '',
    view.style.strong(put(view, message('trace.title.loaded'))),
    ...loaded
      .slice(0, MOST_LIBRARIES)
      .map(({ path, opened }) => `  ${oneLine(path)}${opened === 'later' ? ` (${later})` : ''}`),
    ...(loaded.length > MOST_LIBRARIES ? [`  … +${loaded.length - MOST_LIBRARIES}`] : []),
  ];
}

/** Names come from programs: a line end in one must not look like a line of ours. */
function oneLine(name: string): string {
  return name.replaceAll('\n', '\\n');
}
