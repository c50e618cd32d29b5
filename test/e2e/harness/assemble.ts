import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { artefacts, repository } from './paths.ts';

/** Before the first test: the app directory that is driven, and the shipped form beside it. */
export async function setup(): Promise<void> {
  mkdirSync(artefacts, { recursive: true });
  for (const variant of ['e2e', 'app']) {
    await promisify(execFile)(process.execPath, ['build/scripts/assemble.mjs', variant], {
      cwd: repository,
    });
  }
}
