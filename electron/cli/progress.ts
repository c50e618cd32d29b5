import type { JobProgress, StepState } from '../../shared/job.ts';
import type { Message } from '../../shared/message.ts';
import type { Screen } from './console.ts';
import { wrap } from './render/layout.ts';
import { outputLines, printable } from './render/untrusted.ts';
import { duration, put, say, viewOf, type View } from './render/view.ts';
import type { Language } from '../../shared/messages/translate.ts';

/** Receives what a job tells, and leaves the screen tidy at the end. */
export interface Reporter {
  readonly emit: (event: JobProgress) => void;
  readonly end: () => void;
}

/** Tells nothing: `--json`, or a log file that wants only the answer. */
export const silentReporter: Reporter = { emit: () => {}, end: () => {} };

/** Progress comes with every block that is read; a person sees no more than this, in milliseconds. */
const REDRAW_MS = 80;
/** More than this are bytes, not things. */
const LARGEST_COUNT = 1000;
const CLEAR_LINE = '\r\u001b[2K';

/** One line that is written over: for work that changes nothing. Needs a terminal. */
export function statusReporter(screen: Screen, language: Language): Reporter {
  if (!screen.isTerminal) return silentReporter;
  const view = viewOf(screen, language);
  const state = { phase: '', found: 0, count: '' };
  let drawnAt = 0;
  const draw = (): void => {
    drawnAt = Date.now();
    const found =
      state.found === 0 ? '' : ` (${say(view, 'cli.scan.found', { count: state.found })})`;
    const text = `${state.phase}${state.count}${found}`;
    // A line that wraps could not be written over.
    const [first = ''] = wrap(text, view.columns - 1);
    screen.control(CLEAR_LINE + view.style.quiet(printable(first, false)));
  };
  return {
    emit: (event) => {
      if (event.type === 'phase' || event.type === 'note') {
        const text = event.type === 'phase' ? event.phase : event.note;
        Object.assign(state, { phase: put(view, text), count: '' });
      } else if (event.type === 'progress') {
        state.count = counted(event.done, event.total);
        if (Date.now() - drawnAt < REDRAW_MS) return;
      } else if (event.type === 'finding') state.found += 1;
      else return;
      draw();
    },
    end: () => screen.control(CLEAR_LINE),
  };
}

/** `3/7` for things, a share for bytes. */
function counted(done: number, total: number): string {
  if (total === 0) return '';
  return total <= LARGEST_COUNT ? ` ${done}/${total}` : ` ${Math.floor((100 * done) / total)} %`;
}

/** A log of steps, commands and what they print: for work that changes something. */
export function logReporter(screen: Screen, language: Language): Reporter {
  const view = viewOf(screen, language);
  const titles = new Map<string, Message>();
  const output = lineBuffer((line) => screen.lines([`    ${view.style.quiet(line)}`]));
  const emit = (event: JobProgress): void => {
    if (event.type === 'output' && event.stream === 'data') {
      output.add(event.text);
      return;
    }
    output.end();
    switch (event.type) {
      case 'steps':
        for (const step of event.steps) titles.set(step.id, step.title);
        return;
      case 'step':
        screen.lines(stepLines(view, titles.get(event.id), event));
        return;
      case 'phase':
        screen.lines(wrap(view.style.heading(put(view, event.phase)), view.columns));
        return;
      case 'output':
        // One line, whatever is in its words: a name with a line end must not pass for a command.
        screen.lines([`  $ ${event.text.replace(/\n$/, '').replace(/^\$ /, '')}`]);
        return;
      case 'note':
        screen.lines(wrap(put(view, event.note), view.columns, '    '));
        return;
      case 'progress':
      case 'finding':
        return;
    }
  };
  return { emit, end: output.end };
}

function stepLines(
  view: View,
  title: Message | undefined,
  event: Extract<JobProgress, { type: 'step' }>,
): readonly string[] {
  if (event.state === 'waiting' || title === undefined) return [];
  const { style } = view;
  const paints: Record<StepState, (text: string) => string> = {
    waiting: style.quiet,
    running: style.accent,
    done: style.good,
    failed: style.bad,
    undone: style.warning,
    skipped: style.quiet,
  };
  const signs: Record<StepState, string> = {
    waiting: ' ',
    running: '>',
    done: '+',
    failed: 'x',
    undone: '<',
    skipped: '-',
  };
  const sign = paints[event.state](signs[event.state]);
  const state = event.state === 'running' ? '' : ` - ${say(view, `cli.step.${event.state}`)}`;
  const time = event.ms === null || event.ms < 50 ? '' : `, ${duration(view, event.ms)}`;
  return [
    ...wrap(`${sign} ${put(view, title)}${state}${time}`, view.columns),
    ...(event.detail === null ? [] : detailLines(view, put(view, event.detail))),
  ];
}

/** A bare number is an answer for programs, not for people. */
function detailLines(view: View, text: string): readonly string[] {
  return /[^\d\s]/u.test(text) ? wrap(text, view.columns, '    ') : [];
}

/** Programs print in pieces; a line is shown when it is whole, or when something else follows. */
function lineBuffer(show: (line: string) => void): {
  readonly add: (text: string) => void;
  readonly end: () => void;
} {
  let pending = '';
  return {
    add: (text) => {
      pending += text;
      const cut = pending.lastIndexOf('\n');
      if (cut < 0) return;
      for (const line of outputLines(pending.slice(0, cut))) show(line);
      pending = pending.slice(cut + 1);
    },
    end: () => {
      if (pending !== '') for (const line of outputLines(pending)) show(line);
      pending = '';
    },
  };
}
