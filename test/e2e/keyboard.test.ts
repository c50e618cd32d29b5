import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStage, type Devmend, type Stage } from './harness.ts';
import { fileFacts, laySmallGit, namedGit, type DeskFiles } from './harness/desk.ts';
import { screens } from './harness/pages.ts';

let stage: Stage;
let desk: DeskFiles;
let devmend: Devmend;

beforeAll(async () => {
  stage = await openStage();
  desk = laySmallGit(stage);
  devmend = await stage.launch();
});
afterAll(() => stage?.close());

/** What has the focus, as assistive technology would call it. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    return (element?.getAttribute('aria-label') ?? element?.innerText ?? '').trim();
  });
}

/** Presses a key until the focus is on something of that name; a keyboard user has no other way. */
async function reach(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    const now = await focused(page);
    if (name.test(now)) return;
    passed.push(now.slice(0, 30));
    await page.keyboard.press(key);
  }
  throw new Error(`not reached by ${key}: ${name}; passed ${passed.join(' | ')}`);
}

it('A4.11 the whole journey by keyboard alone, with the focus on each step’s heading', async () => {
  const { page } = devmend;
  const at = screens(devmend);
  const before = [fileFacts(desk.git), fileFacts(desk.settings)];

  await reach(page, /^Scan this machine$/);
  await page.keyboard.press('Enter');
  await at.screen('findings');
  await expect.poll(() => focused(page)).toContain('the C library is too old for it');

  await reach(page, /^Review plan for 1 repair$/);
  await page.keyboard.press('Enter');
  await at.screen('plan');
  await expect.poll(() => focused(page)).toBe('1 repair, 3 changes');

  await reach(page, /^Apply 1 repair$/);
  await page.keyboard.press('Enter');
  await at.screen('done');
  await expect.poll(() => focused(page)).toBe('1 repair done and proven');
  expect((await stage.asUser(namedGit(desk.settings), ['--version'])).stdout).toContain('1.2.3');

  await reach(page, /^Show in History$/);
  await page.keyboard.press('Enter');
  const history = await at.screen('history');
  await history.getByTestId('undo-preview').waitFor();
  await expect.poll(() => at.button('Undo this repair').isEnabled()).toBe(true);
  expect(await focused(page)).not.toBe('Undo this repair');
  await reach(page, /^Undo this repair$/);
  await page.keyboard.press('Enter');
  await history
    .getByRole('row', { name: /Undone/ })
    .first()
    .waitFor();
  expect([fileFacts(desk.git), fileFacts(desk.settings)]).toEqual(before);
  expect(await devmend.problems()).toEqual([]);
});
