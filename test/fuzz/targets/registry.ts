import type { Target } from '../target.ts';
import { cache, deb } from './archives.ts';
import { broken } from './broken.ts';
import { journal, manifest, plans, snapshots } from './documents.ts';
import { elf, loader, structure } from './elf.ts';
import { control, edits, lines, product, settings, sources } from './texts.ts';

/** Every reader of bytes that somebody else may have written. */
export const targets: readonly Target[] = [
  elf,
  structure,
  loader,
  cache,
  deb,
  control,
  sources,
  settings,
  edits,
  product,
  lines,
  plans,
  snapshots,
  journal,
  manifest,
];

/** A target by its name, those that are broken on purpose included. */
export function targetNamed(name: string): Target {
  const target = [...targets, ...broken].find((one) => one.name === name);
  if (target === undefined)
    throw new Error(
      `There is no target called ${name}. There are: ${targets.map((one) => one.name).join(', ')}.`,
    );
  return target;
}
