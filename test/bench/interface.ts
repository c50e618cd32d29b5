import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { build, preview } from 'vite';
import { repository } from '../e2e/harness/paths.ts';
import { median } from './measure.ts';
import type { BenchRow } from './row.ts';

const rounds = 5;

interface Seen extends Window {
  longTasks?: number[];
}

/** The window as a plain page on the fake bridge, built as it is shipped: how long it cannot answer. */
export async function interfaceBenches(): Promise<readonly BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'devmend-interface-'));
  const configFile = join(repository, 'build/vite.renderer.config.ts');
  const bundle = { outDir: directory, emptyOutDir: true };
  await build({ configFile, mode: 'browser', logLevel: 'error', build: bundle });
  const server = await preview({
    configFile,
    mode: 'browser',
    logLevel: 'error',
    build: { outDir: directory },
    preview: { port: 0, host: '127.0.0.1' },
  });
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    // Chromium refuses to start as root with its sandbox on; the page is our own.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const address = server.resolvedUrls?.local[0] ?? '';
    const start: number[] = [];
    const tasks = { streaming: [] as number[], scrolling: [] as number[], drawing: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      const page = await browser.newPage({ viewport: { width: 1240, height: 800 } });
      await watchTasks(page);
      start.push(await opening(page, address));
      tasks.streaming.push(await streaming(page));
      tasks.scrolling.push(await scrolling(page));
      tasks.drawing.push(await drawing(page, address));
      await page.close();
    }
    return [
      row('longest task while 5,000 findings stream in', tasks.streaming, start, 3),
      row('longest task while 5,000 findings scroll by', tasks.scrolling, start, 2),
      row('longest task while a graph of 299 files unfolds', tasks.drawing, start, 6),
    ];
  } finally {
    await browser.close();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function row(
  name: string,
  seconds: readonly number[],
  start: readonly number[],
  budget: number,
): BenchRow {
  const [ours, reference] = [median(seconds), median(start)];
  const referenceName = 'while the window opens';
  return { name, ours, reference, referenceName, ratio: ours / reference, budget };
}

async function watchTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    (window as Seen).longTasks = tasks;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
  });
}

/**
 * Seconds of the longest task since the last call; 0 when none was long, which for a
 * browser begins at 0.05.
 */
async function longestTask(page: Page): Promise<number> {
  // Entries are handed out in a task of their own, after the next picture.
  const longest = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        setTimeout(() => {
          resolve(Math.max(0, ...((window as Seen).longTasks?.splice(0) ?? [])));
        }, 200);
      }),
  );
  return longest / 1000;
}

async function opening(page: Page, address: string): Promise<number> {
  await page.goto(`${address}?scenario=thousands&lang=en&pace=0`);
  await page.locator('main').waitFor();
  return longestTask(page);
}

/** From the click to the list of all of them. */
async function streaming(page: Page): Promise<number> {
  await page.locator('main button.button.go').last().click();
  await page.locator('main[data-screen="findings"] [data-row]').first().waitFor();
  return longestTask(page);
}

/** The whole list in 120 pictures. */
async function scrolling(page: Page): Promise<number> {
  await page.locator('main .list').evaluate(async (list) => {
    const step = list.scrollHeight / 120;
    for (let at = 0; at < 120; at += 1) {
      list.scrollTop += step;
      await new Promise((next) => requestAnimationFrame(next));
    }
  });
  return longestTask(page);
}

async function drawing(page: Page, address: string): Promise<number> {
  await page.goto(`${address}?route=machine&tab=graph&program=program-code&lang=en&pace=0`);
  await page.locator('.graph-tree [aria-selected="true"]').waitFor();
  await longestTask(page);
  await page.getByRole('button', { name: 'Unfold all' }).click();
  await page.locator('svg.graph[data-nodes="299"]').waitFor();
  return longestTask(page);
}
