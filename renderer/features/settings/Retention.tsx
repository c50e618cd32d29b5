import { useEffect, useRef, useState } from 'react';
import type { ErrorData } from '../../../shared/error.ts';
import {
  retentionLimitsSchema,
  type RetentionLimits,
  type RetentionOutcome,
  type RetentionPreview,
} from '../../../shared/history.ts';
import { useApp, useDevmend, useSpeech } from '../../state/window.tsx';
import { useAnnounce } from '../../ui/Announcer.tsx';
import { Button } from '../../ui/Button.tsx';
import { formatBytes, formatDay } from '../../ui/format.ts';
import { ErrorText, Notice } from '../../ui/Notice.tsx';

const limitNames = ['repairs', 'days', 'megabytes'] as const;
const limitWords = {
  repairs: ['retention.repairs', 'retention.repairs.number', 'retention.invalid.repairs'],
  days: ['retention.days', 'retention.days.number', 'retention.invalid.days'],
  megabytes: ['retention.megabytes', 'retention.megabytes.number', 'retention.invalid.megabytes'],
} as const;
const mostOf = (name: (typeof limitNames)[number]): number =>
  retentionLimitsSchema.shape[name].unwrap().unwrap().maxValue ?? Infinity;
const fits = (name: (typeof limitNames)[number], value: number | null): boolean =>
  retentionLimitsSchema.shape[name].safeParse(value).success;
const usual = retentionLimitsSchema.parse({});
const MEGABYTE = 1_000_000;
const SETTLES_MS = 300;

/** How long repairs stay in the history, and what would go by these limits. */
export function Retention() {
  const { text } = useSpeech();
  const saved = useApp((state) => state.settings?.retention ?? null);
  return (
    <section aria-label={text('retention.heading')}>
      <h2>{text('retention.heading')}</h2>
      <p className="muted">{text('retention.text')}</p>
      {saved !== null && <Limits saved={saved} />}
    </section>
  );
}

function Limits(props: { readonly saved: RetentionLimits }) {
  const { app } = useDevmend();
  const { text } = useSpeech();
  const announce = useAnnounce();
  const [limits, setLimits] = useState<RetentionLimits>(props.saved);
  const wrong = limitNames.filter((name) => !fits(name, limits[name]));
  const valid = wrong.length === 0;
  const edited = limitNames.some((name) => limits[name] !== props.saved[name]);
  const save = async () => {
    await app.changeSettings({ retention: limits });
    announce(text('retention.saved'));
  };
  return (
    <>
      {limitNames.map((name) => (
        <Limit
          key={name}
          name={name}
          value={limits[name]}
          onChange={(value) => setLimits({ ...limits, [name]: value })}
        />
      ))}
      <Button
        // Not while there is nothing to save: a button that goes out takes the focus with it.
        disabled={!valid}
        onPress={() => void save()}
      >
        {text('retention.save')}
      </Button>
      {valid ? (
        <Expiring limits={limits} edited={edited} />
      ) : (
        <div className="expiring problem-text" role="status">
          {wrong.map((name) => (
            <div key={name}>{text(limitWords[name][2], { most: mostOf(name) })}</div>
          ))}
        </div>
      )}
    </>
  );
}

function Limit(props: {
  readonly name: (typeof limitNames)[number];
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
}) {
  const { text, language } = useSpeech();
  const { name, value } = props;
  const [word, number] = limitWords[name];
  return (
    <div className="limit">
      <label className="inline-check">
        <input
          type="checkbox"
          checked={value !== null}
          onChange={(event) => props.onChange(event.target.checked ? usual[name] : null)}
        />
        {text(word)}
      </label>
      <input
        type="number"
        className="input"
        min={1}
        max={mostOf(name)}
        aria-label={text(number)}
        aria-invalid={!fits(name, value)}
        disabled={value === null}
        value={value === null || value === 0 ? '' : value}
        onChange={(event) => props.onChange(Math.trunc(Number(event.target.value)))}
      />
      {name === 'megabytes' && value !== null && (
        <span className="muted num">{formatBytes(value * MEGABYTE, language())}</span>
      )}
    </div>
  );
}

