import { basename } from 'node:path';
import type { Component } from '../../../shared/component.ts';
import { shortHash } from '../short-hash.ts';
import type { NativeFile } from './component-files.ts';
import { componentNeeds } from './component-needs.ts';
import type { ProbeContext } from './probe.ts';

/** What is known of a component from where it was found. */
export interface ComponentPlace {
  readonly role: Component['role'];
  readonly foundBy: Component['foundBy'];
  readonly editorId?: string;
  readonly extension?: string | null;
  readonly variant?: Component['variant'];
  /** The program that opens it, for a module. */
  readonly loadedBy?: string | null;
}

type Context = Pick<ProbeContext, 'files' | 'loader' | 'result'>;

/** A native file as a component, judged as a process of its own or inside the one that loads it. */
export function programComponent(
  file: NativeFile,
  place: ComponentPlace,
  context: Context,
): Component {
  const variant = place.variant ?? 'loads';
  const { path, realPath, elf } = file;
  const loadedBy = place.loadedBy ?? null;
  const judged = variant === 'loads' && elf !== null;
  const report = judged ? reportOf(file, loadedBy, context) : null;
  return {
    id: shortHash(`${place.editorId ?? ''} ${path}`),
    editorId: place.editorId ?? null,
    role: place.role,
    name: basename(path),
    path,
    realPath,
    loadedBy,
    foundBy: place.foundBy,
    variant,
    extension: place.extension ?? null,
    ...(judged ? componentNeeds(realPath, report, context.files) : { needs: null }),
    report,
    problem: file.problem,
  };
}

function reportOf(
  { path, realPath, elf }: NativeFile,
  loadedBy: string | null,
  { loader, result }: Context,
): Component['report'] {
  if (loadedBy === null && elf?.interpreter !== null) {
    const known = result('programs')?.programs.find((one) => one.realPath === realPath);
    return known?.report ?? loader.simulate(realPath);
  }
  // A module alone has no process whose symbols it could use: only its libraries are judged.
  const inside = loadedBy === null ? null : loader.open(loadedBy, path);
  return inside ?? loader.simulate(path, { symbols: false });
}
