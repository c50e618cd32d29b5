import type { LibcChangeReport } from '../../../shared/libc-change.ts';
import type { TextKey } from '../../i18n/i18n.ts';
import { useApp, useDevmend, useInspections, useSpeech } from '../../state/window.tsx';
import { ActionBar } from '../../ui/ActionBar.tsx';
import { Button } from '../../ui/Button.tsx';
import { ForcedNeeds } from '../../ui/ForcedNeeds.tsx';
import { shortPath } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { ErrorText, Notice } from '../../ui/Notice.tsx';
import { Progress } from '../../ui/Progress.tsx';

type Program = LibcChangeReport['programs'][number];
type Side = LibcChangeReport['from'];

const directions: Readonly<Record<LibcChangeReport['direction'], TextKey>> = {
  upgrade: 'change.upgrade',
  downgrade: 'change.downgrade',
  same: 'change.same',
  unknown: 'change.unordered',
};
const outcomes: Readonly<Record<Program['after'], TextKey>> = {
  starts: 'change.starts',
  fails: 'change.stops',
  unknown: 'change.unknown',
};
const icons = { starts: 'ok', fails: 'problem', unknown: 'unknown' } as const;

/** What another glibc would change for the programs found here. Nothing is installed. */
export function ChangeView() {
  const { inspections } = useDevmend();
  const { text, say } = useSpeech();
  const change = useInspections((state) => state.change);
  const { running, report, error } = change;
  const phase = change.phase === null ? text('change.working') : say(change.phase);
  return (
    <>
      <div className="content inspection">
        <h2>{text('change.heading')}</h2>
        <p className="muted">{text('change.text')}</p>
        {running && (
          <div className="panel">
            <p role="status">{phase}</p>
            <Progress label={phase} done={0} total={0} />
          </div>
        )}
        {error !== null && (
          <Notice icon="problem" alert>
            <ErrorText error={error} />
          </Notice>
        )}
        {report !== null && <Report report={report} />}
      </div>
      <ActionBar status={text('change.nothing')}>
        {running ? (
          <Button disabled={change.stopping} onPress={() => inspections.stopComparing()}>
            {text('repair.stop')}
          </Button>
        ) : (
          <>
            <Button onPress={() => void inspections.compare('directory')}>
              {text('change.directory')}
            </Button>
            <Button look="go" onPress={() => void inspections.compare('package')}>
              {text('change.package')}
            </Button>
          </>
        )}
      </ActionBar>
    </>
  );
}

function Report(props: { readonly report: LibcChangeReport }) {
  const { report } = props;
  const { text } = useSpeech();
  const stops = report.programs.filter(({ after }) => after === 'fails');
  const rest = report.programs.filter(({ after }) => after !== 'fails');
  return (
    <>
      <h2>{text(directions[report.direction])}</h2>
      <dl className="facts panel">
        <dt>{text('change.from')}</dt>
        <dd>
          <SideWords side={report.from} />
        </dd>
        <dt>{text('change.to')}</dt>
        <dd>
          <SideWords side={report.to} />
        </dd>
      </dl>
      <p className="hero">
        <Icon name={stops.length > 0 ? 'problem' : 'ok'} />
        <b>
          {stops.length > 0
            ? text('change.stop', { count: stops.length })
            : text('change.stop.none', { count: report.examined })}
        </b>
      </p>
      {report.programs.length > 0 && <Programs programs={[...stops, ...rest]} />}
      <Libraries report={report} />
    </>
  );
}

function SideWords(props: { readonly side: Side }) {
  const { origin, packageVersion, release } = props.side;
  const home = useApp((state) => state.info?.home ?? null);
  return (
    <>
      {release !== null && <b>glibc {release}</b>} {packageVersion}{' '}
      <span className="mono muted">{shortPath(origin, home)}</span>
    </>
  );
}

function Programs(props: { readonly programs: readonly Program[] }) {
  const { text, say } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  return (
    <table className="simple releases">
      <thead>
        <tr>
          <th scope="col">{text('matrix.program')}</th>
          <th scope="col">{text('change.after')}</th>
          <th scope="col">{text('trace.why')}</th>
        </tr>
      </thead>
      <tbody>
        {props.programs.map((program) => (
          <tr key={program.path} data-after={program.after}>
            <th scope="row">
              {program.name}
              <span className="mono muted path">{shortPath(program.path, home)}</span>
            </th>
            <td>
              <span className="fit-word">
                <Icon name={icons[program.after]} />
                {text(outcomes[program.after])}
              </span>
            </td>
            <td>
              {say(program.reason)}
              {program.because.length > 0 && <ForcedNeeds needs={program.because} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Libraries(props: { readonly report: LibcChangeReport }) {
  const { text } = useSpeech();
  const changed = props.report.libraries.filter(
    ({ gained, lost, lostSymbols }) => gained.length + lost.length + lostSymbols.length > 0,
  );
  if (changed.length === 0) return <p className="muted">{text('change.versions.none')}</p>;
  return (
    <>
      <h2>{text('change.versions')}</h2>
      <table className="simple releases">
        <thead>
          <tr>
            <th scope="col">{text('trace.library')}</th>
            <th scope="col">{text('change.gained')}</th>
            <th scope="col">{text('change.lost')}</th>
          </tr>
        </thead>
        <tbody>
          {changed.map(({ soname, gained, lost, lostSymbols }) => (
            <tr key={soname}>
              <th scope="row">{soname}</th>
              <td className="mono">{gained.join(' · ') || '–'}</td>
              <td className="mono">
                {lost.join(' · ') || '–'}
                {lostSymbols.length > 0 && (
                  <details>
                    <summary>{text('change.lostSymbols', { count: lostSymbols.length })}</summary>
                    {lostSymbols.slice(0, 200).join(' · ')}
                    {lostSymbols.length > 200 && ` · +${lostSymbols.length - 200}`}
                  </details>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
