import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { _electron } from 'playwright';
import { setup } from '../e2e/harness/assemble.ts';
import { openStage, type Stage } from '../e2e/harness.ts';
import { median } from './measure.ts';
import type { BenchRow } from './row.ts';

const rounds = 5;

const emptyApp = `
const { app, BrowserWindow } = require('electron');
app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 1240, height: 800, show: false });
  window.loadURL('data:text/html,<title>Empty</title><main>Empty</main>');
  window.once('ready-to-show', () => window.show());
});
app.on('window-all-closed', () => app.quit());
`;

/** From the start of the process to a window that can be used, beside an empty Electron window. */
export async function windowBenches(): Promise<readonly BenchRow[]> {
  await setup();
  const stage = await openStage();
  try {
    const empty = layEmptyApp(stage);
    const ours: number[] = [];
    const reference: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      reference.push(await secondsToUse(stage, empty));
      ours.push(await secondsToUse(stage, join(stage.user.directory, 'launch')));
    }
    const [took, plain] = [median(ours), median(reference)];
    return [
      {
        name: 'window ready to use',
        ours: took,
        reference: plain,
        referenceName: 'an empty Electron window',
        ratio: took / plain,
        budget: 1.25,
      },
    ];
  } finally {
    await stage.close();
  }
}

/** The same runtime with a page of one word; started as the same user. */
function layEmptyApp(stage: Stage): string {
  const directory = join(stage.user.directory, 'empty');
  execFileSync('cp', ['-a', '--reflink=auto', '-T', stage.application, directory]);
  execFileSync('rm', [
    '-rf',
    join(directory, 'resources/app.asar'),
    join(directory, 'resources/app.asar.unpacked'),
  ]);
  const staging = join(stage.user.directory, 'empty-app');
  mkdirSync(staging);
  writeFileSync(join(staging, 'package.json'), '{"name":"empty","main":"main.js"}');
  writeFileSync(join(staging, 'main.js'), emptyApp);
  execFileSync(process.execPath, [
    join(process.cwd(), 'node_modules/@electron/asar/bin/asar.js'),
    'pack',
    staging,
    join(directory, 'resources/app.asar'),
  ]);
  execFileSync('chmod', ['-R', 'a+rX', directory]);
  const launcher = join(stage.user.directory, 'launch-empty');
  const identity =
    process.getuid?.() === 0
      ? `setpriv --reuid=${stage.user.uid} --regid=${stage.user.gid} --init-groups -- `
      : '';
  writeFileSync(launcher, `#!/bin/sh\nexec ${identity}${join(directory, 'devmend')} "$@"\n`, {
    mode: 0o755,
  });
  return launcher;
}

async function secondsToUse(stage: Stage, executablePath: string): Promise<number> {
  const started = performance.now();
  const app = await _electron.launch({
    executablePath,
    chromiumSandbox: true,
    env: { ...stage.environment },
    cwd: '/',
  });
  const page = await app.firstWindow();
  await page.locator('main').waitFor();
  const seconds = (performance.now() - started) / 1000;
  await app.close();
  return seconds;
}
