import { useEffect } from 'react';
import { Screen } from '../../app/Screen.tsx';
import { useDevmend, useHistory, useSpeech } from '../../state/window.tsx';
import { TerminalDrawer } from '../../terminal/TerminalDrawer.tsx';
import { Button } from '../../ui/Button.tsx';
import { Heading } from '../../ui/Heading.tsx';
import { ErrorText, Notice } from '../../ui/Notice.tsx';
import { HistoryBar } from './HistoryBar.tsx';
import { HistoryTable } from './HistoryTable.tsx';
import { TransactionDetailView } from './TransactionDetail.tsx';

/** Every repair that was ever made, and the way back. */
export function HistoryScreen() {
  const { history, historyTranscript } = useDevmend();
  const status = useHistory((state) => state.status);
  const transactions = useHistory((state) => state.transactions);
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
      ) : status === 'ready' && transactions.length === 0 ? (
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
  const { history } = useDevmend();
  const { text } = useSpeech();
  const filter = useHistory((state) => state.filter);
  return (
    <header className="top">
      <Heading>{text('nav.history')}</Heading>
      <input
        type="search"
        className="input filter"
        aria-label={text('history.filter')}
        placeholder={text('history.filter')}
        value={filter}
        onChange={(event) => history.filter(event.target.value)}
      />
    </header>
  );
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
