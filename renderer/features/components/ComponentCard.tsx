import type { ComponentLine } from '../../../shared/component.ts';
import { useApp, useDevmend, useSpeech } from '../../state/window.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { ForcedNeeds } from '../../ui/ForcedNeeds.tsx';
import { shortPath } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Path } from '../../ui/Path.tsx';
import { breaksWord, isTrouble, needsOf, roles, states } from './words.ts';

/** One component: what it is for, whether it works, what it needs, and what breaks without it. */
export function ComponentCard(props: {
  readonly line: ComponentLine;
  /** Whether it is a program that can be started by itself. */
  readonly runnable: boolean;
}) {
  const { line } = props;
  const { text, say } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  const { tone, icon, word } = states[line.state];
  const breaks = breaksWord(line);
  const needs = needsOf(line.needs);
  const forcedBy = line.needs?.forcedBy ?? [];
  return (
    <li className="card component" data-state={line.state}>
      <div className="card-head">
        <Icon name={icon} />
        <div className="grow">
          <b>{text(roles[line.role])}</b> <span>{line.name}</span>
          <div className="mono muted">
            <Path>{shortPath(line.path, home)}</Path>
          </div>
          {line.reason !== null && (
            <div className={line.state === 'fails' ? 'problem-text' : 'muted'}>
              {say(line.reason)}
            </div>
          )}
          {breaks !== null && (
            <div className={isTrouble(line) ? '' : 'muted'}>
              {text(breaks, { what: say(line.breaks) })}
            </div>
          )}
        </div>
        <div className="card-facts">
          {needs.length > 0 && <span className="muted num">{needs.join(' · ')}</span>}
          <Badge tone={tone}>{text(word)}</Badge>
        </div>
      </div>
      <div className="component-foot">
        {forcedBy.length > 0 && (
          <details>
            <summary>{text('needs.why')}</summary>
            <ForcedNeeds needs={forcedBy} />
          </details>
        )}
        <Ways line={line} runnable={props.runnable} />
      </div>
    </li>
  );
}

function Ways(props: { readonly line: ComponentLine; readonly runnable: boolean }) {
  const { line, runnable } = props;
  const { app, wizard } = useDevmend();
  const { text } = useSpeech();
  const { finding, program, name } = line;
  const toFinding = (id: string) => {
    wizard.dispatch({ type: 'step/visit', step: 'findings' });
    wizard.dispatch({ type: 'findings/show', id });
    app.go('repair');
  };
  if (finding === null && program === null) return null;
  return (
    <div className="actions">
      {finding !== null && (
        <Button
          small
          look="quiet"
          label={text('components.finding.of', { name })}
          onPress={() => toFinding(finding)}
        >
          {text('components.finding')}
        </Button>
      )}
      {program !== null && (
        <Button
          small
          look="quiet"
          label={text('components.graph.of', { name })}
          onPress={() => app.go('machine', { tab: 'graph', program })}
        >
          {text('components.graph')}
        </Button>
      )}
      {program !== null && runnable && (
        <Button
          small
          look="quiet"
          label={text('trace.way.of', { name })}
          onPress={() => app.go('machine', { tab: 'trace', program })}
        >
          {text('trace.way')}
        </Button>
      )}
    </div>
  );
}
