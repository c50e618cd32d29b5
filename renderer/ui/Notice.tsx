import type { ReactNode } from 'react';
import type { ErrorData } from '../../shared/error.ts';
import { useSpeech } from '../state/window.tsx';
import { Icon, type SeverityIcon } from './Icon.tsx';

const looks = {
  info: 'info',
  warning: 'warn',
  problem: 'error',
  ok: 'ok',
  unknown: 'neutral',
} as const;

/** A strip that says what is so and offers what can be done about it. */
export function Notice(props: {
  readonly icon: Extract<SeverityIcon, keyof typeof looks>;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
  /** Spoken when it appears. */
  readonly alert?: boolean;
}) {
  return (
    <div className={`notice ${looks[props.icon]}`} {...(props.alert ? { role: 'alert' } : {})}>
      <Icon name={props.icon} />
      <div className="grow">{props.children}</div>
      {props.actions !== undefined && <div className="actions">{props.actions}</div>}
    </div>
  );
}

/** A failure: what, why and what next in a sentence; the code for a report under Details. */
export function ErrorText(props: { readonly error: ErrorData }) {
  const { text, sayError } = useSpeech();
  const { code, correlationId, params } = props.error;
  return (
    <div className="error-text">
      <p>{sayError(props.error)}</p>
      <details>
        <summary>{text('details')}</summary>
        <dl className="facts mono">
          <dt>{text('error.code')}</dt>
          <dd>{code}</dd>
          {correlationId !== '' && (
            <>
              <dt>{text('error.correlation')}</dt>
              <dd>{correlationId}</dd>
            </>
          )}
          {Object.entries(params).map(([name, value]) => (
            <div className="contents" key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}
