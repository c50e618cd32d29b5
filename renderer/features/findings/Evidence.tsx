import { assertNever } from '../../../shared/error.ts';
import type { ChainHop, Evidence, Severity } from '../../../shared/finding.ts';
import type { ProgramReference } from '../../../shared/snapshot.ts';
import { useSpeech } from '../../state/window.tsx';
import type { Speech } from '../../i18n/i18n.ts';
import { severityIcon } from '../../ui/Badge.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { baseName, formatMoment, shortPath } from '../../ui/format.ts';
import { foundByNames } from '../../ui/found-by.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Path } from '../../ui/Path.tsx';

type ChainEvidence = Extract<Evidence, { hops: unknown }>;

/** Everything a finding rests on, each kind drawn in its own way. */
export function EvidenceList(props: {
  readonly evidence: readonly Evidence[];
  readonly severity: Severity;
  readonly home: string | null;
}) {
  const references = props.evidence.filter((item) => item.kind === 'reference');
  const first = references[0];
  return (
    <div className="evidence">
      {props.evidence.map((item, index) => (
        <EvidenceItem
          key={index}
          evidence={item}
          severity={props.severity}
          origin={first === undefined ? null : first.reference}
          home={props.home}
        />
      ))}
    </div>
  );
}

function EvidenceItem(props: {
  readonly evidence: Evidence;
  readonly severity: Severity;
  readonly origin: ProgramReference | null;
  readonly home: string | null;
}) {
  const { say, language } = useSpeech();
  const { evidence } = props;
  switch (evidence.kind) {
    case 'version-chain':
    case 'missing-chain':
      return <Chain evidence={evidence} severity={props.severity} origin={props.origin} />;
    case 'reference':
      return <Reference reference={evidence.reference} home={props.home} />;
    case 'measured':
      return (
        <p className="reference">
          {say(evidence.label)} <b className="mono">{evidence.value}</b>{' '}
          <span className="muted">{formatMoment(evidence.at, language())}</span>
        </p>
      );
    default:
      return assertNever(evidence);
  }
}

/** The way from the program to the link that breaks; a list, stitched together. */
function Chain(props: {
  readonly evidence: ChainEvidence;
  readonly severity: Severity;
  readonly origin: ProgramReference | null;
}) {
  const { text } = useSpeech();
  const { evidence } = props;
  const subject = evidence.hops[0]?.name ?? '';
  // The link that breaks is as bad as the finding, in shape and colour.
  const broken = props.severity === 'error' ? 'hop broken' : 'hop broken weak';
  return (
    <div className="chain">
      <ol className="plain" aria-label={text('evidence.chain', { program: subject })}>
        {evidence.hops.map((hop, index) => (
          <li key={index} className={hop.state === 'broken' ? broken : 'hop'}>
            <Icon name={hop.state === 'broken' ? severityIcon(props.severity) : 'ok'} />
            <HopText hop={hop} evidence={evidence} />
            <HopFact hop={hop} evidence={evidence} origin={index === 0 ? props.origin : null} />
          </li>
        ))}
      </ol>
      {evidence.kind === 'version-chain' ? (
        <Symbols symbols={evidence.symbols} />
      ) : (
        <Searched directories={evidence.searched} />
      )}
    </div>
  );
}

function HopText(props: { readonly hop: ChainHop; readonly evidence: ChainEvidence }) {
  const { text } = useSpeech();
  const { hop, evidence } = props;
  const broken = hop.state === 'broken';
  return (
    <div className="hop-text">
      <b>{hop.name}</b>{' '}
      {hop.path !== null && (
        <span className="path mono">
          <Path>{hop.path}</Path>
        </span>
      )}{' '}
      {broken && evidence.kind === 'version-chain' && (
        <>
          {text(evidence.weak ? 'evidence.lacksWeak' : 'evidence.lacks')} <b>{evidence.version}</b>
          {evidence.present !== null && (
            <span className="present">
              {text('evidence.present', { version: evidence.present })}
            </span>
          )}
        </>
      )}
      {broken && evidence.kind === 'missing-chain' && (
        <span>{text(hop.path === null ? 'evidence.notFound' : 'evidence.refused')}</span>
      )}
    </div>
  );
}

function HopFact(props: {
  readonly hop: ChainHop;
  readonly evidence: ChainEvidence;
  readonly origin: ProgramReference | null;
}) {
  const speech = useSpeech();
  const { hop, evidence, origin } = props;
  const fact =
    hop.state === 'broken' && evidence.kind === 'version-chain' && evidence.symbols.length > 0
      ? speech.text('evidence.symbols', { count: evidence.symbols.length })
      : hop.foundBy !== null
        ? speech.text(foundByNames[hop.foundBy])
        : origin !== null
          ? originText(origin, speech)
          : '';
  return <span className="hop-fact">{fact}</span>;
}

function originText(reference: ProgramReference, { text }: Speech): string {
  switch (reference.kind) {
    case 'setting':
      return text('origin.setting', {
        setting: reference.setting,
        place: `${baseName(reference.file)}:${reference.line}`,
      });
    case 'path':
      return text('origin.path');
    case 'editor':
      return text('origin.editor', { editor: reference.editorName });
    case 'user':
      return text('origin.user');
    default:
      return assertNever(reference);
  }
}

function Symbols(props: { readonly symbols: readonly string[] }) {
  const { text } = useSpeech();
  if (props.symbols.length === 0) return null;
  return (
    <div className="symbols">
      <span className="visually-hidden">{text('evidence.symbolNames')} </span>
      <span className="mono muted">{props.symbols.join(' · ')}</span>
      <CopyButton text={props.symbols.join('\n')} what={text('evidence.symbolNames')} />
    </div>
  );
}

function Searched(props: { readonly directories: readonly string[] }) {
  const { text } = useSpeech();
  if (props.directories.length === 0) return null;
  return (
    <details className="symbols-details">
      <summary>{text('evidence.searched', { count: props.directories.length })}</summary>
      <ul className="plain mono muted">
        {props.directories.map((directory) => (
          <li key={directory}>{directory}</li>
        ))}
      </ul>
    </details>
  );
}

/** What names the program: file and line of a setting, a directory of PATH, an editor, the user. */
function Reference(props: { readonly reference: ProgramReference; readonly home: string | null }) {
  const { text } = useSpeech();
  const { reference } = props;
  if (reference.kind === 'setting') {
    const place = `${shortPath(reference.file, props.home)}:${reference.line}`;
    return (
      <p className="reference">
        {text('reference.setting', { editor: reference.editorName })}{' '}
        <span className="mono">{place}</span>
        <CopyButton text={`${reference.file}:${reference.line}`} what={text('reference.place')} />
        <br />
        <code className="mono muted">
          {JSON.stringify(reference.setting)}: {JSON.stringify(reference.value)}
        </code>
      </p>
    );
  }
  if (reference.kind === 'path') {
    return (
      <p className="reference">
        {text('reference.path', { name: reference.name })}{' '}
        <span className="mono">{shortPath(reference.directory, props.home)}</span>
      </p>
    );
  }
  return (
    <p className="reference">
      {reference.kind === 'editor'
        ? text('reference.editor', { editor: reference.editorName })
        : text('reference.user')}
    </p>
  );
}
