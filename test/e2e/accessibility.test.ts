import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from './harness.ts';
import { laySmallGit } from './harness/desk.ts';
import { look } from './harness/look.ts';

/**
 * Every screen in both themes and both languages: no violation of WCAG 2.2 AA, no
 * key instead of a text, nothing cut off sideways; a picture of each is kept.
 */
const themes = ['light', 'dark'] as const;
const languages = ['en', 'zh-CN'] as const;

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  laySmallGit(stage);
});
afterAll(() => stage?.close());

describe.each(themes.flatMap((theme) => languages.map((language) => ({ theme, language }))))(
  'A4.11 A4.12 every screen, $theme, $language',
  ({ theme, language }) => {
    it('has no accessibility violation and no untranslated text', async () => {
      stage.write(
        `${stage.home}/.config/devmend/settings.json`,
        JSON.stringify({ theme, language }),
        0o600,
      );
      const devmend = await stage.launch();
      const { page } = devmend;
      const main = (name: string) => page.locator(`main[data-screen="${name}"]`);
      const primary = () => page.locator('main button.button.go').last();
      const navigation = page.locator('nav .nav-item');
      const seen = (name: string) => look(devmend, `${name}-${theme}-${language}`);

      await main('scan').waitFor();
      await seen('first-start');
      await primary().click();
      await main('findings').waitFor();
      await seen('findings');
      await primary().click();
      await main('plan').waitFor();
      await expect.poll(() => primary().isEnabled(), { timeout: 60_000 }).toBe(true);
      await seen('plan');
      await primary().click();
      await main('repair').waitFor();
      await seen('repair');
      await main('done').waitFor({ timeout: 60_000 });
      await seen('done');
      await navigation.nth(1).click();
      await main('history').waitFor();
      await main('history').getByRole('row').nth(1).click();
      await main('history').getByTestId('undo-preview').waitFor();
      await seen('history');
      await page.locator('main button.button.danger').click();
      await expect
        .poll(() => main('history').getByRole('row').count(), { timeout: 60_000 })
        .toBeGreaterThan(2);
      await seen('history-undone');
      await navigation.nth(2).click();
      await main('machine').waitFor();
      await seen('machine');
      const tab = async (name: string, ready: string, shown = name) => {
        await main('machine').locator(`[role=tab][data-key="${name}"]`).click();
        await main('machine').locator(ready).first().waitFor();
        await seen(shown);
      };
      await tab('components', '.card.component');
      await tab('graph', '[data-program]');
      await tab('processes', '.bar .button.go:not([data-disabled])');
      await tab('matrix', '.matrix-cell');
      await tab('editors', '[data-release]');
      await tab('go', '[data-release]');
      await tab('change', '.bar .button.go');
      await tab('trace', '[data-program]');
      await main('machine').locator('[data-program]').first().click();
      await main('machine').locator('.command-line').waitFor();
      await seen('trace-consent');
      await primary().click();
      await main('machine').locator('[data-kind]').first().waitFor({ timeout: 60_000 });
      await seen('trace-result');
      // The program that was traced is the one that the graph is of.
      await tab('graph', '.graph-tree [aria-selected="true"]', 'graph-of-program');
      await navigation.nth(3).click();
      await main('settings').waitFor();
      await seen('settings');
      expect(await devmend.problems()).toEqual([]);
      await devmend.close();
    });
  },
);
