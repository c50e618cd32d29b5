import manifest from '../../package.json' with { type: 'json' };

/** Devmend's own version, from package.json; the bundler puts it in. */
export const VERSION: string = manifest.version;
