import { useState } from 'react';
import type { KnownProgram } from '../../../shared/inspection.ts';
import { useApp, useDevmend, useSpeech } from '../../state/window.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { shortPath } from '../../ui/format.ts';
import { verdicts } from './GraphView.tsx';

const order: readonly KnownProgram['verdict'][] = ['fails', 'unknown', 'starts'];

/** Programs to choose from: those that do not start first, then by name; those that hold the words. */
export function sortPrograms(
  programs: readonly KnownProgram[],
  words: string,
): readonly KnownProgram[] {
  const wanted = words.trim().toLowerCase();
  return programs
    .filter(({ name, path }) => `${name}\n${path}`.toLowerCase().includes(wanted))
    .sort(
      (a, b) =>
        order.indexOf(a.verdict) - order.indexOf(b.verdict) || a.name.localeCompare(b.name, 'en'),
    );
}

export function ProgramList(props: {
  readonly programs: readonly KnownProgram[];
  readonly heading: string;
  readonly onChoose: (id: string) => void;
}) {
  const { app } = useDevmend();
  const { text } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  const [words, setWords] = useState('');
  const shown = sortPrograms(props.programs, words);
  if (props.programs.length === 0) {
    return (
      <div className="content">
        <h2>{text('graph.none')}</h2>
        <p className="muted">{text('graph.none.text')}</p>
        <Button onPress={() => app.go('repair')}>{text('history.empty.go')}</Button>
      </div>
    );
  }
  return (
    <div className="content">
      <div className="graph-choose">
        <h2>{props.heading}</h2>
        <input
          type="search"
          className="input filter"
          aria-label={text('graph.filter')}
          placeholder={text('graph.filter')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      <p className="visually-hidden" role="status">
        {text('graph.programs', { count: shown.length })}
      </p>
      {shown.length === 0 && <p className="muted">{text('graph.search.none')}</p>}
      <ul className="plain">
        {shown.map((program) => (
          <li key={program.id} className="row">
            <button
              type="button"
              className="row-button program-row"
              data-program={program.id}
              onClick={() => props.onChoose(program.id)}
            >
              <Badge tone={verdicts[program.verdict].tone}>
                {text(verdicts[program.verdict].word)}
              </Badge>
              <span className="row-text grow">
                <span className="title">{program.name}</span>
                <span className="summary mono">{shortPath(program.path, home)}</span>
              </span>
              <span className="muted num">
                {text('graph.libraries', { count: program.libraries })}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
