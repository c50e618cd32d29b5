import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = resolve(fileURLToPath(new URL('../../..', import.meta.url)));
/** The build that Playwright can drive, and the one that is shipped. */
export const drivenApp = join(repository, 'dist/app-e2e');
export const shippedApp = join(repository, 'dist/app');
/** Pictures and logs of a run; git ignores it. */
export const artefacts = join(repository, 'artifacts/e2e');
