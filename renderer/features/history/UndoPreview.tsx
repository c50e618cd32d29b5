import { useState } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import type { PathStanding, TransactionDetail, UndoPreview } from '../../../shared/history.ts';
import type { DiffLine } from '../../../shared/plan.ts';
import type { TextKey } from '../../i18n/i18n.ts';
import { useApp, useDevmend, useHistory, useSpeech } from '../../state/window.tsx';
import { Badge, ReversibilityBadge, type Tone } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/ChangeCard.tsx';
import { Diff } from '../../ui/Diff.tsx';
import { formatBytes, formatWhen, shortPath } from '../../ui/format.ts';
import { ErrorText, Notice } from '../../ui/Notice.tsx';
import { differenceWord } from './status.ts';
import { ThreeWay } from './ThreeWay.tsx';

const standings: Readonly<Record<PathStanding, { tone: Tone; word: TextKey }>> = {
  unchanged: { tone: 'ok', word: 'standing.unchanged' },
  changed: { tone: 'warn', word: 'standing.changed' },
  missing: { tone: 'warn', word: 'standing.missing' },
  'already-restored': { tone: 'neutral', word: 'standing.restored' },
  unreadable: { tone: 'error', word: 'standing.unreadable' },
};

/** What undo will do, and what will be true afterwards; shown before anything can be pressed. */
export function UndoPreviewView(props: { readonly detail: TransactionDetail }) {
  const { text, say } = useSpeech();
  const preview = useHistory((state) => state.preview);
  if (!props.detail.canUndo) return null;
  if (preview === null) return <p className="muted">{text('undo.looking')}</p>;
  return (
    <section aria-label={text('undo.heading')} data-testid="undo-preview">
      <h3 className="h2">{text('undo.heading')}</h3>
      {!preview.possible && preview.reason !== null && (
        <Notice icon="warning">
          <ErrorText error={preview.reason} />
        </Notice>
      )}
      <Later preview={preview} />
      <UndoItems preview={preview} />
      {preview.conflicts > 0 && <Conflict detail={props.detail} preview={preview} />}
      {preview.afterwards !== null && <p className="muted">{say(preview.afterwards)}</p>}
      {preview.problems.map((problem, index) => (
        <p key={index} className="muted">
          {say(problem)}
        </p>
      ))}
    </section>
  );
}

function UndoItems(props: { readonly preview: UndoPreview }) {
  const { text, say, language } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  return (
    <ul className="plain">
      {props.preview.items.map((item, index) => {
        const { tone, word } = standings[item.standing];
        const title = say(item.title);
        return (
          <Card
            key={index}
            icon={false}
            title={title}
            target={shortPath(item.target, home)}
            facts={
              <>
                {item.bytes > 0 && (
                  <span className="muted num">{formatBytes(item.bytes, language())}</span>
                )}
                {item.reversibility !== 'full' && (
                  <ReversibilityBadge reversibility={item.reversibility} />
                )}
                <Badge tone={tone}>{text(word)}</Badge>
              </>
            }
          >
            {item.differences.length > 0 && (
              <p className="card-notes">
                {text('undo.differs', {
                  what: item.differences
                    .map((difference) => {
                      const key = differenceWord(difference);
                      return key === null ? difference : text(key);
                    })
                    .join(text('list.separator')),
                })}
              </p>
            )}
            {isValue(item.diff) ? (
              <ValueChange diff={item.diff} />
            ) : (
              item.diff.length > 0 && (
                <Diff lines={item.diff} label={text('diff.label', { title })} />
              )
            )}
          </Card>
        );
      })}
    </ul>
  );
}

/** A value of the system has no lines: what is there now, and what comes back. */
function isValue(diff: readonly DiffLine[]): boolean {
  return diff.length > 0 && diff.every(({ line }) => line === null);
}

function ValueChange(props: { readonly diff: readonly DiffLine[] }) {
  const { text } = useSpeech();
  const value = (sign: DiffLine['sign']) =>
    props.diff
      .filter((line) => line.sign === sign)
      .map((line) => line.text)
      .join('\n');
  return (
    <dl className="value-change">
      <dt>{text('value.now')}</dt>
      <dd className="mono">{value('-')}</dd>
      <dt>{text('value.then')}</dt>
      <dd className="mono">{value('+')}</dd>
    </dl>
  );
}

function Later(props: { readonly preview: UndoPreview }) {
  const { text, say, language } = useSpeech();
  const { later } = props.preview;
  if (later.length === 0) return null;
  return (
    <Notice icon="info">
      {text('undo.later', { count: later.length })}
      <ul className="later">
        {later.map((transaction) => (
          <li key={transaction.id}>
            {say(transaction.title)}{' '}
            <span className="muted">{formatWhen(transaction.at, language())}</span>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** Somebody changed what the repair left: keep it (default), restore anyway, or compare first. */
function Conflict(props: { readonly detail: TransactionDetail; readonly preview: UndoPreview }) {
  const { history } = useDevmend();
  const { text } = useSpeech();
  const [comparing, setComparing] = useState(false);
  const onConflict = useHistory((state) => state.onConflict);
  const options = [
    ['keep', 'conflict.keep', 'conflict.keep.note'],
    ['restore', 'conflict.restore', 'conflict.restore.note'],
  ] as const;
  return (
    <div className="conflict">
      <RadioGroup
        className="choices"
        value={onConflict}
        onChange={(value) => history.resolveConflictsBy(value === 'restore' ? 'restore' : 'keep')}
      >
        <Label className="h2">{text('conflict.heading', { count: props.preview.conflicts })}</Label>
        {options.map(([value, title, note]) => (
          <Radio key={value} value={value} className="choice">
            <span className="radio" aria-hidden="true" />
            <span className="choice-text">
              <b>{text(title)}</b>{' '}
              {value === 'keep' && <span className="muted">{text('repairs.default')}</span>}
              <span className="note">{text(note)}</span>
            </span>
          </Radio>
        ))}
      </RadioGroup>
      <Button expanded={comparing} onPress={() => setComparing(!comparing)}>
        {text(comparing ? 'conflict.compare.hide' : 'conflict.compare')}
      </Button>
      {comparing && <ThreeWay detail={props.detail} preview={props.preview} />}
    </div>
  );
}
