import type { TransactionDetail } from '../../../shared/history.ts';
import type { Message } from '../../../shared/message.ts';
import { useApp, useHistory, useSpeech } from '../../state/window.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { ChangeCard } from '../../ui/ChangeCard.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import {
  formatBytes,
  formatDuration,
  formatMoment,
  joinSentences,
  shortPath,
} from '../../ui/format.ts';
import { JobSteps } from '../../ui/JobSteps.tsx';
import { Kept } from '../../ui/Kept.tsx';
import { ErrorText, Notice } from '../../ui/Notice.tsx';
import { Verifications } from '../../ui/Verifications.tsx';
import { EntryActions, EntryLife } from './EntryActions.tsx';
import { standingOf } from './status.ts';
import { UndoPreviewView } from './UndoPreview.tsx';

/** One transaction: how it went, what undo would do now, what it changed, what it proved. */
export function TransactionDetailView() {
  const { text } = useSpeech();
  const detail = useHistory((state) => state.detail);
  const error = useHistory((state) => state.detailError);
  const running = useHistory((state) => state.work.running);
  return (
    <article className="detail" aria-label={text('history.detail')} aria-busy={detail === null}>
      {error !== null && (
        <Notice icon="warning">
          <ErrorText error={error} />
        </Notice>
      )}
      <WorkResult />
      {detail !== null && (
        <>
          <Headline detail={detail} />
          {!running && <UndoPreviewView detail={detail} />}
          {!running && <WhatItDid detail={detail} />}
        </>
      )}
    </article>
  );
}

function Headline(props: { readonly detail: TransactionDetail }) {
  const { text, say, language } = useSpeech();
  const { summary, failure } = props.detail;
  const { tone, word } = standingOf(summary);
  const facts = [
    text(`history.type.${summary.type}`, { when: formatMoment(summary.at, language()) }),
    summary.durationMs === null
      ? null
      : text('history.took', { time: formatDuration(summary.durationMs, language()) }),
    summary.imageBytes > 0
      ? text('history.images', { size: formatBytes(summary.imageBytes, language()) })
      : null,
  ];
  return (
    <>
      <Badge tone={tone}>{text(word)}</Badge>
      <h2 className="h1">{say(summary.title)}</h2>
      <p className="muted">
        {joinSentences(
          facts.filter((fact) => fact !== null),
          language(),
        )}
      </p>
      <p className="muted mono finding-id">
        {summary.id}
        <CopyButton text={summary.id} what={text('history.id')} />
      </p>
      <EntryLife summary={summary} />
      <EntryActions detail={props.detail} />
      {summary.damaged && <Notice icon="problem">{text('history.damaged')}</Notice>}
      {failure !== null && (
        <Notice icon={summary.status === 'interrupted' ? 'problem' : 'warning'}>
          <ErrorText error={failure} />
        </Notice>
      )}
    </>
  );
}

function WhatItDid(props: { readonly detail: TransactionDetail }) {
  const { text } = useSpeech();
  const { previews, verifications, canUndo, canRedo, explanation } = props.detail;
  return (
    <>
      {canRedo && <Sentences title={text('history.redo.will')} sentences={explanation.next} />}
      <Sentences title={text('history.explained')} sentences={explanation.done} />
      {verifications.length > 0 && (
        <>
          <h3 className="h2">{text('done.proven')}</h3>
          <Verifications verifications={verifications} />
        </>
      )}
      {previews.length > 0 && (
        <details className="group-details" open={!canUndo}>
          <summary>{text('history.whatItDid', { count: previews.length })}</summary>
          <ul className="plain">
            {previews.map((preview) => (
              <ChangeCard key={preview.change} preview={preview} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** What was done, or will be, a sentence a path. */
function Sentences(props: { readonly title: string; readonly sentences: readonly Message[] }) {
  const { say } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  if (props.sentences.length === 0) return null;
  return (
    <section aria-label={props.title}>
      <h3 className="h2">{props.title}</h3>
      <ul className="sentences">
        {props.sentences.map((sentence, index) => (
          <li key={index}>{say(withShortPaths(sentence, home))}</li>
        ))}
      </ul>
    </section>
  );
}

/** As on the cards: what lies in the home directory begins with a tilde. */
function withShortPaths({ key, params }: Message, home: string | null): Message {
  const short: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(params))
    short[name] = typeof value === 'string' ? shortPath(value, home) : value;
  return { key, params: short };
}

/** The undo or redo that runs, or how the last one ended. */
function WorkResult() {
  const { text, say } = useSpeech();
  const work = useHistory((state) => state.work);
  if (work.kind === 'none') return null;
  if (work.running) {
    return (
      <section aria-label={text(`history.${work.kind}.running`)}>
        <h2 className="h1">{text(`history.${work.kind}.running`)}</h2>
        <JobSteps work={work.view} label={text(`history.${work.kind}.running`)} />
      </section>
    );
  }
  const failure = work.error ?? work.outcome?.failure ?? null;
  if (failure !== null) {
    return (
      <Notice icon="problem" alert>
        <b>{text(`history.${work.kind}.failed`)}</b>
        <ErrorText error={failure} />
      </Notice>
    );
  }
  if (work.outcome === null) return null;
  return (
    <Notice icon="ok" alert>
      <b>{text(`history.${work.kind}.done`)}</b> {say(work.outcome.title)}
      <Kept outcomes={[work.outcome]} />
    </Notice>
  );
}
