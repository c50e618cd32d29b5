import AxeBuilder from '@axe-core/playwright';
import { expect } from 'vitest';
import type { Devmend } from '../harness.ts';

/**
 * What is in view has no violation of WCAG 2.2 AA, no key instead of a text and nothing
 * that is cut off sideways; a picture of it is kept.
 */
export async function look(devmend: Devmend, name: string): Promise<void> {
  const { page } = devmend;
  // Electron's page cannot open the second tab that axe would use for its report.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const found = violations.map(
    ({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
  await devmend.picture(name);
  expect(found).toEqual([]);
  const shown = await page.locator('body').innerText();
  expect(shown).not.toMatch(
    /\{\{\w+\}\}|\b(check|repair|change|error|verify|components?|process|matrix|trace|upgrade)\.[a-z]+\.[a-zA-Z.]+\b/,
  );
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
}
