import { Input, Label, Radio, RadioGroup, TextField } from 'react-aria-components';
import type { Choice, Finding, OfferedRepair } from '../../../shared/finding.ts';
import { decisionOf } from '../../app/wizard-state.ts';
import { useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { ReversibilityBadge } from '../../ui/Badge.tsx';

/** The choice whose options are worth seeing at once; the others wait under "More options". */
const PROMINENT = 'use';

/** The repairs on offer as cards, one of them chosen. */
export function RepairChoices(props: { readonly finding: Finding }) {
  const { finding } = props;
  const { wizard } = useDevmend();
  const { text } = useSpeech();
  const decision = useWizard((state) => decisionOf(state, finding));
  const running = useWizard((state) => state.repair.status === 'running');
  return (
    <>
      <RadioGroup
        className="choices"
        value={decision.repair}
        isDisabled={running}
        onChange={(repair) => wizard.dispatch({ type: 'findings/repair', id: finding.id, repair })}
      >
        <Label className="h2">{text('repairs.heading')}</Label>
        {finding.repairs.map((repair) => (
          <RepairCard key={repair.repair} repair={repair} />
        ))}
      </RadioGroup>
      {finding.repairs
        .filter((repair) => repair.repair === decision.repair && repair.choices.length > 0)
        .map((repair) => (
          <Decisions key={repair.repair} finding={finding} repair={repair} />
        ))}
    </>
  );
}

function RepairCard(props: { readonly repair: OfferedRepair }) {
  const { text, say } = useSpeech();
  const { repair } = props;
  return (
    <Radio
      value={repair.repair}
      isDisabled={repair.refused !== null}
      className="choice"
      data-testid={`repair-${repair.repair}`}
    >
      <span className="radio" aria-hidden="true" />
      <span className="choice-text">
        <b>{say(repair.title)}</b>{' '}
        {repair.recommended && <span className="muted">{text('repairs.recommended')}</span>}
        <span className="note">{say(repair.description)}</span>
        {repair.refused !== null && (
          <span className="note refused">
            {text('repairs.refused', { reason: say(repair.refused) })}
          </span>
        )}
      </span>
      {repair.refused === null && <ReversibilityBadge reversibility={repair.reversibility} />}
    </Radio>
  );
}

function Decisions(props: { readonly finding: Finding; readonly repair: OfferedRepair }) {
  const { text } = useSpeech();
  const { choices } = props.repair;
  const prominent = choices.filter((choice) => choice.key === PROMINENT);
  const others = choices.filter((choice) => choice.key !== PROMINENT);
  return (
    <>
      {prominent.map((choice) => (
        <ChoiceField key={choice.key} finding={props.finding} choice={choice} />
      ))}
      {others.length > 0 && (
        <details className="more-options">
          <summary>{text('repairs.more')}</summary>
          {others.map((choice) => (
            <ChoiceField key={choice.key} finding={props.finding} choice={choice} />
          ))}
        </details>
      )}
    </>
  );
}

function ChoiceField(props: { readonly finding: Finding; readonly choice: Choice }) {
  const { finding, choice } = props;
  const { wizard } = useDevmend();
  const { text, say } = useSpeech();
  const chosen = useWizard((state) => decisionOf(state, finding).choices[choice.key]);
  const running = useWizard((state) => state.repair.status === 'running');
  const change = (value: string) =>
    wizard.dispatch({
      type: 'findings/choice',
      id: finding.id,
      key: choice.key,
      value: value === choice.default || value === '' ? null : value,
    });
  if (choice.options === null) {
    return (
      <TextField className="field" isDisabled={running} value={chosen ?? ''} onChange={change}>
        <Label>{say(choice.label)}</Label>
        <Input
          className="input mono"
          placeholder={choice.default === '' ? text('repairs.automatic') : choice.default}
          spellCheck={false}
        />
      </TextField>
    );
  }
  return (
    <RadioGroup
      className="choices small"
      isDisabled={running}
      value={chosen ?? choice.default}
      onChange={change}
    >
      <Label>{say(choice.label)}</Label>
      {choice.options.map((option) => (
        <Radio key={option.value} value={option.value} className="choice">
          <span className="radio" aria-hidden="true" />
          <span className="choice-text">
            <b>{say(option.label)}</b>{' '}
            {option.value === choice.default && (
              <span className="muted">{text('repairs.default')}</span>
            )}
            {option.note !== null && <span className="note">{say(option.note)}</span>}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}
