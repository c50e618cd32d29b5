import type { ProcessFacts } from '../../../shared/process.ts';

/** A process and how far down it stands below the first one of its tree. */
export interface Branch {
  readonly facts: ProcessFacts;
  readonly depth: number;
}

/** Processes of one editor, or those that belong to none (`editor` null). */
export interface ProcessGroup {
  readonly editor: ProcessFacts | null;
  readonly branches: readonly Branch[];
}

/** Processes by editor, each followed by what it started; those of no editor last. */
export function processGroups(processes: readonly ProcessFacts[]): readonly ProcessGroup[] {
  const byEditor = new Map<number | null, ProcessFacts[]>();
  for (const facts of processes) {
    const owner = facts.editor ?? null;
    byEditor.set(owner, [...(byEditor.get(owner) ?? []), facts]);
  }
  const groups = [...byEditor].map(([owner, members]) => ({
    editor: members.find(({ pid }) => pid === owner) ?? null,
    branches: treeOf(members),
    owner,
  }));
  return groups
    .sort((a, b) => Number(a.owner === null) - Number(b.owner === null))
    .map(({ editor, branches }) => ({ editor, branches }));
}

function treeOf(members: readonly ProcessFacts[]): readonly Branch[] {
  const pids = new Set(members.map(({ pid }) => pid));
  const children = new Map<number, ProcessFacts[]>();
  const roots: ProcessFacts[] = [];
  for (const facts of members) {
    // A process that is its own parent, or whose parent is not shown, begins a tree.
    if (facts.parent === facts.pid || !pids.has(facts.parent)) roots.push(facts);
    else children.set(facts.parent, [...(children.get(facts.parent) ?? []), facts]);
  }
  const branches: Branch[] = [];
  const seen = new Set<number>();
  const add = (facts: ProcessFacts, depth: number): void => {
    if (seen.has(facts.pid)) return;
    seen.add(facts.pid);
    branches.push({ facts, depth });
    for (const child of children.get(facts.pid) ?? []) add(child, depth + 1);
  };
  for (const root of roots) add(root, 0);
  // Numbers are given out again: two that name each other as parent are still shown.
  for (const facts of members) add(facts, 0);
  return branches;
}
