import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStage, type Stage } from './harness.ts';
import { layHistory, layInterrupted } from './harness/history.ts';
import { look } from './harness/look.ts';

const themes = ['light', 'dark'] as const;
const languages = ['en', 'zh-CN'] as const;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage?.close());

describe.each(themes.flatMap((theme) => languages.map((language) => ({ theme, language }))))(
  'A4.11 A4.12 the history and its limits, $theme, $language',
  ({ theme, language }) => {
    it('have no accessibility violation and no untranslated text in any state', async () => {
      stage.write(
        `${stage.home}/.config/devmend/settings.json`,
        JSON.stringify({ theme, language }),
        0o600,
      );
      const empty = await stage.launch();
      await empty.page.locator('nav .nav-item').nth(1).click();
      await empty.page.locator('main[data-screen="history"] h2').waitFor();
      await look(empty, `history-empty-${theme}-${language}`);
      await empty.close();

      const laid = await layHistory(stage);
      await layInterrupted(stage, laid);
      const devmend = await stage.launch();
      const { page } = devmend;
      const main = (name: string) => page.locator(`main[data-screen="${name}"]`);
      const seen = (name: string) => look(devmend, `${name}-${theme}-${language}`);
      const banner = page.getByRole('alert');
      await banner.locator('li').waitFor();
      await seen('banner-interrupted');
      await banner.getByRole('button').click();
      await page.locator('.notice.ok').waitFor();
      await seen('banner-recovered');

      await page.locator('nav .nav-item').nth(1).click();
      const history = main('history');
      await history.locator(`[data-transaction="${laid.ids[1]}"]`).click();
      await history.getByTestId('undo-preview').waitFor();
      await history.locator('.entry-actions button').first().click();
      await history.locator('.pinned').waitFor();
      await seen('history-entry');
      const unfold = history.locator('header button[aria-expanded]');
      await unfold.click();
      await history.getByRole('combobox').nth(1).selectOption('remove-tree');
      await expect.poll(() => history.locator('[data-transaction]').count()).toBe(1);
      await seen('history-filtered');
      await history.getByRole('searchbox').fill('no such thing');
      await history.locator('.table-empty').waitFor();
      await seen('history-no-match');

      await page.locator('nav .nav-item').nth(3).click();
      const settings = main('settings');
      const number = settings.locator('.limit input[type="number"]').first();
      await number.fill('1');
      await settings.locator('.expiring details').waitFor();
      await settings.locator('.expiring summary').click();
      await seen('limits-preview');
      await settings.locator('.limit ~ .button').click();
      await settings.locator('.expiring .button.danger').click();
      await settings.locator('.expiring .notice.warn').waitFor();
      await seen('limits-question');
      await settings.locator('.expiring .notice .button.danger').click();
      await settings.locator('.expiring .notice.ok').waitFor();
      await seen('limits-removed');
      expect(await devmend.problems()).toEqual([]);
    });
  },
);
