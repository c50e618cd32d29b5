import { useEffect } from 'react';
import { Screen } from '../../app/Screen.tsx';
import { isNarrowed } from '../../state/history-pages.ts';
import { useDevmend, useHistory, useSpeech } from '../../state/window.tsx';
import { TerminalDrawer } from '../../terminal/TerminalDrawer.tsx';
import { useAnnounce } from '../../ui/Announcer.tsx';
import { Button } from '../../ui/Button.tsx';
import { Heading } from '../../ui/Heading.tsx';
import { ErrorText, Notice } from '../../ui/Notice.tsx';
import { HistoryBar } from './HistoryBar.tsx';
import { HistoryFilters } from './HistoryFilters.tsx';
import { HistoryTable } from './HistoryTable.tsx';
import { TransactionDetailView } from './TransactionDetail.tsx';

/** Every repair that was ever made, and the way back. */
export function HistoryScreen() {
  const { history, historyTranscript } = useDevmend();
  const status = useHistory((state) => state.status);
  const total = useHistory((state) => state.list.total);
  const work = useHistory((state) => state.work);
  useEffect(() => void history.load(), [history]);
  const failed = work.error !== null || (work.outcome?.failure ?? null) !== null;
  return (
    <Screen
      name="history"
      header={<HistoryHeader />}
      below={
        <>
          {work.kind !== 'none' && (
            <TerminalDrawer transcript={historyTranscript} failed={failed} />
          )}
          <HistoryBar />
        </>
      }
    >
      {status === 'failed' ? (
        <LoadFailed />
      ) : status === 'ready' && total === 0 ? (
        <EmptyHistory />
      ) : (
        <div className="columns history">
          <HistoryTable />
          <TransactionDetailView />
        </div>
      )}
    </Screen>
  );
}

function HistoryHeader() {
  const { text } = useSpeech();
  const total = useHistory((state) => state.list.total);
  return (
    <header className="top">
      <Heading>{text('nav.history')}</Heading>
      {total > 0 && <HistoryFilters />}
      <FilterResult />
    </header>
  );
}

/** Says how much the filter lets through, without moving the focus. */
function FilterResult() {
  const { text } = useSpeech();
  const announce = useAnnounce();
  const filter = useHistory((state) => state.filter);
  const total = useHistory((state) => state.list.total);
  const matching = useHistory((state) => state.list.matching);
  const narrowed = isNarrowed(filter);
  useEffect(() => {
    if (narrowed) announce(text('history.matching', { count: matching, total }));
  }, [announce, matching, narrowed, text, total]);
  return null;
}

function LoadFailed() {
  const { history } = useDevmend();
  const { text } = useSpeech();
  const error = useHistory((state) => state.error);
  return (
    <div className="content">
      <h2>{text('history.failed')}</h2>
      {error !== null && (
        <Notice icon="problem" alert>
          <ErrorText error={error} />
        </Notice>
      )}
      <Button onPress={() => void history.load()}>{text('tryAgain')}</Button>
    </div>
  );
}

function EmptyHistory() {
  const { app } = useDevmend();
  const { text } = useSpeech();
  return (
    <div className="content">
      <h2>{text('history.empty')}</h2>
      <p className="muted">{text('history.empty.text')}</p>
      <Button onPress={() => app.go('repair')}>{text('history.empty.go')}</Button>
    </div>
  );
}
