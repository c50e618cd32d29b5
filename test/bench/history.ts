import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { historyPage, showTransaction } from '../../electron/engine/journal/history.ts';
import { setup } from '../e2e/harness/assemble.ts';
import { layManyRepairs, type ManyLaid } from '../e2e/harness/many-repairs.ts';
import { actAs } from '../e2e/harness/user.ts';
import { openStage, type Stage } from '../e2e/harness.ts';
import { value } from '../integration/journal/workbench.ts';
import { median } from './measure.ts';
import type { BenchRow } from './row.ts';

const rounds = 7;
/** What opening may take, in seconds. */
const LIMIT = 0.1;
const PICTURES = 240;
/** A picture that comes later than this is seen as a stop. */
const LONG_SECONDS = 0.05;

/** A history of ten thousand repairs: in the engine, and in the real window. */
export async function historyBenches(): Promise<readonly BenchRow[]> {
  await setup();
  const stage = await openStage();
  try {
    const laid = await layManyRepairs(stage);
    const rows = await actAs(stage.user, () => engineRows(laid));
    return [...rows, ...(await windowRows(stage))];
  } finally {
    await stage.close();
  }
}

async function engineRows({ bench, ids }: ManyLaid): Promise<readonly BenchRow[]> {
  const { machine } = bench;
  const { cache, state } = machine.directories;
  const journals = ids.map((id) => join(state, 'journal', id, 'journal.jsonl'));
  // The window asks for as many.
  const first = async () => value(await historyPage(machine, { offset: 0, limit: 100 }));
  await first();
  const page = await secondsOf(rounds, first);
  const found = await secondsOf(rounds, async () =>
    value(await historyPage(machine, { program: 'tool-7', status: ['applied'], limit: 100 })),
  );
  const shown = await secondsOf(rounds, async () =>
    value(await showTransaction(machine, ids[5_000] ?? '')),
  );
  const reading = await secondsOf(3, async () => {
    for (let at = 0; at < journals.length; at += 64)
      await Promise.all(journals.slice(at, at + 64).map((path) => readFile(path)));
  });
  const cold = await secondsOf(3, async () => {
    rmSync(join(cache, 'history-index'), { force: true });
    await first();
  });
  return [
    withinLimit('first page of 10,000 repairs', page),
    withinLimit('those of one program and state among 10,000 repairs', found),
    withinLimit('one entry among 10,000 repairs', shown),
    {
      name: 'first page of 10,000 repairs when the index is gone, which makes it anew',
      ours: cold,
      reference: reading,
      referenceName: 'reading the 10,000 journals',
      ratio: cold / reading,
      budget: 6,
    },
  ];
}

/** From the click to the rows, and how long the pictures take while all of them scroll by. */
async function windowRows(stage: Stage): Promise<readonly BenchRow[]> {
  const opening: number[] = [];
  const scrolling: (readonly number[])[] = [];
  const resting: (readonly number[])[] = [];
  for (let round = 0; round < 3; round += 1) {
    const { page, close } = await stage.launch();
    // The engine has started when it has answered once.
    await page.evaluate(() => window.devmend?.call('recovery.status', {}));
    await page.locator('nav .nav-item').nth(1).waitFor();
    opening.push(await secondsToRows(page));
    resting.push(await pictures(page, 0));
    scrolling.push(await pictures(page, 1));
    await close();
  }
  const [ours, reference] = [median(scrolling.map(mean)), median(resting.map(mean))];
  const long = median(scrolling.map((all) => all.filter((one) => one > LONG_SECONDS).length));
  return [
    withinLimit(
      'History of 10,000 repairs in the window, from the click to its rows',
      median(opening),
    ),
    {
      name: 'a picture of the window while 10,000 repairs scroll by',
      ours,
      reference,
      referenceName: 'while nothing moves',
      ratio: ours / reference,
      budget: 1.25,
    },
    {
      name: 'pictures later than 50 ms while 10,000 repairs scroll by',
      ours: long,
      reference: PICTURES,
      referenceName: 'of so many',
      ratio: long / PICTURES,
      budget: 0.05,
      unit: 'pictures',
    },
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

function secondsToRows(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const started = performance.now();
        const look = (): void => {
          if (document.querySelector('[data-transaction]') === null) requestAnimationFrame(look);
          else resolve((performance.now() - started) / 1000);
        };
        document.querySelectorAll<HTMLElement>('nav .nav-item')[1]?.click();
        look();
      }),
  );
}

/** Seconds from one picture to the next; `share` of the list goes by in all of them. */
function pictures(page: Page, share: number): Promise<readonly number[]> {
  return page.locator('main .table-body').evaluate(
    async (list, { count, part }) => {
      const step = (list.scrollHeight / count) * part;
      const seconds: number[] = [];
      let last = performance.now();
      for (let at = 0; at < count; at += 1) {
        list.scrollTop += step;
        await new Promise((next) => requestAnimationFrame(next));
        const now = performance.now();
        seconds.push((now - last) / 1000);
        last = now;
      }
      return seconds;
    },
    { count: PICTURES, part: share },
  );
}

async function secondsOf(times: number, work: () => Promise<unknown>): Promise<number> {
  const seconds: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const started = performance.now();
    await work();
    seconds.push((performance.now() - started) / 1000);
  }
  return median(seconds);
}

function withinLimit(name: string, ours: number): BenchRow {
  return { name, ours, reference: LIMIT, referenceName: 'limit', ratio: ours / LIMIT, budget: 1 };
}
