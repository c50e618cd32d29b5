import { useState, type ReactNode } from 'react';
import { transactionStatusSchema } from '../../../shared/history.ts';
import { isNarrowed, noFilter } from '../../state/history-pages.ts';
import { useDevmend, useHistory, useSpeech } from '../../state/window.tsx';
import { Button } from '../../ui/Button.tsx';
import { kindWord, statuses } from './status.ts';

/** What the list is narrowed by: words at once, everything else when it is asked for. */
export function HistoryFilters() {
  const { history } = useDevmend();
  const { text } = useSpeech();
  const filter = useHistory((state) => state.filter);
  const [open, setOpen] = useState(false);
  const active = Object.entries(filter).filter(
    ([name, value]) => name !== 'text' && value !== '',
  ).length;
  return (
    <>
      <input
        type="search"
        className="input filter"
        aria-label={text('history.filter')}
        placeholder={text('history.filter')}
        value={filter.text}
        onChange={(event) => void history.filter({ text: event.target.value })}
      />
      <Button expanded={open} onPress={() => setOpen(!open)}>
        {active > 0 ? text('history.filters.active', { active }) : text('history.filters')}
      </Button>
      {open && <Fields />}
    </>
  );
}

function Fields() {
  const { history } = useDevmend();
  const { text } = useSpeech();
  const filter = useHistory((state) => state.filter);
  const programs = useHistory((state) => state.list.programs);
  const kinds = useHistory((state) => state.list.kinds);
  return (
    <div className="filters" role="group" aria-label={text('history.filters')}>
      <Choice name="program" label={text('history.filter.program')} values={programs} />
      <Choice
        name="kind"
        label={text('history.filter.kind')}
        values={kinds}
        word={(kind) => {
          const key = kindWord(kind);
          return key === null ? kind : text(key);
        }}
      />
      <Choice
        name="status"
        label={text('history.state')}
        values={transactionStatusSchema.options}
        word={(status) => text(statuses[transactionStatusSchema.parse(status)].word)}
      />
      <Day name="since" label={text('history.filter.since')} />
      <Day name="until" label={text('history.filter.until')} />
      <div className="filters-end">
        <Field label={text('history.filter.file')}>
          <input
            className="input"
            value={filter.file}
            onChange={(event) => void history.filter({ file: event.target.value })}
          />
        </Field>
        <Button
          look="quiet"
          disabled={!isNarrowed(filter)}
          onPress={() => void history.filter(noFilter)}
        >
          {text('history.filter.clear')}
        </Button>
      </div>
    </div>
  );
}

function Field(props: { readonly label: string; readonly children: ReactNode }) {
  return (
    <label className="field">
      <span>{props.label}</span>
      {props.children}
    </label>
  );
}

function Choice(props: {
  readonly name: 'program' | 'kind' | 'status';
  readonly label: string;
  readonly values: readonly string[];
  readonly word?: (value: string) => string;
}) {
  const { history } = useDevmend();
  const { text } = useSpeech();
  const chosen = useHistory((state) => state.filter[props.name]);
  // What is chosen stays in view, also when it does not occur any more.
  const values =
    chosen === '' || props.values.includes(chosen) ? props.values : [chosen, ...props.values];
  return (
    <Field label={props.label}>
      <select
        className="input"
        value={chosen}
        onChange={(event) => void history.filter({ [props.name]: event.target.value })}
      >
        <option value="">{text('history.filter.all')}</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {props.word?.(value) ?? value}
          </option>
        ))}
      </select>
    </Field>
  );
}

function Day(props: { readonly name: 'since' | 'until'; readonly label: string }) {
  const { history } = useDevmend();
  const day = useHistory((state) => state.filter[props.name]);
  return (
    <Field label={props.label}>
      <input
        type="date"
        className="input"
        value={day}
        onChange={(event) => void history.filter({ [props.name]: event.target.value })}
      />
    </Field>
  );
}
