import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useDevmend, useSpeech } from '../state/window.tsx';
import { useAnnounce } from '../ui/Announcer.tsx';
import { writeClipboard } from '../ui/CopyButton.tsx';
import type { TerminalHandle } from './TerminalView.tsx';
import type { Transcript } from './transcript.ts';
import { TranscriptText } from './TranscriptText.tsx';

/** xterm is a third of the window's code and often not needed: loaded when the drawer opens. */
const TerminalView = lazy(async () => ({
  default: (await import('./TerminalView.tsx')).TerminalView,
}));

/**
 * What the repair runs and prints. Closed until wanted; opens by itself when
 * something fails.
 */
export function TerminalDrawer(props: {
  readonly transcript: Transcript;
  readonly failed: boolean;
}) {
  const { text } = useSpeech();
  const [open, setOpen] = useState(props.failed);
  const [failed, setFailed] = useState(props.failed);
  if (props.failed !== failed) {
    setFailed(props.failed);
    if (props.failed) setOpen(true);
  }
  return (
    <section className={open ? 'drawer open' : 'drawer'} aria-label={text('terminal')}>
      {open ? (
        <OpenDrawer transcript={props.transcript} onHide={() => setOpen(false)} />
      ) : (
        <div className="drawer-head">
          <button type="button" aria-expanded={false} onClick={() => setOpen(true)}>
            {text('terminal.show')}
          </button>
        </div>
      )}
    </section>
  );
}

function OpenDrawer(props: { readonly transcript: Transcript; readonly onHide: () => void }) {
  const { transcript } = props;
  const { text } = useSpeech();
  const terminal = useRef<TerminalHandle>(null);
  const [searching, setSearching] = useState(false);
  return (
    <>
      <div className="drawer-head">
        <b>{text('terminal')}</b>
        <button type="button" aria-expanded={searching} onClick={() => setSearching(!searching)}>
          {text('terminal.search')}
        </button>
        <CopyAll transcript={transcript} />
        <SaveAll transcript={transcript} />
        <button type="button" className="last" aria-expanded onClick={props.onHide}>
          {text('terminal.hide')}
        </button>
      </div>
      {searching && (
        <SearchField onSearch={(words, back) => terminal.current?.find(words, back) ?? false} />
      )}
      <TranscriptText transcript={transcript} label={text('terminal.content')} />
      <Suspense fallback={<div className="drawer-terminal" />}>
        <TerminalView ref={terminal} transcript={transcript} label={text('terminal.content')} />
      </Suspense>
    </>
  );
}

function CopyAll(props: { readonly transcript: Transcript }) {
  const { text } = useSpeech();
  const announce = useAnnounce();
  const copy = async () => {
    announce(text((await writeClipboard(props.transcript.plain())) ? 'copy.done' : 'copy.failed'));
  };
  return (
    <button type="button" onClick={() => void copy()}>
      {text('terminal.copy')}
    </button>
  );
}

function SaveAll(props: { readonly transcript: Transcript }) {
  const { client } = useDevmend();
  const { text } = useSpeech();
  const announce = useAnnounce();
  const save = async () => {
    const result = await client.call('terminal.save', { text: props.transcript.plain() });
    if (!result.ok) announce(text('save.failed'));
    else if (result.value.saved) announce(text('terminal.saved'));
  };
  return (
    <button type="button" onClick={() => void save()}>
      {text('terminal.save')}
    </button>
  );
}

function SearchField(props: { readonly onSearch: (words: string, back: boolean) => boolean }) {
  const { text } = useSpeech();
  const announce = useAnnounce();
  const field = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState('');
  useEffect(() => field.current?.focus(), []);
  const search = (back: boolean) => {
    if (words === '') return;
    announce(text(props.onSearch(words, back) ? 'terminal.search.found' : 'terminal.search.none'));
  };
  return (
    <form
      className="drawer-search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        search(false);
      }}
    >
      <input
        ref={field}
        type="search"
        aria-label={text('terminal.search.label')}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <button type="button" onClick={() => search(true)}>
        {text('terminal.search.previous')}
      </button>
      <button type="submit">{text('terminal.search.next')}</button>
    </form>
  );
}
