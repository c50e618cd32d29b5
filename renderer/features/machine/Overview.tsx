import type { ScanReport } from '../../../shared/finding.ts';
import type { ProbeStatus } from '../../../shared/snapshot.ts';
import type { TextKey } from '../../i18n/i18n.ts';
import { useApp, useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { ActionBar } from '../../ui/ActionBar.tsx';
import { Badge, type Tone } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { formatDuration, formatMoment, shortPath } from '../../ui/format.ts';
import { AddedPrograms } from '../settings/AddedPrograms.tsx';

const probeStates: Readonly<Record<ProbeStatus, { tone: Tone; word: TextKey }>> = {
  ok: { tone: 'ok', word: 'probe.ok' },
  partial: { tone: 'warn', word: 'probe.partial' },
  denied: { tone: 'warn', word: 'probe.denied' },
  failed: { tone: 'error', word: 'probe.failed' },
};
/** Probes whose names are worth translating; another one is shown by its id. */
const probeNames: Readonly<Record<string, TextKey>> = {
  distribution: 'probe.name.distribution',
  kernel: 'probe.name.kernel',
  libc: 'probe.name.libc',
  editors: 'probe.name.editors',
  'editor-settings': 'probe.name.editorSettings',
  'go-tools': 'probe.name.goTools',
  programs: 'probe.name.programs',
};

/** What is known of this machine, and how it was found out. */
export function Overview() {
  const { app } = useDevmend();
  const { text, language } = useSpeech();
  const report = useWizard((state) => state.scan.report);
  return (
    <>
      <div className="content">
        {report === null ? (
          <>
            <h2>{text('machine.never')}</h2>
            <p className="muted">{text('machine.never.text')}</p>
          </>
        ) : (
          <>
            <Facts machine={report.machine} />
            <Editors machine={report.machine} />
            <Probes report={report} />
          </>
        )}
        <h2>{text('programs.heading')}</h2>
        <AddedPrograms />
      </div>
      <ActionBar
        status={
          report === null
            ? text('machine.never')
            : text('clear.when', { when: formatMoment(report.takenAt, language()) })
        }
      >
        <Button look="go" onPress={() => app.go('repair')}>
          {text(report === null ? 'history.empty.go' : 'machine.toRepair')}
        </Button>
      </ActionBar>
    </>
  );
}

function Facts(props: { readonly machine: ScanReport['machine'] }) {
  const { text } = useSpeech();
  const { machine } = props;
  const facts: readonly (readonly [TextKey, string | null])[] = [
    ['machine.distribution', machine.distribution],
    ['machine.kernel', machine.kernel],
    ['machine.architecture', machine.architecture],
    ['machine.libc', machine.libc],
    ['machine.libstdcxx', machine.libstdcxx],
    ['machine.go', machine.go === null ? null : `Go ${machine.go}`],
    ['machine.user', machine.user],
    ['machine.home', machine.home],
    ['machine.root', machine.root],
  ];
  return (
    <>
      <h2>{text('machine.facts')}</h2>
      <dl className="facts panel">
        {facts.map(([name, value]) => (
          <div className="contents" key={name}>
            <dt>{text(name)}</dt>
            <dd className={value === null ? 'muted' : ''}>{value ?? text('machine.notFound')}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Editors(props: { readonly machine: ScanReport['machine'] }) {
  const { text } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  const { editors } = props.machine;
  return (
    <>
      <h2>{text('machine.editors')}</h2>
      {editors.length === 0 && <p className="muted">{text('machine.editors.none')}</p>}
      {editors.length > 0 && (
        <dl className="facts panel">
          {editors.map((editor) => (
            <div className="contents" key={editor.directory}>
              <dt>
                {editor.name} {editor.version}
              </dt>
              <dd className="mono">{shortPath(editor.directory, home)}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

function Probes(props: { readonly report: ScanReport }) {
  const { text, language } = useSpeech();
  return (
    <>
      <h2>{text('machine.probes')}</h2>
      <table className="simple">
        <thead>
          <tr>
            <th scope="col">{text('probe.what')}</th>
            <th scope="col">{text('history.state')}</th>
            <th scope="col">{text('probe.time')}</th>
          </tr>
        </thead>
        <tbody>
          {props.report.probes.map((probe) => {
            const name = probeNames[probe.id];
            const { tone, word } = probeStates[probe.status];
            return (
              <tr key={probe.id}>
                <td>
                  {name === undefined ? probe.id : text(name)}
                  {probe.reason !== null && <div className="muted">{probe.reason}</div>}
                </td>
                <td>
                  <Badge tone={tone}>{text(word)}</Badge>
                </td>
                <td className="num">{formatDuration(probe.ms, language(), 'narrow')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}
