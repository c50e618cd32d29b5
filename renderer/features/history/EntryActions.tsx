import { ToggleButton } from 'react-aria-components';
import type { TransactionDetail, TransactionSummary } from '../../../shared/history.ts';
import { useDevmend, useHistory, useApp, useSpeech } from '../../state/window.tsx';
import { useAnnounce } from '../../ui/Announcer.tsx';
import { Button } from '../../ui/Button.tsx';
import { formatDay } from '../../ui/format.ts';

/** How long an entry stays in the history. */
export function EntryLife(props: { readonly summary: TransactionSummary }) {
  const { text, language } = useSpeech();
  const { pinned, expiresAt } = props.summary;
  if (pinned) return <p className="muted">{text('expiry.never')}</p>;
  if (expiresAt === null) return null;
  return <p className="muted">{text('expiry.on', { when: formatDay(expiresAt, language()) })}</p>;
}

/** Keep it for good, and pass it on. */
export function EntryActions(props: { readonly detail: TransactionDetail }) {
  const { history } = useDevmend();
  const { text } = useSpeech();
  const announce = useAnnounce();
  const running = useHistory((state) => state.work.running);
  const readOnly = useApp((state) => state.recovery?.readOnly ?? false);
  const { pinned } = props.detail.summary;
  const pin = async (wanted: boolean) => {
    const summary = await history.pin(wanted);
    if (summary !== null) announce(text(summary.pinned ? 'pin.done' : 'pin.undone'));
  };
  const save = async (form: 'markdown' | 'json') => {
    if (await history.exportAs(form)) announce(text('export.done'));
  };
  return (
    <div className="actions entry-actions">
      <ToggleButton
        className={pinned ? 'button plain small pressed' : 'button plain small'}
        isSelected={pinned}
        isDisabled={running || readOnly}
        onChange={(wanted) => void pin(wanted)}
      >
        {text('pin.button')}
      </ToggleButton>
      <Button small onPress={() => void save('markdown')}>
        {text('export.markdown')}
      </Button>
      <Button small onPress={() => void save('json')}>
        {text('export.json')}
      </Button>
    </div>
  );
}
