import { isExecutable } from './program-file.ts';

/** Programs that watch others; absolute paths, or null where they are not installed. */
export interface TraceTools {
  readonly strace: string | null;
  readonly ltrace: string | null;
}

/** Directories that only root can write to: what is run here is trusted with a person's program. */
const DIRECTORIES = ['/usr/bin', '/bin', '/usr/local/bin'];

/** The tools of this machine. */
export function findTools(): TraceTools {
  return { strace: find('strace'), ltrace: find('ltrace') };
}

function find(name: string): string | null {
  return DIRECTORIES.map((directory) => `${directory}/${name}`).find(isExecutable) ?? null;
}
