import AxeBuilder from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repository } from './harness.ts';

/**
 * The same window as a plain page on the fake bridge, as `npm run dev:ui` serves
 * it: states that are hard to bring about for real, narrow windows, 200 % zoom
 * and a language whose words are 40 % longer.
 */
let server: ViteDevServer;
let browser: Browser;
let address = '';

beforeAll(async () => {
  server = await createServer({
    configFile: `${repository}/build/vite.renderer.config.ts`,
    mode: 'browser',
    logLevel: 'error',
    server: { port: 0, host: '127.0.0.1', hmr: false },
  });
  await server.listen();
  address = server.resolvedUrls?.local[0] ?? '';
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    // Chromium refuses to start as root with its sandbox on; the page is our own.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    // Playwright hides what takes room in the real window.
    ignoreDefaultArgs: ['--hide-scrollbars'],
  });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function open(
  query: Readonly<Record<string, string>>,
  viewport = { width: 1240, height: 800 },
): Promise<Page> {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(`${address}?${new URLSearchParams({ pace: '0', ...query }).toString()}`);
  await page.locator('main').waitFor();
  return page;
}

/** Words that their box cuts off: neither visible, nor to be scrolled to. */
function cutOff(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const hides = (value: string) => value === 'hidden' || value === 'clip';
    return [...document.querySelectorAll<HTMLElement>('body *')]
      .filter((element) => {
        // What only a screen reader is meant to find is small on purpose.
        if (element.closest('.visually-hidden, [aria-hidden="true"], svg')) return false;
        if (element.clientWidth <= 1 || element.innerText?.trim() === '') return false;
        const style = getComputedStyle(element);
        const wide = hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
        const high = hides(style.overflowY) && element.scrollHeight > element.clientHeight + 1;
        return wide || high;
      })
      .map(
        (element) => `${element.className || element.tagName}: ${element.innerText.slice(0, 40)}`,
      );
  });
}

/** Whether the whole of one element is within the box of another. */
function inView(page: Page, selector: string, within: string): Promise<boolean> {
  return page.evaluate(
    ([inner = '', outer = '']) => {
      const [one, box] = [inner, outer].map((name) =>
        document.querySelector(name)?.getBoundingClientRect(),
      );
      return (
        one !== undefined &&
        box !== undefined &&
        one.left >= box.left &&
        one.right <= box.right &&
        one.top >= box.top &&
        one.bottom <= box.bottom
      );
    },
    [selector, within],
  );
}

async function sound(page: Page): Promise<void> {
  expect(await cutOff(page)).toEqual([]);
  expect(await page.locator('body').innerText()).not.toMatch(/\{\{|\}\}/);
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways).toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')}`)).toEqual([]);
}

/** Through the wizard, looking at every step. */
async function walk(page: Page): Promise<void> {
  const primary = page.locator('main button.button.go').last();
  await sound(page);
  await primary.click();
  for (const screen of ['findings', 'plan', 'done']) {
    await page.locator(`main[data-screen="${screen}"]`).waitFor();
    await expect.poll(() => primary.isEnabled()).toBe(true);
    await sound(page);
    await primary.click();
  }
}

describe('A4.11 A4.12 the window holds its words', () => {
  const sizes = [
    { name: 'at its usual size', viewport: { width: 1240, height: 800 } },
    { name: 'at its smallest', viewport: { width: 900, height: 600 } },
    { name: 'at 200 % zoom', viewport: { width: 620, height: 400 } },
  ];
  for (const { name, viewport } of sizes) {
    for (const language of ['en', 'zh-CN', 'pseudo'] as const) {
      it(`${name}, ${language === 'pseudo' ? 'with words 40 % longer' : language}`, async () => {
        const words = language === 'pseudo' ? { pseudo: '1' } : { lang: language };
        const page = await open({ scenario: 'first', ...words }, viewport);
        await walk(page);
        for (const route of ['history', 'machine', 'settings']) {
          const other = await open({ scenario: 'git', route, ...words }, viewport);
          await sound(other);
          await other.context().close();
        }
        await page.context().close();
      });
    }
  }
});

it('A4.11 one ring is drawn, around what has the focus', async () => {
  const page = await open({ route: 'machine', tab: 'matrix', lang: 'en' });
  await page.locator('.matrix').waitFor();
  const rings = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('body *')]
        .filter((one) => getComputedStyle(one).outlineStyle !== 'none' && one.clientWidth > 0)
        .map((one) => [one.className, one === document.activeElement]),
    );
  await page.getByRole('tab', { name: 'Programs and systems' }).press('ArrowLeft');
  await page.keyboard.press('ArrowRight');
  expect(await rings()).toEqual([['subtab', true]]);
  await page.locator('.matrix').focus();
  await page.keyboard.press('ArrowRight');
  expect(await rings()).toEqual([['matrix', true]]);
  await page.context().close();
});

