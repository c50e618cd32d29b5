import { assertNever } from '../../../shared/error.ts';
import type { Speech } from '../../i18n/i18n.ts';
import { foundByNames } from '../../ui/found-by.ts';
import type { SeverityIcon } from '../../ui/Icon.tsx';
import { badness, type GraphEdge, type GraphNode, type GraphProblem } from './model.ts';

/** Shape for an object: problem, warning (only something optional is lacking) or fine. */
export function nodeIcon(node: GraphNode): SeverityIcon {
  const bad = badness(node);
  return bad === 0 ? 'ok' : bad < 1 ? 'warning' : 'problem';
}

/** What is wrong with an object, in a few words. */
export function problemText(problem: GraphProblem, { text }: Speech): string {
  switch (problem.kind) {
    case 'missing':
      return text('graph.problem.missing');
    case 'version':
      return text(problem.weak ? 'graph.problem.weak' : 'graph.problem.version', {
        version: problem.version,
      });
    case 'symbol':
      return text('graph.problem.symbol', {
        symbol: problem.version === null ? problem.symbol : `${problem.symbol}@${problem.version}`,
      });
    case 'mixed':
      return text('graph.problem.mixed', { path: problem.expected });
    default:
      return assertNever(problem);
  }
}

/** The second line of an object: its problem, or how it was found. */
export function nodeNote(node: GraphNode, speech: Speech): string {
  const problem = node.problems[0];
  if (problem !== undefined) return problemText(problem, speech);
  return node.foundBy === null
    ? speech.text('graph.program')
    : speech.text(foundByNames[node.foundBy]);
}

/** What stands on an edge. */
export function edgeNote(edge: GraphEdge, { text }: Speech): string {
  const how =
    edge.foundBy === 'missing' ? text('graph.problem.missing') : text(foundByNames[edge.foundBy]);
  return [how, ...edge.lacking].join(' · ');
}
