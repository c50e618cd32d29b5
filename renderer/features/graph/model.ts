import type { DependencyReport, FoundBy } from '../../../shared/elf.ts';

/** What is wrong with an object. A `version` is lacking in it; a `symbol` is what it asks for in vain. */
export type GraphProblem =
  | { readonly kind: 'missing'; readonly searched: readonly string[] }
  | {
      readonly kind: 'version';
      readonly version: string;
      readonly weak: boolean;
      readonly requiredBy: string;
      readonly symbols: readonly string[];
    }
  | { readonly kind: 'symbol'; readonly symbol: string; readonly version: string | null }
  | { readonly kind: 'mixed'; readonly expected: string };

/** An object of the loader's list, or a library that is nowhere. */
export interface GraphNode {
  /** Path of the object; `missing:<soname>` for what has none. */
  readonly id: string;
  readonly name: string;
  readonly path: string | null;
  /** How the loader found it; null for the program itself and for what is missing. */
  readonly foundBy: FoundBy | null;
  readonly problems: readonly GraphProblem[];
  /** The object on whose behalf it was loaded first; null for the program. */
  readonly parent: string | null;
  /** Objects that were loaded first on its behalf. */
  readonly children: readonly string[];
  /** Everybody who asks for it, in load order. */
  readonly users: readonly string[];
  /** Problems in it and in everything below it. */
  readonly problemsBelow: number;
  /** Objects below it, without itself. */
  readonly below: number;
}

/** "from asks for to". Only the first to ask makes the loader search; later ones find it loaded. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly foundBy: FoundBy | 'missing';
  readonly first: boolean;
  /** Versions that `from` asks of `to` and that are not there. */
  readonly lacking: readonly string[];
  readonly weak: boolean;
}

export interface DependencyGraph {
  readonly root: string;
  /** In load order, the program first; missing libraries last. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: readonly GraphEdge[];
  /** Nodes with problems, the worst first. */
  readonly troubled: readonly string[];
}

type Draft = { -readonly [K in keyof GraphNode]: GraphNode[K] } & {
  problems: GraphProblem[];
  children: string[];
  users: string[];
};

/**
 * A dependency report as a tree of "loaded on whose behalf" with all other edges
 * beside it. Every object hangs below the first one that asks for it; one that
 * nobody in the report asks for (a preloaded library) hangs below the program.
 */
export function graphOf(report: DependencyReport): DependencyGraph {
  const nodes = new Map<string, Draft>();
  const root = report.file;
  nodes.set(root, draft(root, baseName(root), root, null, []));
  for (const object of report.objects) {
    if (nodes.has(object.path)) continue;
    const { path, soname, foundBy, requiredBy } = object;
    nodes.set(path, draft(path, soname, path, foundBy, requiredBy));
  }
  for (const { soname, requiredBy, searched } of report.missing) {
    const node = draft(`missing:${soname}`, soname, null, null, requiredBy);
    node.problems.push({ kind: 'missing', searched });
    nodes.set(node.id, node);
  }
  addProblems(report, nodes);
  placeInTree(nodes, root);
  count(nodes, root);
  return { root, nodes, edges: edgesOf(report, nodes), troubled: worstFirst(nodes) };
}

function draft(
  id: string,
  name: string,
  path: string | null,
  foundBy: FoundBy | null,
  requiredBy: readonly string[],
): Draft {
  return {
    id,
    name,
    path,
    foundBy,
    problems: [],
    parent: null,
    children: [],
    users: [...new Set(requiredBy)],
    problemsBelow: 0,
    below: 0,
  };
}

function addProblems(report: DependencyReport, nodes: ReadonlyMap<string, Draft>): void {
  for (const { path, version, weak, requiredBy, symbols } of report.versionErrors) {
    nodes.get(path)?.problems.push({ kind: 'version', version, weak, requiredBy, symbols });
  }
  for (const { symbol, version, requiredBy } of report.symbolErrors) {
    nodes.get(requiredBy)?.problems.push({ kind: 'symbol', symbol, version });
  }
  for (const { path, expected } of report.mixedGlibc) {
    nodes.get(path)?.problems.push({ kind: 'mixed', expected });
  }
}