it('A4.11 the terminal shows that it has the focus', async () => {
  const page = await open({ scenario: 'failure', lang: 'en' });
  for (const screen of ['plan', 'done']) {
    await page.locator('main button.button.go').last().click();
    await page.locator(`main[data-screen="${screen}"]`).waitFor();
  }
  const terminal = page.locator('.drawer-terminal');
  const ring = () => terminal.evaluate((one) => getComputedStyle(one).outlineStyle);
  await terminal.locator('textarea').waitFor({ state: 'attached' });
  expect(await ring()).toBe('none');
  await terminal.locator('textarea').focus();
  expect(await ring()).toBe('solid');
  await page.context().close();
});

it('A4.11 scrollbars are thin, and the system’s own where it forces its colours', async () => {
  const page = await open({ scenario: 'git', route: 'machine', tab: 'matrix' });
  const matrix = page.locator('.matrix');
  await matrix.waitFor();
  const bars = () =>
    matrix.evaluate((one: HTMLElement) => [
      one.offsetWidth - one.clientWidth,
      one.offsetHeight - one.clientHeight,
    ]);
  expect(await bars()).toEqual([10, 10]);
  await page.emulateMedia({ forcedColors: 'active' });
  expect(Math.min(...(await bars()))).toBeGreaterThan(10);
  await page.context().close();
});

describe('A4.11 what is open keeps the room it needs', () => {
  const widthOf = (page: Page, selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((one) => one.getBoundingClientRect().width);

  for (const width of [900, 1099, 1100]) {
    it(`a finding of a running scan, ${width} wide`, async () => {
      const page = await open({ scenario: 'thousands' }, { width, height: 700 });
      await page.locator('main button.button.go').last().click();
      await page.locator('.found-row').nth(1).click();
      await page.locator('.hop').first().waitFor();
      expect(await widthOf(page, '.hop-text')).toBeGreaterThan(200);
      await page.context().close();
    });
  }

  it('an address that is typed, and the list beside three versions', async () => {
    const page = await open({ scenario: 'git' });
    await page.locator('.more-options > summary').click();
    expect(await widthOf(page, '.more-options .input')).toBeGreaterThan(400);
    const compared = await open({ scenario: 'conflict', route: 'history' });
    await compared.locator('.conflict > button').press('Enter');
    await compared.locator('.three-column').first().waitFor();
    expect(await widthOf(compared, '.table-body .what')).toBeGreaterThan(150);
    await compared.context().close();
    await page.context().close();
  });

  it('the history’s list in whole rows, and what takes filters back beside one', async () => {
    for (const height of [600, 800, 1000]) {
      const page = await open({ route: 'history' }, { width: 900, height });
      const body = page.locator('.table-body');
      await body.locator('[data-transaction]').first().waitFor();
      expect(await body.evaluate((one) => one.clientHeight % 60)).toBe(0);
      await page.context().close();
    }
    for (const width of [900, 1100, 1240]) {
      const page = await open({ route: 'history' }, { width, height: 800 });
      await page.locator('header button[aria-expanded]').click();
      const bottoms = await page
        .locator('.filters button, .filters .field:has(> input:not([type]))')
        .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().bottom)));
      expect(bottoms).toHaveLength(2);
      expect(new Set(bottoms).size).toBe(1);
      await page.context().close();
    }
  });

  it('nothing moves when the entry in view has no button in the bar', async () => {
    const page = await open({ scenario: 'git', route: 'history' });
    const height = async () =>
      Math.round((await page.locator('footer.bar').boundingBox())?.height ?? 0);
    await page.getByRole('button', { name: 'Undo this repair' }).waitFor();
    const before = await height();
    await page.locator('[data-transaction]').nth(1).click();
    await page.getByRole('button', { name: 'Undo this repair' }).waitFor({ state: 'detached' });
    expect(await height()).toBe(before);
    await page.context().close();
  });
});

it('a word that its button cuts off would be seen', async () => {
  const page = await open({ scenario: 'first' });
  await page.addStyleTag({
    content: 'main button { overflow: hidden; width: 40px; white-space: nowrap }',
  });
  expect((await cutOff(page)).length).toBeGreaterThan(0);
  await page.context().close();
});

