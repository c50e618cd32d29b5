import { answerMessage, explanationTone } from '../../../shared/inspection-words.ts';
import type { TraceExplanation, TraceReport } from '../../../shared/trace.ts';
import { useSpeech } from '../../state/window.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { commandLine, formatDuration } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';

/** Places shown of a search; with variants for processors there can be a hundred. */
const MOST_PLACES = 12;
const icons = { well: 'ok', mild: 'warning', bad: 'problem' } as const;

/** What a launch showed: explanations first, then what the simulation had said, then the rest. */
export function TraceResult(props: { readonly report: TraceReport }) {
  const { report } = props;
  const { text, say, language } = useSpeech();
  return (
    <>
      <p className="muted">
        <code>{commandLine([report.program, ...report.arguments])}</code>{' '}
        {text('trace.took', { time: formatDuration(report.end.ms, language(), 'narrow') })}
      </p>
      <ol className="plain" aria-label={text('trace.explanations')}>
        {report.explanations.map((one, index) => (
          <Explanation key={index} one={one} />
        ))}
      </ol>
      <Simulation report={report} />
      {report.notes.length > 0 && (
        <>
          <h2>{say({ key: 'trace.title.notes', params: {} })}</h2>
          <ul className="verifications">
            {report.notes.map((note, index) => (
              <li key={index}>{say(note)}</li>
            ))}
          </ul>
        </>
      )}
      <Loaded report={report} />
    </>
  );
}

function Explanation(props: { readonly one: TraceExplanation }) {
  const { one } = props;
  const { text, say } = useSpeech();
  const tone = explanationTone(one);
  return (
    <li className="card" data-kind={one.kind}>
      <div className="card-head">
        <Icon name={icons[tone]} />
        <div className="grow">
          <div className={tone === 'bad' ? 'problem-text' : ''}>{say(one.text)}</div>
          {one.process !== null && tone !== 'well' && (
            <div className="muted">{say({ key: 'trace.in-process', params: one.process })}</div>
          )}
        </div>
      </div>
      {one.searched.length > 0 && <Searched places={one.searched} />}
      {one.evidence.length > 0 && (
        <details className="component-foot" open={tone === 'bad'}>
          <summary>{text('trace.evidence')}</summary>
          {/* There can be many lines: the box scrolls, so the keyboard has to reach it. */}
          <pre className="record" tabIndex={0} aria-label={text('trace.evidence')}>
            {one.evidence.join('\n')}
          </pre>
        </details>
      )}
    </li>
  );
}

/** Where the loader looked, in its order. Where something lay tells more than where nothing did. */
function Searched(props: { readonly places: TraceExplanation['searched'] }) {
  const { places } = props;
  const { say } = useSpeech();
  const telling = [
    ...places.filter(({ answer }) => answer !== 'ENOENT'),
    ...places.filter(({ answer, path }) => answer === 'ENOENT' && !path.includes('/glibc-hwcaps/')),
  ];
  const shown = new Set(telling.slice(0, MOST_PLACES));
  const more = places.length - shown.size;
  return (
    <div className="component-foot">
      <b>{say({ key: 'trace.title.searched', params: {} })}</b>
      <ol className="searched">
        {places
          .filter((place) => shown.has(place))
          .map(({ path, answer }) => {
            const words = answerMessage(answer);
            return (
              <li key={path}>
                <span className="mono">{path}</span>{' '}
                <span className="muted">{words === null ? answer : say(words)}</span>
              </li>
            );
          })}
      </ol>
      {more > 0 && (
        <p className="muted">
          {say({ key: 'trace.title.searched-more', params: { count: more } })}
        </p>
      )}
    </div>
  );
}

/** What had been said without running anything, beside what happened. */
function Simulation(props: { readonly report: TraceReport }) {
  const { text, say } = useSpeech();
  const { verdict, agrees, differences } = props.report.simulation;
  const nothing = say({ key: 'trace.difference.nothing', params: {} });
  return (
    <>
      <h2>{text('trace.simulation')}</h2>
      <p className="beside">
        {/* What could not be told beforehand is neither contradicted nor confirmed. */}
        {(verdict !== 'unknown' || !agrees) && (
          <Badge tone={agrees ? 'ok' : 'warn'}>
            {text(agrees ? 'trace.agrees' : 'trace.differs')}
          </Badge>
        )}
        <span>{say({ key: `trace.simulation.${verdict}`, params: {} })}</span>
      </p>
      {differences.length > 0 && (
        <div
          className="table-scroll"
          tabIndex={0}
          role="group"
          aria-label={text('trace.differences')}
        >
          <table className="simple">
            <thead>
              <tr>
                <th scope="col">{text('trace.library')}</th>
                <th scope="col">{text('trace.simulated')}</th>
                <th scope="col">{text('trace.observed')}</th>
                <th scope="col">{text('trace.why')}</th>
              </tr>
            </thead>
            <tbody>
              {differences.map((one) => (
                <tr key={one.soname}>
                  <th scope="row">{one.soname}</th>
                  <td className="mono">{one.simulated ?? nothing}</td>
                  <td className="mono">{one.observed ?? nothing}</td>
                  <td>{say(one.reason)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Loaded(props: { readonly report: TraceReport }) {
  const { loaded } = props.report;
  const { text, say } = useSpeech();
  if (loaded.length === 0) return null;
  return (
    <details className="group-details">
      <summary>{text('trace.loaded', { count: loaded.length })}</summary>
      <ol className="searched">
        {loaded.map(({ path, opened }) => (
          <li key={path}>
            <span className="mono">{path}</span>{' '}
            {opened === 'later' && (
              <span className="muted">{say({ key: 'trace.loaded-later', params: {} })}</span>
            )}
          </li>
        ))}
      </ol>
    </details>
  );
}
