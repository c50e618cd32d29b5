import { contextMessage, isOutdated, libcMessage } from '../../../shared/inspection-words.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { ProcessFacts, ProcessReport } from '../../../shared/process.ts';
import { wrap } from './layout.ts';
import { moment, put, type View } from './view.ts';

/** The running programs, what they have loaded and where they live; what only root may see last. */
export function renderProcesses(view: View, report: ProcessReport): readonly string[] {
  const { processes, system } = report;
  return [
    ...(processes.length === 0
      ? text(view, message('process.none'))
      : processes.flatMap((facts, index) => [
          ...(index === 0 ? [] : ['']),
          ...renderProcess(view, facts, system),
        ])),
    ...hiddenOnes(view, report),
  ];
}

function renderProcess(
  view: View,
  facts: ProcessFacts,
  system: ProcessReport['system'],
): readonly string[] {
  const { style } = view;
  const indent = facts.editor !== null && facts.editor !== facts.pid ? '    ' : '  ';
  const lead = indent.slice(2);
  const user = facts.user.name ?? String(facts.user.uid);
  const role = put(view, message(`process.role.${facts.role}`));
  const heading = put(view, message('process.heading', { pid: facts.pid, role, user }));
  const lines = [
    `${lead}${style.heading(oneLine(facts.name))}  ${heading}`,
    ...(facts.command === null ? [] : [indent + style.quiet(cut(facts.command, view, indent))]),
  ];
  if (facts.status === 'gone')
    return [...lines, ...text(view, message('process.gone'), indent, style.quiet)];
  return [
    ...lines,
    ...insideLines(view, facts, system, indent),
    ...facts.problems.flatMap((problem) => text(view, problem, indent, style.warning, '! ')),
  ];
}

function insideLines(
  view: View,
  facts: ProcessFacts,
  system: ProcessReport['system'],
  indent: string,
): readonly string[] {
  const { libc, context, replaced, environment, executable } = facts;
  const { style } = view;
  return [
    ...(context === null ? [] : text(view, contextMessage(context), indent)),
    ...(libc === null ? [] : text(view, libcMessage(libc), indent)),
    ...(libc === null || libc.path === null ? [] : [`${indent}  ${oneLine(libc.path)}`]),
    ...(isOutdated(facts, system)
      ? text(view, message('process.older-than-disk'), indent, style.warning, '! ')
      : []),
    ...(executable?.deleted === true
      ? text(view, message('process.program-replaced'), indent, style.warning, '! ')
      : []),
    ...(replaced.length === 0
      ? []
      : [
          ...text(view, message('process.replaced'), indent, style.warning, '! '),
          ...replaced.map(
            ({ path, reason }) =>
              `${indent}    ${oneLine(path)} (${put(view, message(`process.reason.${reason}`))})`,
          ),
          ...(facts.startedAt === null
            ? []
            : text(
                view,
                message('process.started', { at: moment(view, facts.startedAt) }),
                indent,
                style.quiet,
              )),
        ]),
    ...(environment === null
      ? text(view, message('process.variables-overwritten'), indent, style.quiet)
      : []),
    ...Object.entries(environment ?? {}).map(
      ([name, value]) => `${indent}${name}=${oneLine(value)}`,
    ),
  ];
}

function hiddenOnes(view: View, { notPermitted, asRoot }: ProcessReport): readonly string[] {
  if (asRoot === null) return [];
  const hidden =
    notPermitted === 0
      ? message('process.hidden-parts')
      : message('process.hidden', { count: notPermitted });
  return ['', ...text(view, hidden), ...text(view, message('process.as-root')), `  ${asRoot}`];
}

function text(
  view: View,
  what: Message,
  indent = '',
  paint: (line: string) => string = (line) => line,
  sign = '',
): readonly string[] {
  return wrap(sign + put(view, what), view.columns, indent).map(paint);
}

/** Names come from programs: a line end in one must not look like a line of ours. */
function oneLine(name: string): string {
  return name.replaceAll('\n', '\\n');
}

function cut(command: string, view: View, indent: string): string {
  const line = oneLine(command);
  const room = Math.max(20, view.columns - indent.length);
  return line.length > room ? `${line.slice(0, room - 1)}…` : line;
}
