import { isNarrowed } from '../../state/history-pages.ts';
import { useApp, useDevmend, useHistory, useSpeech } from '../../state/window.tsx';
import { ActionBar } from '../../ui/ActionBar.tsx';
import { Button } from '../../ui/Button.tsx';
import { formatBytes } from '../../ui/format.ts';

/** What is kept, and the one thing that can be done with the transaction in view. */
export function HistoryBar() {
  const { history } = useDevmend();
  const { text, language } = useSpeech();
  const list = useHistory((state) => state.list);
  const narrowed = useHistory((state) => isNarrowed(state.filter));
  const work = useHistory((state) => state.work);
  if (work.running) {
    const { stopping } = work.view;
    return (
      <ActionBar status={text(stopping ? 'repair.stopping' : 'repair.stop.explained')}>
        <Button disabled={stopping} onPress={() => history.stop()}>
          {text('repair.stop')}
        </Button>
      </ActionBar>
    );
  }
  const { total, matching } = list;
  // Only where all of them have been fetched; ten thousand are not, for a number.
  const shown = list.pages.get(0) ?? [];
  const bytes = shown.reduce((sum, transaction) => sum + transaction.imageBytes, 0);
  const count = narrowed
    ? text('history.matching', { count: matching, total })
    : text('history.count', { count: total });
  const status =
    total === 0
      ? text('bar.nothingChanged')
      : [count, ...(shown.length === total ? [formatBytes(bytes, language())] : [])].join(' · ');
  return (
    <ActionBar status={status}>
      <Actions />
    </ActionBar>
  );
}

function Actions() {
  const { history } = useDevmend();
  const { text } = useSpeech();
  const detail = useHistory((state) => state.detail);
  const preview = useHistory((state) => state.preview);
  const locked = useApp((state) => state.recovery?.lockedBy ?? null) !== null;
  const readOnly = useApp((state) => state.recovery?.readOnly ?? false);
  if (detail === null) return null;
  return (
    <>
      {detail.canRedo && (
        <Button disabled={locked || readOnly} onPress={() => void history.redo()}>
          {text('redo.button')}
        </Button>
      )}
      {detail.canUndo && (
        <Button
          look="danger"
          // Only once it has been shown what undo will do.
          disabled={locked || readOnly || preview?.possible !== true}
          onPress={() => void history.undo()}
        >
          {text('undo.button', { count: 1 + (preview?.later.length ?? 0) })}
        </Button>
      )}
    </>
  );
}
