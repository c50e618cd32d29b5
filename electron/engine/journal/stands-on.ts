import { dirname } from 'node:path';
import { bindChange } from '../changes/registry.ts';
import { contentOf } from './history-index.ts';
import { contentOfListed, type Listed, type ListedChain, type Listing } from './listing.ts';
import { readPlan } from './store.ts';

/** Whether a repair stands on what another one made, other than those that are `gone`. */
export type StandsOn = (chain: ListedChain, gone: ReadonlySet<string>) => Promise<boolean>;

/**
 * A repair in effect that points into what another one made (a private C library) is what
 * tells that it must not be taken away: without it undo of that one would stop a program.
 */
export function standsOnAnother({ chains }: Listing): StandsOn {
  let makers: ReadonlyMap<string, readonly string[]> | null = null;
  return async ({ repair }, gone) => {
    const needs = await needsOf(repair);
    if (needs === null) return true;
    if (needs.length === 0) return false;
    makers ??= makersOf([...chains.values()]);
    const bases = needs.flatMap(pathsUpTo).flatMap((path) => makers?.get(path) ?? []);
    return bases.some((id) => id !== repair.id && !gone.has(id));
  };
}

/** Null where nobody can tell, because its plan cannot be read. */
async function needsOf({ line, stored }: Listed): Promise<readonly string[] | null> {
  if (line !== null) return contentOf(line)?.needs ?? null;
  if (stored === null) return null;
  const plan = await readPlan(stored).catch(() => null);
  return plan?.changes.flatMap((change) => bindChange(change).needs) ?? null;
}

/** The repairs in effect that touched each path. */
function makersOf(chains: readonly ListedChain[]): ReadonlyMap<string, readonly string[]> {
  const makers = new Map<string, string[]>();
  for (const { applied, repair } of chains)
    for (const path of applied ? (contentOfListed(repair)?.paths ?? []) : [])
      makers.set(path, [...(makers.get(path) ?? []), repair.id]);
  return makers;
}

function pathsUpTo(path: string): readonly string[] {
  const paths = [path];
  for (let above = dirname(path); above !== dirname(above); above = dirname(above))
    paths.push(above);
  return paths;
}
