import type { ReactNode } from 'react';
import type { ChangePreview } from '../../shared/plan.ts';
import { useApp, useSpeech } from '../state/window.tsx';
import { Badge, ReversibilityBadge } from './Badge.tsx';
import { CopyButton } from './CopyButton.tsx';
import { Diff } from './Diff.tsx';
import { commandLine, formatBytes, shortPath } from './format.ts';
import { Icon } from './Icon.tsx';
import { Path } from './Path.tsx';

/** A card with a title line and, below it, what belongs to it. */
export function Card(props: {
  readonly title: string;
  readonly target: string;
  readonly facts: ReactNode;
  readonly children?: ReactNode;
  readonly icon?: boolean;
}) {
  return (
    <li className="card">
      <div className="card-head">
        {props.icon !== false && <Icon name="info" />}
        <div className="grow">
          <b>{props.title}</b>{' '}
          <span className="mono muted">
            <Path>{props.target}</Path>
          </span>
        </div>
        <div className="card-facts">{props.facts}</div>
      </div>
      {props.children}
    </li>
  );
}

/** What one change will do (or did): title, place, size, rights, way back, lines, commands. */
export function ChangeCard(props: { readonly preview: ChangePreview }) {
  const { preview } = props;
  const { text, say, language } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  const target =
    preview.through === null
      ? shortPath(preview.target, home)
      : `${shortPath(preview.target, home)} → ${shortPath(preview.through, home)}`;
  const title = say(preview.title);
  return (
    <Card
      title={title}
      target={target}
      facts={
        <>
          {preview.bytes > 0 && (
            <span className="muted num">{formatBytes(preview.bytes, language())}</span>
          )}
          {preview.through !== null && <Badge tone="warn">{text('plan.followsLink')}</Badge>}
          {preview.privilege === 'root' && <Badge tone="warn">{text('plan.needsRoot')}</Badge>}
          <ReversibilityBadge reversibility={preview.reversibility} />
        </>
      }
    >
      <ChangeNotes preview={preview} />
      {preview.diff.length > 0 && (
        <Diff lines={preview.diff} label={text('diff.label', { title })} />
      )}
      {preview.commands.length > 0 && <Commands commands={preview.commands} title={title} />}
    </Card>
  );
}

function ChangeNotes(props: { readonly preview: ChangePreview }) {
  const { say } = useSpeech();
  const { notes, reversibilityReason } = props.preview;
  if (notes.length === 0 && reversibilityReason === null) return null;
  return (
    <div className="card-notes">
      {reversibilityReason !== null && <p>{say(reversibilityReason)}</p>}
      {notes.map((note, index) => (
        <p key={index} className="muted">
          {say(note)}
        </p>
      ))}
    </div>
  );
}

function Commands(props: {
  readonly commands: readonly (readonly string[])[];
  readonly title: string;
}) {
  const { text } = useSpeech();
  const lines = props.commands.map(commandLine);
  return (
    <details className="commands">
      <summary>{text('plan.commands', { count: lines.length })}</summary>
      <div className="commands-body">
        <ul
          className="plain mono"
          // Long commands scroll sideways; the keyboard must be able to get there.
          tabIndex={0}
          aria-label={text('plan.commands.label', { title: props.title })}
        >
          {lines.map((line, index) => (
            <li key={index}>
              <span className="muted">$ </span>
              {line}
            </li>
          ))}
        </ul>
        <CopyButton text={lines.join('\n')} what={text('plan.commands', { count: lines.length })} />
      </div>
    </details>
  );
}
