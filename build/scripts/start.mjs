/**
 * `npm start`: from a fresh clone to Devmend itself. Sets up what is missing, builds,
 * then opens the window where there is a display and an ordinary user, and goes on in
 * the terminal otherwise. Needs nothing but Node: npm packages come first.
 */
import { join } from 'node:path';
import { buildDevmend } from './build-once.mjs';
import { repository, runHere, say } from './console.mjs';
import { buildNativeModule, installDependencies } from './dependencies.mjs';
import { installPackages, onPath, packagesOf, repairPackages } from './system-packages.mjs';

/** Why no window can be opened here, or null. */
function noWindowBecause() {
  if (process.platform !== 'linux') return 'Devmend examines Linux machines';
  if (process.getuid() === 0)
    return 'the window does not run as root (start it as your ordinary user to see it)';
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display here';
  return null;
}

/** Fetches and assembles the window; answers its program, or null with the reason said. */
async function prepareWindow() {
  const { resolveRuntime } = await import('./electron-runtime.mjs');
  const { missingLibraries } = await import('./missing-libraries.mjs');
  const { assemble } = await import('./assemble.mjs');
  if (!(await buildNativeModule())) return null;
  say('Getting the Electron runtime …');
  const runtime = await resolveRuntime({ warn: say });
  const { names, unknown } = await packagesOf(await missingLibraries(runtime.executable));
  if (unknown.length > 0)
    say(
      `The window needs these libraries, and no package for them is known: ${unknown.join(', ')}.`,
    );
  if (unknown.length > 0 || !(await installPackages(names, 'The window'))) return null;
  return (await assemble({ runtime })).executable;
}

async function terminal(reason) {
  say(`Going on in the terminal: ${reason}.`);
  say('');
  const code = await runHere(process.execPath, [join(repository, 'dist/cli.js')]);
  // 1 says that problems were found, which is what starting Devmend is for.
  return code === 1 ? 0 : code;
}

async function start() {
  await installDependencies();
  await buildDevmend();
  // Without patchelf everything but the repair works, so a “no” here does not end it.
  await installPackages(
    repairPackages.filter((name) => !onPath(name)),
    'Repairing programs',
  );
  const reason = noWindowBecause();
  if (reason !== null) return terminal(reason);
  const window = await prepareWindow();
  if (window === null) return terminal('the window lacks what is named above');
  say('Opening the window …');
  // Chromium's own log lines are about its insides and help nobody who starts Devmend.
  return runHere(window, ['--log-level=3']);
}

try {
  process.exitCode = await start();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
