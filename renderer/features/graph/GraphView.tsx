import { useEffect } from 'react';
import type { DependencyReport } from '../../../shared/elf.ts';
import type { TextKey } from '../../i18n/i18n.ts';
import { useSpeech } from '../../state/window.tsx';
import { useAnnounce } from '../../ui/Announcer.tsx';
import { Badge, type Tone } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { DependencyTree } from './DependencyTree.tsx';
import { GraphCanvas } from './GraphCanvas.tsx';
import { NodeDetail } from './NodeDetail.tsx';
import { useGraph, type GraphControl } from './use-graph.ts';

export const verdicts: Readonly<
  Record<DependencyReport['verdict'], { readonly tone: Tone; readonly word: TextKey }>
> = {
  starts: { tone: 'ok', word: 'graph.verdict.starts' },
  fails: { tone: 'error', word: 'graph.verdict.fails' },
  unknown: { tone: 'neutral', word: 'graph.verdict.unknown' },
};

/** One program's graph: list and picture side by side, the chosen object below. */
export function GraphView(props: {
  readonly report: DependencyReport;
  readonly name: string;
  readonly onBack: () => void;
  /** To the launch of it; null for what is no program of its own. */
  readonly onTrace: (() => void) | null;
}) {
  const { report } = props;
  const { text } = useSpeech();
  const control = useGraph(report);
  const { tone, word } = verdicts[report.verdict];
  return (
    <>
      <div className="graph-bar">
        <Button small onPress={props.onBack}>
          {text('graph.otherProgram')}
        </Button>
        <h2 className="graph-name">{props.name}</h2>
        <Badge tone={tone}>{text(word)}</Badge>
        <span className="muted grow">
          {text('graph.objects', { count: control.graph.nodes.size })}
        </span>
        {props.onTrace !== null && (
          <Button small onPress={props.onTrace}>
            {text('trace.way')}
          </Button>
        )}
      </div>
      <div className="graph-columns">
        <div className="graph-side">
          <div className="graph-tools">
            <Search control={control} />
            <Button small onPress={control.collapseFine}>
              {text('graph.collapseFine')}
            </Button>
            <Button small onPress={control.expandAll}>
              {text('graph.expandAll')}
            </Button>
          </div>
          <DependencyTree control={control} />
        </div>
        <GraphCanvas control={control} />
      </div>
      <NodeDetail control={control} />
    </>
  );
}

function Search(props: { readonly control: GraphControl }) {
  const { control } = props;
  const { text } = useSpeech();
  const announce = useAnnounce();
  const { words, matches, current } = control;
  const at = matches.indexOf(current) + 1;
  const state =
    words === ''
      ? ''
      : matches.length === 0
        ? text('graph.search.none')
        : text('graph.search.at', { at, total: matches.length });
  useEffect(() => {
    if (state !== '') announce(state);
  }, [state, announce]);
  return (
    <div className="graph-search" role="search">
      <input
        type="search"
        className="input"
        aria-label={text('graph.search')}
        placeholder={text('graph.search')}
        value={words}
        onChange={(event) => control.look(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') control.step(matches, event.shiftKey ? -1 : 1);
        }}
      />
      {words !== '' && (
        <>
          <span className="muted num">{state}</span>
          <Button
            small
            label={text('graph.search.previous')}
            disabled={matches.length < 2}
            onPress={() => control.step(matches, -1)}
          >
            ↑
          </Button>
          <Button
            small
            label={text('graph.search.next')}
            disabled={matches.length < 2}
            onPress={() => control.step(matches, 1)}
          >
            ↓
          </Button>
        </>
      )}
    </div>
  );
}