describe('a bad day on the fake machine', () => {
  it('5,000 findings: rows while the scan runs, and never more drawn than are in view', async () => {
    const page = await open({ scenario: 'thousands', lang: 'en' });
    await page.locator('main button.button.go').last().click();
    const row = page.locator('main[data-screen="scan"] .found-row').first();
    await row.waitFor();
    await row.click();
    await page.locator('main[data-screen="findings"]').waitFor();
    const rows = page.locator('main .list [data-row]');
    expect(await rows.count()).toBeLessThan(60);
    await page.locator('main .list [data-row][aria-current]').waitFor();
    await page.locator('main .list [data-row][aria-current]').focus();
    await page.keyboard.press('End');
    const last = page.getByRole('button', { name: 'Settings of VSCodium' });
    await last.waitFor();
    await expect.poll(() => last.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.keyboard.press('ArrowUp');
    const focused = page.locator('[data-row]:focus');
    await expect
      .poll(() => focused.evaluate((one) => one.closest('li')?.getAttribute('aria-posinset')))
      .toBe('1667');
    expect(await rows.count()).toBeLessThan(60);
    await sound(page);
    await page.context().close();
  });

  const looks = [
    { name: 'in English', look: { lang: 'en', theme: 'light' } },
    { name: 'in Chinese, dark', look: { lang: 'zh-CN', theme: 'dark' } },
    { name: 'with words 40 % longer', look: { pseudo: '1' } },
  ];
  for (const { name, look } of [...looks, { name: 'dark', look: { lang: 'en', theme: 'dark' } }]) {
    for (const viewport of [
      { width: 1240, height: 800 },
      { width: 620, height: 400 },
    ]) {
      it(`A3.5 three versions of what somebody changed ${name}, ${viewport.width} wide`, async () => {
        const page = await open({ scenario: 'conflicts', route: 'history', ...look }, viewport);
        await page.locator('.conflict > button').press('Enter');
        const columns = page.locator('.three-column');
        // Six things, three versions of each; a text in a version can be reached by keyboard.
        await expect.poll(() => columns.count()).toBe(18);
        const tops = await columns.evaluateAll((all) =>
          all.slice(0, 3).map((one) => Math.round(one.getBoundingClientRect().top)),
        );
        if (viewport.width > 1100) expect(new Set(tops).size).toBe(1);
        const text = columns.nth(2).locator('.diff');
        await text.focus();
        expect(await text.evaluate((one) => one === document.activeElement)).toBe(true);
        await sound(page);
        await page.context().close();
      });
    }
  }

  for (const { name, look } of looks) {
    for (const viewport of [
      { width: 1240, height: 800 },
      { width: 620, height: 400 },
    ]) {
      it(`a graph of 299 files ${name}, ${viewport.width} wide`, async () => {
        const place = { route: 'machine', tab: 'graph', program: 'program-code' };
        const page = await open({ ...place, ...look }, viewport);
        // It opens on the worst problem, in the list and in the picture.
        const chosen = page.locator('.graph-tree [aria-selected="true"]');
        await expect.poll(() => chosen.innerText()).toContain('libgone.so.2');
        await expect
          .poll(() => inView(page, '.graph-tree [aria-selected="true"]', '.graph-tree'))
          .toBe(true);
        await expect.poll(() => inView(page, '.node.current', '.graph-canvas')).toBe(true);
        await sound(page);
        const list = await open({ route: 'machine', tab: 'graph', ...look }, viewport);
        await list.locator('[data-program]').first().waitFor();
        await sound(list);
        await list.context().close();
        await page.context().close();
      });
    }
  }

  for (const width of [900, 1240]) {
    it(`what is looked for in a graph moves nothing, and shows who asks, ${width} wide`, async () => {
      const place = { route: 'machine', tab: 'graph', program: 'program-code', lang: 'en' };
      const page = await open(place, { width, height: 800 });
      const [picture, list] = [page.locator('.graph-canvas'), page.locator('.graph-tree')];
      const corners = async () =>
        (await Promise.all([picture.boundingBox(), list.boundingBox()])).map((box) => [
          box?.x,
          box?.y,
        ]);
      await list.locator('[aria-selected="true"]').waitFor();
      const before = await corners();
      await page.getByRole('searchbox', { name: 'Find a library' }).fill('libpart-29');
      const chosen = list.locator('[aria-selected="true"]');
      await expect.poll(() => chosen.innerText()).toContain('libpart-29.so.1');
      expect(await corners()).toEqual(before);
      for (const node of ['.node.current', '[data-node$="/libpart-5.so.1"] > g']) {
        await expect.poll(() => inView(page, node, '.graph-canvas')).toBe(true);
      }
      await page.context().close();
    });
  }

  it('the graph is walked, folded and searched by keyboard, and the picture follows', async () => {
    const place = { route: 'machine', tab: 'graph', program: 'program-code', lang: 'en' };
    const page = await open(place);
    const drawn = async () => Number(await page.locator('svg.graph').getAttribute('data-nodes'));
    await page.locator('.graph-tree').waitFor();
    const folded = await drawn();
    await page.getByRole('button', { name: 'Unfold all' }).press('Enter');
    await expect.poll(drawn).toBe(299);
    await expect.poll(() => inView(page, '.node.current', '.graph-canvas')).toBe(true);
    await page.getByRole('button', { name: 'Fit', exact: true }).press('Enter');
    await expect.poll(() => inView(page, 'svg.graph > g', '.graph-canvas')).toBe(true);
    await page.getByRole('button', { name: 'Fold what is fine' }).press('Enter');
    await expect.poll(drawn).toBe(folded);
    const find = page.getByRole('searchbox', { name: 'Find a library' });
    await find.fill('libpart-29');
    const chosen = page.locator('.graph-tree [aria-selected="true"]');
    await expect.poll(() => chosen.innerText()).toContain('libpart-29.so.1');
    await find.press('Enter');
    await expect.poll(() => chosen.innerText()).toContain('libpart-290.so.1');
    await chosen.focus();
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => chosen.innerText()).not.toContain('libpart-290.so.1');
    const transform = () => page.locator('svg.graph > g').getAttribute('transform');
    const before = await transform();
    await page.locator('.graph-canvas').focus();
    await page.keyboard.press('+');
    await expect.poll(transform).not.toBe(before);
    await page.context().close();
  });
});
