/** Builds the named parts (cli, main, preload, engine-worker, renderer), or all of them. */
export function buildParts(names?: readonly string[]): Promise<void>;

/** Bundles one part; `outfile` is its place in dist/ unless given. */
export function bundle(
  name: 'cli' | 'main' | 'preload' | 'engine-worker',
  outfile?: string,
): Promise<void>;