/** A value once it has stayed the same for a moment: numbers are typed digit by digit. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** What would go, in words and as a list; nothing goes before it has been asked for twice. */
function Expiring(props: { readonly limits: RetentionLimits; readonly edited: boolean }) {
  const { client, history } = useDevmend();
  const { text, say, language } = useSpeech();
  const [preview, setPreview] = useState<RetentionPreview | null>(null);
  const [error, setError] = useState<ErrorData | null>(null);
  const [outcome, setOutcome] = useState<RetentionOutcome | null>(null);
  const [asking, setAsking] = useState(false);
  const [kept, setKept] = useState(false);
  const limits = useSettled(props.limits);
  useEffect(() => {
    let wanted = true;
    void client.call('retention.preview', { limits }).then((answer) => {
      if (!wanted) return;
      setPreview(answer.ok ? answer.value : null);
      setError(answer.ok ? null : answer.error);
    });
    return () => {
      wanted = false;
    };
  }, [client, limits, outcome]);
  const remove = async () => {
    setAsking(false);
    const expected = preview?.expired.map(({ id }) => id) ?? [];
    const job = client.stream('retention.start', { expected }, () => undefined);
    const answer = await job.result;
    setOutcome(answer.ok ? answer.value : null);
    setError(answer.ok ? null : answer.error);
    await history.load();
  };
  const keep = () => {
    setAsking(false);
    setKept(true);
  };
  const count = preview?.expired.length ?? 0;
  const copies = preview?.expired.filter(({ onlyCopy }) => onlyCopy).length ?? 0;
  return (
    <div className="expiring">
      {error !== null && (
        <Notice icon="problem" alert>
          <ErrorText error={error} />
        </Notice>
      )}
      {outcome !== null && <Removed outcome={outcome} />}
      {preview !== null && (
        <p role="status">
          {count === 0
            ? text('retention.nothing', {
                repairs: preview.repairs,
                size: formatBytes(preview.usedBytes, language()),
              })
            : text('retention.would', {
                count,
                size: formatBytes(preview.freedBytes, language()),
              })}
          {copies > 0 && ` ${text('retention.copies', { count: copies })}`}
        </p>
      )}
      {preview !== null && count > 0 && (
        <details>
          <summary>{text('retention.which')}</summary>
          <ul className="expired">
            {preview.expired.slice(0, 200).map(({ id, title, at, bytes, inEffect, onlyCopy }) => (
              <li key={id}>
                {say(title)}{' '}
                <span className="muted">
                  {formatDay(at, language())} · {formatBytes(bytes, language())}
                  {inEffect && ` · ${text('retention.inEffect')}`}
                  {onlyCopy && ` · ${text('retention.onlyCopy')}`}
                </span>
              </li>
            ))}
          </ul>
          {count > 200 && <p className="muted">{text('retention.more', { more: count - 200 })}</p>}
        </details>
      )}
      {count > 0 && !props.edited && !asking && (
        <Button look="danger" autoFocus={kept} onPress={() => setAsking(true)}>
          {text('retention.remove', { count })}
        </Button>
      )}
      {asking && count > 0 && !props.edited && (
        <Notice
          icon="warning"
          alert
          actions={
            <>
              <Button autoFocus onPress={() => keep()}>
                {text('retention.keep')}
              </Button>
              <Button look="danger" onPress={() => void remove()}>
                {text('retention.confirm', { count })}
              </Button>
            </>
          }
        >
          {text('retention.sure', { count })}
          {copies > 0 && ` ${text('retention.copies', { count: copies })}`}
        </Notice>
      )}
    </div>
  );
}

function Removed(props: { readonly outcome: RetentionOutcome }) {
  const { text, language } = useSpeech();
  const sentence = useRef<HTMLSpanElement>(null);
  const { removed, freedBytes, failures } = props.outcome;
  // The button that asked for it is gone.
  useEffect(() => sentence.current?.focus(), [props.outcome]);
  return (
    <>
      <Notice icon="ok" alert>
        <span ref={sentence} tabIndex={-1}>
          {text('retention.removed', {
            count: removed.length,
            size: formatBytes(freedBytes, language()),
          })}
        </span>
      </Notice>
      {failures.map(({ id, error }) => (
        <Notice key={id} icon="problem">
          <ErrorText error={error} />
        </Notice>
      ))}
    </>
  );
}
