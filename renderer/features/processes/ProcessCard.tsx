import { contextMessage, isOutdated, libcMessage } from '../../../shared/inspection-words.ts';
import type { ProcessFacts, ProcessReport } from '../../../shared/process.ts';
import type { TextKey } from '../../i18n/i18n.ts';
import { useSpeech } from '../../state/window.tsx';
import { Badge, type Tone } from '../../ui/Badge.tsx';
import { formatWhen } from '../../ui/format.ts';
import { Icon, type SeverityIcon } from '../../ui/Icon.tsx';

interface Look {
  readonly icon: SeverityIcon;
  readonly tone: Tone;
  readonly word: TextKey;
}

const looks = {
  hidden: { icon: 'unknown', tone: 'neutral', word: 'processes.state.hidden' },
  gone: { icon: 'unknown', tone: 'neutral', word: 'processes.state.gone' },
  restart: { icon: 'warning', tone: 'warn', word: 'processes.state.restart' },
  odd: { icon: 'warning', tone: 'warn', word: 'processes.state.odd' },
  partial: { icon: 'unknown', tone: 'neutral', word: 'processes.state.partial' },
  current: { icon: 'ok', tone: 'ok', word: 'processes.state.current' },
} as const satisfies Readonly<Record<string, Look>>;

/** How a process stands. What could not be read is never shown as fine. */
export function standingOf(
  facts: ProcessFacts,
  system: ProcessReport['system'],
): keyof typeof looks {
  if (facts.status === 'not-permitted') return 'hidden';
  if (facts.status === 'gone') return 'gone';
  if (needsRestart(facts, system)) return 'restart';
  if (facts.status === 'partial') return 'partial';
  if (facts.problems.length > 0) return 'odd';
  return facts.libc === null ? 'partial' : 'current';
}

function needsRestart(facts: ProcessFacts, system: ProcessReport['system']): boolean {
  return (
    facts.replaced.length > 0 ||
    facts.executable?.deleted === true ||
    facts.libc?.deleted === true ||
    isOutdated(facts, system)
  );
}

/** One process; indented below the one that started it. */
export function ProcessCard(props: {
  readonly facts: ProcessFacts;
  readonly depth: number;
  readonly system: ProcessReport['system'];
}) {
  const { facts, system } = props;
  const { text, say } = useSpeech();
  const { icon, tone, word } = looks[standingOf(facts, system)];
  const depth = Math.min(props.depth, 5);
  return (
    <li
      className={depth === 0 ? 'card process' : 'card process child'}
      data-pid={facts.pid}
      style={{ marginInlineStart: depth * 22 }}
    >
      <div className="card-head">
        <Icon name={icon} />
        <div className="grow">
          {depth > 0 && (
            <span className="visually-hidden">
              {text('processes.startedBy', { pid: String(facts.parent) })}
            </span>
          )}
          <b>{facts.name}</b> <span>{say({ key: `process.role.${facts.role}`, params: {} })}</span>{' '}
          <span className="muted num">{text('processes.pid', { pid: String(facts.pid) })}</span>
          <Inside facts={facts} system={system} />
        </div>
        <Badge tone={tone}>{text(word)}</Badge>
      </div>
      <Details facts={facts} />
    </li>
  );
}

function Inside(props: { readonly facts: ProcessFacts; readonly system: ProcessReport['system'] }) {
  const { facts, system } = props;
  const { text, say } = useSpeech();
  const variables = Object.entries(facts.environment ?? {});
  return (
    <>
      {facts.libc !== null && <div>{say(libcMessage(facts.libc))}</div>}
      {facts.context !== null && <div className="muted">{say(contextMessage(facts.context))}</div>}
      {isOutdated(facts, system) && (
        <div className="warn-text">{say({ key: 'process.older-than-disk', params: {} })}</div>
      )}
      {facts.executable?.deleted === true && (
        <div className="warn-text">{say({ key: 'process.program-replaced', params: {} })}</div>
      )}
      {facts.replaced.length > 0 && (
        <div className="warn-text">
          {say({ key: 'process.replaced', params: {} })}
          <ul className="plain">
            {facts.replaced.map(({ path, reason }) => (
              <li key={path}>
                <span className="mono">{path}</span>{' '}
                {say({ key: `process.reason.${reason}`, params: {} })}
              </li>
            ))}
          </ul>
        </div>
      )}
      {facts.problems.map((problem, index) => (
        <div key={index} className="warn-text">
          {say(problem)}
        </div>
      ))}
      {facts.environment === null && (
        <div className="muted">{say({ key: 'process.variables-overwritten', params: {} })}</div>
      )}
      {variables.length > 0 && (
        <div>
          <span className="muted">{text('processes.variables')}</span>{' '}
          {variables.map(([name, value]) => (
            <code key={name} className="variable">
              {name}={value}
            </code>
          ))}
        </div>
      )}
    </>
  );
}

function Details(props: { readonly facts: ProcessFacts }) {
  const { command, user, startedAt, executable, libc, context } = props.facts;
  const { text, language } = useSpeech();
  const lines: readonly (readonly [TextKey, string | null])[] = [
    ['processes.fact.command', command],
    ['processes.fact.program', executable?.path ?? null],
    ['processes.fact.user', user.name ?? String(user.uid)],
    ['processes.fact.started', startedAt === null ? null : formatWhen(startedAt, language())],
    ['processes.fact.libc', libc?.path ?? null],
    ['processes.fact.buildId', libc?.buildId ?? null],
    ['processes.fact.container', context?.kind === 'container' ? context.id : null],
  ];
  return (
    <details className="component-foot">
      <summary>{text('details')}</summary>
      <dl className="facts">
        {lines.map(([name, value]) =>
          value === null ? null : (
            <div className="contents" key={name}>
              <dt>{text(name)}</dt>
              <dd className="mono">{value}</dd>
            </div>
          ),
        )}
      </dl>
    </details>
  );
}
