import type { Locator, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Devmend, type Stage } from './harness.ts';
import { layManyRepairs, MANY, PROGRAMS, type ManyLaid } from './harness/many-repairs.ts';
import { screens } from './harness/pages.ts';

let stage: Stage;
let laid: ManyLaid;

beforeAll(async () => {
  stage = await openStage();
  laid = await layManyRepairs(stage);
});
afterEach(() => stage?.quit());
afterAll(() => stage?.close());

declare global {
  interface Window {
    /** What was wrong with the list in any of the pictures so far. */
    devmendRows?: { readonly faults: string[]; pictures: number };
  }
}

interface Opened {
  readonly devmend: Devmend;
  readonly at: ReturnType<typeof screens>;
  readonly history: Locator;
}

async function openHistory(): Promise<Opened> {
  const devmend = await stage.launch();
  const at = screens(devmend);
  await at.go('History');
  const history = await at.screen('history');
  await history.locator('[data-transaction]').first().waitFor();
  return { devmend, at, history };
}

/** Looks at the list before every picture: no gap where a row should be, all in their order. */
function watchRows(page: Page): Promise<void> {
  return page.evaluate(() => {
    const seen = { faults: [] as string[], pictures: 0 };
    window.devmendRows = seen;
    const look = (): void => {
      const list = document.querySelector('.table-body');
      const rows = [...(list?.querySelectorAll<HTMLElement>('[data-index]') ?? [])];
      if (list !== null && rows.length > 0) {
        seen.pictures += 1;
        const { top, bottom } = list.getBoundingClientRect();
        const places = rows.map((row) => Number(row.dataset['index']));
        if (places.some((place, at) => at > 0 && place <= (places[at - 1] ?? 0)))
          seen.faults.push(`out of order: ${places.join(' ')}`);
        let covered = top;
        for (const row of rows) {
          const box = row.getBoundingClientRect();
          if (box.bottom > top && box.top <= covered + 1) covered = Math.max(covered, box.bottom);
        }
        if (covered < bottom - 1) seen.faults.push(`nothing below ${covered} of ${bottom}`);
      }
      requestAnimationFrame(look);
    };
    look();
  });
}

interface Shown {
  readonly place: number;
  readonly id: string | null;
}

/** The rows that can be seen, from the top. */
function inView(history: Locator): Promise<readonly Shown[]> {
  return history.locator('.table-body').evaluate((list) => {
    const { top, bottom } = list.getBoundingClientRect();
    return [...list.querySelectorAll<HTMLElement>('[data-index]')]
      .filter((row) => {
        const box = row.getBoundingClientRect();
        return box.bottom > top && box.top < bottom;
      })
      .map((row) => ({
        place: Number(row.dataset['index']),
        id: row.getAttribute('data-transaction'),
      }));
  });
}

/** Waits until what is in view has come from the engine, and every row is the one of its place. */
async function expectInPlace(history: Locator, first: (place: number) => boolean): Promise<void> {
  await expect
    .poll(async () => {
      const rows = await inView(history);
      return (
        rows.length > 3 &&
        first(rows[0]?.place ?? -1) &&
        rows.every(({ place, id }) => id !== null && id === laid.ids[place])
      );
    })
    .toBe(true);
}

/** Place of the row that has the focus, and the entry that stands beside the list. */
async function expectAt({ devmend, history }: Opened, place: number): Promise<void> {
  const focused = (): Promise<string | undefined> =>
    devmend.page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['index']);
  await expect.poll(focused).toBe(String(place));
  await history
    .getByRole('article')
    .getByText(laid.ids[place] ?? '')
    .waitFor();
}

describe('A4.10 ten thousand repairs in the window', () => {
  it('scroll by with the wheel, none missing and all in their order', async () => {
    const { devmend, history } = await openHistory();
    const { page } = devmend;
    expect(await history.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(MANY + 1));
    await page.getByText(`${MANY.toLocaleString('en')} entries`).waitFor();
    await expectInPlace(history, (place) => place === 0);
    await watchRows(page);
    await history.locator('.table-body').hover();
    for (const [step, times] of [
      [240, 30],
      [6_000, 20],
      [60_000, 12],
      [-6_000, 10],
    ] as const) {
      const start = (await inView(history))[0]?.place ?? 0;
      for (let time = 0; time < times; time += 1) await page.mouse.wheel(0, step);
      await expectInPlace(history, (place) => (step > 0 ? place > start : place < start));
    }
    const seen = await page.evaluate(() => window.devmendRows);
    expect(seen?.faults).toEqual([]);
    expect(seen?.pictures).toBeGreaterThan(10);
    expect(await devmend.problems()).toEqual([]);
  });

  it('are walked through by the keyboard, from the newest to the oldest', async () => {
    const opened = await openHistory();
    const { devmend, history } = opened;
    const { keyboard } = devmend.page;
    await watchRows(devmend.page);
    await history.locator('[data-index="0"]').focus();
    for (let time = 0; time < 105; time += 1) await keyboard.press('ArrowDown');
    await expectAt(opened, 105);
    await expectInPlace(history, (place) => place <= 105);
    for (let time = 0; time < 10; time += 1) await keyboard.press('PageDown');
    await expectAt(opened, 185);
    await keyboard.press('End');
    await expectAt(opened, MANY - 1);
    await expectInPlace(history, (place) => place > MANY - 30);
    await keyboard.press('ArrowUp');
    await expectAt(opened, MANY - 2);
    await keyboard.press('Home');
    await expectAt(opened, 0);
    await expectInPlace(history, (place) => place === 0);
    expect((await devmend.page.evaluate(() => window.devmendRows))?.faults).toEqual([]);
    expect(await devmend.problems()).toEqual([]);
  });

  it('are narrowed by program, file, words, days, kind and state; an entry tells what it did', async () => {
    const { devmend, at, history } = await openHistory();
    const matching = (count: number) =>
      devmend.page
        .getByText(`${count.toLocaleString('en')} of 10,000 entries match`)
        .filter({ visible: true })
        .first()
        .waitFor();
    await at.button('Filters').click();
    const clear = () => at.button('Clear filters').click();
    const choose = (name: string, value: string) =>
      history.getByRole('combobox', { name, exact: true }).selectOption(value);
    await choose('Program', 'tool-7');
    await matching(MANY / PROGRAMS);
    await choose('State', 'undone');
    await matching(0);
    await history.getByText('Nothing matches the filter.').waitFor();
    await choose('State', 'applied');
    await choose('Kind of change', 'edit-json');
    await matching(MANY / PROGRAMS);
    await clear();
    // All but the newest, which is of today, are of September and before.
    await history.getByLabel('To', { exact: true }).fill('2026-09-30');
    await matching(MANY - 1);
    await clear();
    await history.getByLabel('File or folder', { exact: true }).fill(laid.fileOf(4_321));
    await matching(1);
    const row = history.locator(`[data-transaction="${laid.ids[4_321]}"]`);
    await row.click();
    const told = history.getByRole('region', { name: 'What was done' });
    await told.getByText('~/files/5678.json was changed.').waitFor();
    // The file of a made-up repair is not there: what undo would do says so.
    const undo = history.getByRole('region', { name: 'What undo will do' });
    await undo.getByText('Restore 5678.json').waitFor();
    await clear();
    await history.getByRole('searchbox').fill('/5678.JSON');
    await matching(1);
    expect(await devmend.problems()).toEqual([]);
  });
});