/** Parents are looked for among what was placed before, so that no circle can come about. */
function placeInTree(nodes: Map<string, Draft>, root: string): void {
  const placed = new Set([root]);
  for (const node of nodes.values()) {
    node.users = node.users.filter((user) => nodes.has(user));
    if (node.id === root) continue;
    node.parent = node.users.find((user) => placed.has(user)) ?? root;
    nodes.get(node.parent)?.children.push(node.id);
    placed.add(node.id);
  }
}

/** Sums up from the leaves; children always come after their parent. */
function count(nodes: ReadonlyMap<string, Draft>, root: string): void {
  for (const node of [...nodes.values()].reverse()) {
    node.problemsBelow += node.problems.length;
    const parent = node.id === root ? undefined : nodes.get(node.parent ?? root);
    if (parent === undefined) continue;
    parent.problemsBelow += node.problemsBelow;
    parent.below += node.below + 1;
  }
}

function edgesOf(
  report: DependencyReport,
  nodes: ReadonlyMap<string, Draft>,
): readonly GraphEdge[] {
  const edges = new Map<string, GraphEdge>();
  const key = (from: string, to: string) => `${from}\0${to}`;
  for (const node of nodes.values()) {
    if (node.parent === null) continue;
    // The program does not ask for what is preloaded; the edge says how it came in.
    for (const from of new Set([node.parent, ...node.users])) {
      const first = from === node.parent;
      const found = node.foundBy ?? 'missing';
      const foundBy = first || found === 'missing' ? found : 'already-loaded';
      edges.set(key(from, node.id), {
        from,
        to: node.id,
        foundBy,
        first,
        lacking: [],
        weak: false,
      });
    }
  }
  for (const error of report.versionErrors) {
    if (!nodes.has(error.requiredBy) || !nodes.has(error.path)) continue;
    const at = key(error.requiredBy, error.path);
    const edge = edges.get(at);
    edges.set(at, {
      from: error.requiredBy,
      to: error.path,
      foundBy: edge?.foundBy ?? 'already-loaded',
      first: edge?.first ?? false,
      lacking: [...(edge?.lacking ?? []), error.version],
      weak: (edge === undefined || edge.lacking.length === 0 || edge.weak) && error.weak,
    });
  }
  return [...edges.values()];
}

const weights: Readonly<Record<GraphProblem['kind'], number>> = {
  missing: 4,
  version: 3,
  symbol: 2,
  mixed: 1,
};

/** How bad what is wrong with an object is; 0 for nothing. A weak version is the mildest. */
export function badness(node: Pick<GraphNode, 'problems'>): number {
  return node.problems.reduce(
    (worst, problem) =>
      Math.max(worst, problem.kind === 'version' && problem.weak ? 0.5 : weights[problem.kind]),
    0,
  );
}

function worstFirst(nodes: ReadonlyMap<string, Draft>): readonly string[] {
  return [...nodes.values()]
    .filter((node) => node.problems.length > 0)
    .sort((a, b) => badness(b) - badness(a))
    .map((node) => node.id);
}

/** The way from the program down to an object, both ends included. */
export function chainTo(graph: DependencyGraph, id: string): readonly string[] {
  const chain: string[] = [];
  for (let at = graph.nodes.get(id); at !== undefined; at = graph.nodes.get(at.parent ?? '')) {
    chain.unshift(at.id);
  }
  return chain;
}

/** Objects to fold away so that only what leads to a problem is left open. */
export function fineSubtrees(graph: DependencyGraph): ReadonlySet<string> {
  const fine = [...graph.nodes.values()].filter(
    (node) =>
      node.children.length > 0 &&
      node.problemsBelow === node.problems.length &&
      node.parent !== null,
  );
  return new Set(fine.map((node) => node.id));
}

/** Objects whose name or path holds the words, in load order. */
export function search(graph: DependencyGraph, words: string): readonly string[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === '') return [];
  return [...graph.nodes.values()]
    .filter((node) => `${node.name}\n${node.path ?? ''}`.toLowerCase().includes(wanted))
    .map((node) => node.id);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
