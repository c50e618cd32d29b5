import { useApp, useSpeech } from '../../state/window.tsx';
import { Button } from '../../ui/Button.tsx';
import { foundByNames } from '../../ui/found-by.ts';
import { shortPath } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { chainTo } from './model.ts';
import type { GraphControl } from './use-graph.ts';
import { nodeIcon, problemText } from './words.ts';

/** The chosen object in words: where it is, how it was found, who asks for it, what is wrong. */
export function NodeDetail(props: { readonly control: GraphControl }) {
  const { control } = props;
  const speech = useSpeech();
  const { text } = speech;
  const home = useApp((state) => state.info?.home ?? null);
  const node = control.graph.nodes.get(control.current);
  if (node === undefined) return null;
  const chain = chainTo(control.graph, node.id);
  const nameOf = (id: string) => control.graph.nodes.get(id)?.name ?? id;
  return (
    <section className="graph-detail" aria-label={text('graph.detail', { name: node.name })}>
      <Icon name={nodeIcon(node)} />
      <div className="grow">
        <b>{node.name}</b>{' '}
        {node.path !== null && <span className="mono muted">{shortPath(node.path, home)}</span>}{' '}
        {node.foundBy !== null && <span className="muted">{text(foundByNames[node.foundBy])}</span>}
        {node.problems.map((problem, index) => (
          <div key={index} className="graph-problem">
            {problemText(problem, speech)}
            {problem.kind === 'version' && (
              <span className="muted">
                {' '}
                {text('graph.askedBy', { name: nameOf(problem.requiredBy) })}
                {problem.symbols.length > 0 && (
                  <span className="mono"> {problem.symbols.slice(0, 6).join(' · ')}</span>
                )}
              </span>
            )}
            {problem.kind === 'missing' && problem.searched.length > 0 && (
              <span className="muted mono"> {problem.searched.slice(0, 6).join(' · ')}</span>
            )}
          </div>
        ))}
        {chain.length > 1 && <div className="muted">{chain.map(nameOf).join(' → ')}</div>}
      </div>
      {node.users.length > 1 && (
        <span className="muted">{text('graph.users', { count: node.users.length })}</span>
      )}
      {control.graph.troubled.length > 0 && (
        <Button small onPress={() => control.step(control.graph.troubled, 1)}>
          {text('graph.nextProblem', { count: control.graph.troubled.length })}
        </Button>
      )}
    </section>
  );
}
