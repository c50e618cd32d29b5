/** Builds the named parts (cli, main, preload, engine-worker, renderer), or all of them. */
export function buildParts(names?: readonly string[]): Promise<void>;
