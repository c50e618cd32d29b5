import { run, say } from './console.mjs';

/** Builds dist/ with one line on the terminal; throws with the builder's own words. */
export async function buildDevmend() {
  say('Building Devmend …');
  const { code, output } = await run(process.execPath, ['build/scripts/build.mjs']);
  if (code !== 0)
    throw new Error(`${output.trimEnd()}\nThe build failed; the lines above say where.`);
}
