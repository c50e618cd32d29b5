import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from './harness.ts';
import { laySmallGit } from './harness/desk.ts';
import { holdFile, type HeldFile } from './harness/held-file.ts';
import { screens } from './harness/pages.ts';

/**
 * Settings name a git that this system refuses; beside it stands an editor, which the scan
 * judges later, and which needs a library that nobody can open until the test lets go of it.
 */
let stage: Stage;
let library = '';
let held: HeldFile | null = null;

beforeAll(async () => {
  stage = await openStage();
  laySmallGit(stage);
  const tree = join(stage.home, 'VSCode-linux-x64');
  const editor = join(tree, 'code');
  library = join(tree, 'libheld.so');
  mkdirSync(join(tree, 'resources/app'), { recursive: true });
  writeFileSync(
    join(tree, 'resources/app/product.json'),
    JSON.stringify({
      nameShort: 'Code',
      nameLong: 'Visual Studio Code',
      applicationName: 'code',
      dataFolderName: '.vscode',
      version: '1.139.1',
      commit: 'a'.repeat(40),
      quality: 'stable',
    }),
  );
  copyFileSync('/bin/true', editor);
  copyFileSync('/lib64/ld-linux-x86-64.so.2', library);
  const needs = ['--add-needed', 'libheld.so', '--set-rpath', '$ORIGIN'];
  execFileSync('patchelf', [...needs, editor]);
  stage.own(tree);
});
afterEach(async () => {
  await held?.release();
  await stage.quit();
});
afterAll(() => stage?.close());

describe('findings while the scan runs', () => {
  it('the first one is a row to open before the scan has read the next program', async () => {
    const file = await holdFile(library);
    held = file;
    const devmend = await stage.launch();
    const { page } = devmend;
    const ui = screens(devmend);
    await ui.button('Scan this machine').click();
    const row = page.locator('main[data-screen="scan"] .found-row').filter({ hasText: 'git' });
    await row.waitFor();
    await row.click();
    await page.locator('.found-detail').getByText('GLIBC_2.38').first().waitFor();
    await expect.poll(file.isAskedFor).toBe(true);
    await ui.button('Stop').waitFor();
    await devmend.picture('streaming');
    await file.release();

    const findings = await ui.screen('findings');
    const current = findings.locator('[data-row][aria-current]');
    expect(await current.innerText()).toContain('git');
    expect(await devmend.problems()).toEqual([]);
  });
});
