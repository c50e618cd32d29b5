import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settingsText } from '../fixtures/desk.ts';
import { openStage, type Stage } from './harness.ts';
import { fileFacts, layRealGit, namedGit, type DeskFiles } from './harness/desk.ts';
import { screens } from './harness/pages.ts';

let stage: Stage;
let desk: DeskFiles;

beforeAll(async () => {
  stage = await openStage();
  desk = await layRealGit(stage);
});
afterAll(() => stage?.close());

it('A4.1 A4.3 the main job in the window: find, explain, plan, repair, prove, take back', async () => {
  const before = [fileFacts(desk.git), fileFacts(desk.settings)];
  expect((await stage.asUser(desk.git, ['--version'])).stderr).toContain('GLIBC_2.38');
  const devmend = await stage.launch();
  const at = screens(devmend);

  const findings = await at.scan();
  await findings.getByRole('heading', { name: /the C library is too old for it/ }).waitFor();
  const shown = await findings.innerText();
  for (const fact of ['GLIBC_2.38', '2.36', '__isoc23_strtol', 'libc.so.6', 'settings.json:4']) {
    expect(shown).toContain(fact);
  }
  expect(await at.currentStep()).toContain('Findings');
  await devmend.picture('journey-findings');

  const plan = await at.plan();
  await devmend.picture('journey-plan');
  expect(await plan.innerText()).toContain('Debian 13, glibc 2.41');
  expect([fileFacts(desk.git), fileFacts(desk.settings)]).toEqual(before);
  expect(existsSync(join(stage.home, '.local/share/devmend/sandbox'))).toBe(false);

  await at.apply();
  const done = await at.screen('done');
  await done.getByRole('heading', { name: '1 repair done and proven' }).waitFor();
  expect(await done.innerText()).toContain('git version 2.47.3');
  await at.button('Show terminal').click();
  const output = await at.terminalText();
  await expect.poll(() => at.terminalIsInside()).toBe(true);
  await devmend.picture('journey-done');
  expect(output).toMatch(/patchelf --force-rpath --set-rpath/);
  expect(output).toMatch(/patchelf --set-interpreter/);
  expect(output).toContain('git version 2.47.3');

  const copy = namedGit(desk.settings);
  expect(copy).toContain('.local/share/devmend/programs/git-');
  expect(readFileSync(desk.settings, 'utf8')).toBe(settingsText(copy));
  expect((await stage.asUser(copy, ['--version'])).stdout).toBe('git version 2.47.3\n');
  expect(fileFacts(desk.git)).toEqual(before[0]);

  await at.go('History');
  const history = await at.newest();
  const preview = history.getByTestId('undo-preview');
  await preview.waitFor();
  await devmend.picture('journey-history');
  expect(await preview.innerText()).toContain(desk.git);
  await at.button('Undo this repair').click();
  await history
    .getByRole('row', { name: /Undone/ })
    .first()
    .waitFor();

  expect([fileFacts(desk.git), fileFacts(desk.settings)]).toEqual(before);
  expect(existsSync(copy)).toBe(false);
  expect(existsSync(join(stage.home, '.local/share/devmend'))).toBe(false);
  expect((await stage.asUser(desk.git, ['--version'])).stderr).toContain('GLIBC_2.38');
  expect(await devmend.problems()).toEqual([]);
  await devmend.close();
});
