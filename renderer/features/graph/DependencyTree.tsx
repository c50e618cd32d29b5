import { useEffect, useMemo, useRef } from 'react';
import { Button, Collection, Tree, TreeItem, TreeItemContent } from 'react-aria-components';
import { useSpeech } from '../../state/window.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { badness, type GraphNode } from './model.ts';
import type { GraphControl } from './use-graph.ts';
import { nodeIcon, nodeNote } from './words.ts';

interface Item {
  readonly id: string;
  readonly node: GraphNode;
  readonly children: readonly Item[];
}

/** The same graph as a tree to walk with the keyboard; choosing and folding act on both. */
export function DependencyTree(props: { readonly control: GraphControl }) {
  const { control } = props;
  const { graph, collapsed, current, reveals } = control;
  const { text } = useSpeech();
  const box = useRef<HTMLDivElement>(null);
  const items = useMemo(() => {
    const item = (id: string): Item[] => {
      const node = graph.nodes.get(id);
      return node === undefined ? [] : [{ id, node, children: node.children.flatMap(item) }];
    };
    return item(graph.root);
  }, [graph]);
  const expanded = useMemo(
    () =>
      [...graph.nodes.values()]
        .filter((node) => node.children.length > 0 && !collapsed.has(node.id))
        .map((node) => node.id),
    [graph, collapsed],
  );
  useEffect(() => {
    // The rows are only there after the tree has counted them.
    const frame = requestAnimationFrame(() => {
      box.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
    });
    return () => cancelAnimationFrame(frame);
  }, [reveals, current]);
  return (
    <div className="graph-tree" ref={box}>
      <Tree
        aria-label={text('graph.tree')}
        items={items}
        selectionMode="single"
        selectionBehavior="replace"
        disallowEmptySelection
        selectedKeys={[current]}
        onSelectionChange={(keys) => {
          const [key] = keys === 'all' ? [] : keys;
          if (key !== undefined) control.choose(String(key), true);
        }}
        expandedKeys={expanded}
        onExpandedChange={(open) =>
          control.collapse(
            new Set(
              [...graph.nodes.values()]
                .filter((node) => node.children.length > 0 && !open.has(node.id))
                .map((node) => node.id),
            ),
          )
        }
      >
        {branch}
      </Tree>
    </div>
  );
}

function branch(item: Item) {
  return (
    <TreeItem key={item.id} id={item.id} textValue={item.node.name} className="tree-item">
      <TreeItemContent>{({ level }) => <Line node={item.node} level={level} />}</TreeItemContent>
      <Collection items={item.children}>{branch}</Collection>
    </TreeItem>
  );
}

function Line(props: { readonly node: GraphNode; readonly level: number }) {
  const { node } = props;
  const speech = useSpeech();
  const bad = badness(node) > 0;
  return (
    <div className="tree-line" style={{ paddingInlineStart: (props.level - 1) * 14 }}>
      {node.children.length > 0 ? (
        <Button slot="chevron" className="tree-chevron">
          <Icon name="chevron" />
        </Button>
      ) : (
        <span className="tree-chevron" />
      )}
      <Icon name={nodeIcon(node)} />
      <span className="row-text">
        <span className="title">{node.name}</span>
        <span className={bad ? 'summary problem' : 'summary'}>{nodeNote(node, speech)}</span>
      </span>
    </div>
  );
}
