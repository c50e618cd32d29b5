import type { FoundBy } from '../../shared/elf.ts';
import type { TextKey } from '../i18n/i18n.ts';

/** How the loader came to a library, in words. */
export const foundByNames: Readonly<Record<FoundBy, TextKey>> = {
  rpath: 'foundBy.rpath',
  runpath: 'foundBy.runpath',
  'ld-library-path': 'foundBy.ldLibraryPath',
  cache: 'foundBy.cache',
  'default-directory': 'foundBy.defaultDirectory',
  'absolute-path': 'foundBy.absolutePath',
  'already-loaded': 'foundBy.alreadyLoaded',
  preload: 'foundBy.preload',
};
