import type { ErrorData } from '../../shared/error.ts';
import { useDevmend, useSpeech } from '../state/window.tsx';
import { Button } from './Button.tsx';
import { ErrorText, Notice } from './Notice.tsx';

/** While a question is on its way. */
export function Waiting(props: { readonly children: string }) {
  return (
    <div className="content muted" role="status">
      {props.children}
    </div>
  );
}

/** A question that was not answered, and the way to ask again. */
export function Unanswered(props: { readonly error: ErrorData; readonly again: () => void }) {
  const { text } = useSpeech();
  return (
    <div className="content">
      <Notice
        icon="problem"
        alert
        actions={<Button onPress={props.again}>{text('tryAgain')}</Button>}
      >
        <ErrorText error={props.error} />
      </Notice>
    </div>
  );
}

/** What only a scan can fill, before the first one. */
export function NeverScanned(props: { readonly children: string }) {
  const { app } = useDevmend();
  const { text } = useSpeech();
  return (
    <div className="content">
      <h2>{text('machine.never')}</h2>
      <p className="muted">{props.children}</p>
      <Button onPress={() => app.go('repair')}>{text('history.empty.go')}</Button>
    </div>
  );
}
