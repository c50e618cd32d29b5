import { memo, useMemo, useState } from 'react';
import { useSpeech } from '../../state/window.tsx';
import { BOX, edgePath, type Layout, type PlacedNode, type Size, type Viewport } from './layout.ts';
import { badness, chainTo, type GraphEdge } from './model.ts';
import type { GraphControl } from './use-graph.ts';
import { edgeNote, nodeNote } from './words.ts';

/** Characters that fit into a box. */
const FITS = 28;

/**
 * Boxes and lines. A picture only: everything in it is in the list beside it too,
 * which is what the keyboard and the screen reader use.
 */
export function Drawing(props: {
  readonly control: GraphControl;
  readonly view: Viewport;
  readonly size: Size;
}) {
  const { control, view, size } = props;
  const { graph, layout, current } = control;
  const [hovered, setHovered] = useState<string | null>(null);
  const subject = hovered !== null && layout.placed.has(hovered) ? hovered : current;
  const chain = useMemo(() => new Set(chainTo(graph, subject)), [graph, subject]);
  const found = useMemo(() => new Set(control.matches), [control.matches]);
  return (
    <svg
      className="graph"
      width={size.width}
      height={size.height}
      aria-hidden="true"
      data-nodes={layout.placed.size}
    >
      <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
        <Edges layout={layout} chain={chain} subject={subject} />
        {[...layout.placed.values()].map((place) => (
          <Box
            key={place.node.id}
            place={place}
            look={lookOf(place.node.id, current, chain, found)}
            choose={control.choose}
            toggle={control.toggle}
            hover={setHovered}
          />
        ))}
      </g>
    </svg>
  );
}

function lookOf(
  id: string,
  current: string,
  chain: ReadonlySet<string>,
  found: ReadonlySet<string>,
): string {
  return [
    id === current ? ' current' : '',
    chain.has(id) ? ' on-chain' : '',
    found.has(id) ? ' found' : '',
  ].join('');
}

function Edges(props: {
  readonly layout: Layout;
  readonly chain: ReadonlySet<string>;
  readonly subject: string;
}) {
  const { layout, chain, subject } = props;
  return layout.edges.map((edge) => {
    const from = layout.placed.get(edge.from);
    const to = layout.placed.get(edge.to);
    if (from === undefined || to === undefined) return null;
    const near = edge.from === subject || edge.to === subject;
    const onChain = edge.first && chain.has(edge.to);
    const broken = edge.foundBy === 'missing' || edge.lacking.length > 0;
    // Who else asks for a library is shown when it is asked about; all at once hides everything.
    if (!edge.first && !near && !broken) return null;
    return (
      <Edge
        key={`${edge.from}\n${edge.to}`}
        edge={edge}
        from={from}
        to={to}
        look={`${broken ? (edge.weak ? ' weak' : ' broken') : ''}${onChain ? ' on-chain' : ''}`}
        words={edge.first || near}
      />
    );
  });
}

const Edge = memo(function Edge(props: {
  readonly edge: GraphEdge;
  readonly from: PlacedNode;
  readonly to: PlacedNode;
  readonly look: string;
  readonly words: boolean;
}) {
  const { edge, from, to } = props;
  const speech = useSpeech();
  const first = edge.first ? '' : ' later';
  return (
    <g className={`edge${first}${props.look}`}>
      <path d={edgePath(from, to)} />
      {props.words && (
        // The first edge is named where it ends, the others where they begin: nothing overlaps.
        <text
          x={edge.first ? to.x - 6 : from.x + BOX.width + 20}
          y={(edge.first ? to.y : from.y) + BOX.height / 2 - 5}
          textAnchor={edge.first ? 'end' : 'start'}
        >
          {edgeNote(edge, speech)}
        </text>
      )}
    </g>
  );
});

const Box = memo(function Box(props: {
  readonly place: PlacedNode;
  readonly look: string;
  readonly choose: GraphControl['choose'];
  readonly toggle: (id: string) => void;
  readonly hover: (id: string | null) => void;
}) {
  const { place } = props;
  const { node } = place;
  const speech = useSpeech();
  const bad = badness(node);
  const state = bad === 0 ? '' : bad < 1 ? ' weak' : ' broken';
  return (
    <g
      className={`node${state}${props.look}`}
      transform={`translate(${place.x} ${place.y})`}
      data-node={node.id}
      onPointerEnter={() => props.hover(node.id)}
      onPointerLeave={() => props.hover(null)}
    >
      <title>{node.path ?? node.name}</title>
      <g
        onPointerDown={(event) => event.stopPropagation()}
        onClick={() => props.choose(node.id, false)}
      >
        <rect width={BOX.width} height={BOX.height} rx={7} />
        <text className="node-name" x={10} y={17}>
          {shortened(node.name)}
        </text>
        <text className="node-note" x={10} y={32}>
          {shortened(nodeNote(node, speech))}
        </text>
      </g>
      {node.children.length > 0 && <Fold place={place} onPress={() => props.toggle(node.id)} />}
    </g>
  );
});

/** The knob that folds away what hangs below a box; says how much is folded away. */
function Fold(props: { readonly place: PlacedNode; readonly onPress: () => void }) {
  const { collapsed, node } = props.place;
  return (
    <g
      className={collapsed && node.problemsBelow > node.problems.length ? 'fold broken' : 'fold'}
      transform={`translate(${BOX.width} ${BOX.height / 2})`}
      onPointerDown={(event) => event.stopPropagation()}
      onClick={props.onPress}
    >
      <rect x={-14} y={-12} width={28} height={24} rx={12} />
      <text textAnchor="middle" y={4}>
        {collapsed ? `+${node.below}` : '−'}
      </text>
    </g>
  );
}

function shortened(words: string): string {
  return words.length <= FITS ? words : `${words.slice(0, FITS - 1)}…`;
}
