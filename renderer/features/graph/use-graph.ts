import { useMemo, useState } from 'react';
import type { DependencyReport } from '../../../shared/elf.ts';
import { layoutOf, type Layout } from './layout.ts';
import { chainTo, fineSubtrees, graphOf, search, type DependencyGraph } from './model.ts';

/** Above this many objects, what is fine starts folded away. */
const MANY = 60;

/** What picture and list share: what is folded, chosen and looked for. */
export interface GraphControl {
  readonly graph: DependencyGraph;
  readonly layout: Layout;
  readonly collapsed: ReadonlySet<string>;
  readonly current: string;
  readonly words: string;
  readonly matches: readonly string[];
  /** Counts the wishes to bring the current object into view. */
  readonly reveals: number;
  /** Chooses an object, opens what hides it, and brings it into view if wanted. */
  readonly choose: (id: string, reveal: boolean) => void;
  readonly toggle: (id: string) => void;
  readonly collapse: (ids: ReadonlySet<string>) => void;
  /** Fold what is fine, and unfold all: the current object, or what it is folded into, stays in view. */
  readonly collapseFine: () => void;
  readonly expandAll: () => void;
  readonly look: (words: string) => void;
  /** The next object of a list after the current one, around the end. */
  readonly step: (ids: readonly string[], by: 1 | -1) => void;
}

interface View {
  readonly collapsed: ReadonlySet<string>;
  readonly current: string;
  readonly words: string;
  readonly reveals: number;
}

/** Holds one report's graph. Opens on the worst problem. */
export function useGraph(report: DependencyReport): GraphControl {
  const graph = useMemo(() => graphOf(report), [report]);
  const [view, setView] = useState<View>(() => ({
    collapsed: graph.nodes.size > MANY ? fineSubtrees(graph) : new Set(),
    current: graph.troubled[0] ?? graph.root,
    words: '',
    reveals: 0,
  }));
  const layout = useMemo(() => layoutOf(graph, view.collapsed), [graph, view.collapsed]);
  const matches = useMemo(() => search(graph, view.words), [graph, view.words]);
  const change = (part: Partial<View>) => setView((now) => ({ ...now, ...part }));
  const choose = (id: string, reveal: boolean) =>
    setView((now) => {
      const hiding = chainTo(graph, id).slice(0, -1);
      const open = hiding.some((hider) => now.collapsed.has(hider))
        ? new Set([...now.collapsed].filter((hider) => !hiding.includes(hider)))
        : now.collapsed;
      return { ...now, collapsed: open, current: id, reveals: now.reveals + (reveal ? 1 : 0) };
    });
  const fold = (collapsed: ReadonlySet<string>) => {
    const hider = chainTo(graph, view.current).find((id) => collapsed.has(id));
    change({ collapsed, current: hider ?? view.current, reveals: view.reveals + 1 });
  };
  return {
    ...view,
    graph,
    layout,
    matches,
    choose,
    toggle: (id) => change({ collapsed: toggled(view.collapsed, id) }),
    collapse: (collapsed) => change({ collapsed }),
    collapseFine: () => fold(fineSubtrees(graph)),
    expandAll: () => fold(new Set()),
    look: (words) => {
      change({ words });
      const first = search(graph, words)[0];
      if (first !== undefined) choose(first, true);
    },
    step: (ids, by) => {
      const next = ids.at((ids.indexOf(view.current) + by) % ids.length) ?? ids[0];
      if (next !== undefined) choose(next, true);
    },
  };
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
