import type { Unchecked } from '../../../shared/finding.ts';
import { useDevmend, useSpeech } from '../../state/window.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Heading } from '../../ui/Heading.tsx';

/** A check without an answer, with the reason. Never shown as fine. */
export function UncheckedDetail(props: { readonly item: Unchecked }) {
  const { wizard } = useDevmend();
  const { text, say } = useSpeech();
  const { problem } = props.item;
  return (
    <article className="detail">
      <Badge tone="neutral">{text('severity.unchecked')}</Badge>
      <Heading>{say(props.item.title)}</Heading>
      <p>{say(props.item.reason)}</p>
      <p className="muted">{text('unchecked.explained')}</p>
      {problem !== null && (
        <details>
          <summary>{text('details')}</summary>
          <dl className="facts mono">
            <dt>{text('error.code')}</dt>
            <dd>{problem.code}</dd>
            {problem.path !== null && (
              <>
                <dt>{text('unchecked.path')}</dt>
                <dd>{problem.path}</dd>
              </>
            )}
            {problem.detail !== '' && (
              <>
                <dt>{text('unchecked.detail')}</dt>
                <dd>{problem.detail}</dd>
              </>
            )}
          </dl>
        </details>
      )}
      <p>
        <Button onPress={() => void wizard.scan()}>{text('scan.again')}</Button>
      </p>
    </article>
  );
}
