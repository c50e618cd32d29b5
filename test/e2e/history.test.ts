import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Devmend, type Stage } from './harness.ts';
import { dayAgo, layHistory, TOKENS, type LaidHistory } from './harness/history.ts';
import { screens } from './harness/pages.ts';

let stage: Stage;
let laid: LaidHistory;
let ids: readonly string[] = [];

const state = (...parts: string[]): string => join(laid.bench.machine.directories.state, ...parts);

beforeAll(async () => {
  stage = await openStage();
  laid = await layHistory(stage);
  ids = laid.ids;
});
afterEach(() => stage?.quit());
afterAll(() => stage?.close());

async function openHistory(): Promise<{
  readonly devmend: Devmend;
  readonly at: ReturnType<typeof screens>;
  readonly history: Locator;
}> {
  const devmend = await stage.launch();
  const at = screens(devmend);
  await at.go('History');
  const history = await at.screen('history');
  await history.locator('[data-transaction]').first().waitFor();
  return { devmend, at, history };
}

/** Ids of the rows, newest first. */
const shown = (history: Locator): Promise<readonly (string | null)[]> =>
  history
    .locator('[data-transaction]')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-transaction')));

describe('A4.10 the history', () => {
  it('is found by words, program, kind, state, days and folder', async () => {
    const { devmend, at, history } = await openHistory();
    const [gopls, dlv, staticcheck, git, undone] = ids;
    const rows = (): Promise<readonly (string | null)[]> => shown(history);
    expect(await rows()).toEqual([undone, git, staticcheck, dlv, gopls]);

    const words = history.getByRole('searchbox');
    await words.fill('STATIC');
    await expect.poll(rows).toEqual([staticcheck]);
    await words.fill('no such thing');
    await history.getByText('Nothing matches the filter.').waitFor();
    await words.fill('');
    await expect.poll(rows).toHaveLength(5);

    await at.button('Filters').click();
    const field = (name: string): Locator => history.getByLabel(name, { exact: true });
    const expectOnly = async (...expected: readonly (string | undefined)[]): Promise<void> => {
      await expect.poll(rows).toEqual(expected);
      await at.button('Clear filters').click();
      await expect.poll(rows).toHaveLength(5);
    };
    await history.getByRole('combobox', { name: 'Program', exact: true }).selectOption('dlv');
    await expectOnly(dlv);
    await history
      .getByRole('combobox', { name: 'Kind of change', exact: true })
      .selectOption('remove-tree');
    await expectOnly(staticcheck);
    await history.getByRole('combobox', { name: 'State', exact: true }).selectOption('undone');
    await expectOnly(git);
    await field('From').fill(dayAgo(140));
    await field('To').fill(dayAgo(110));
    await expectOnly(staticcheck, dlv);
    await field('File or folder').fill(join(stage.home, 'old'));
    await expectOnly(staticcheck);
    expect(await devmend.problems()).toEqual([]);
  });

  it('keeps an entry for good and no longer, across starts', async () => {
    const first = await openHistory();
    const row = (history: Locator): Locator => history.locator(`[data-transaction="${ids[1]}"]`);
    await row(first.history).click();
    await first.at.button('Keep for good').click();
    await row(first.history).getByText('Kept for good').waitFor();
    expect(JSON.parse(readFileSync(state('pins.json'), 'utf8'))).toMatchObject({
      repairs: [ids[1]],
    });
    await first.devmend.close();

    const { devmend, at, history } = await openHistory();
    await row(history).getByText('Kept for good').waitFor();
    await row(history).click();
    const button = at.button('Keep for good');
    await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true');
    await button.click();
    await row(history).getByText('Kept for good').waitFor({ state: 'detached' });
    expect(readFileSync(state('pins.json'), 'utf8')).not.toContain(ids[1]);
    expect(await devmend.problems()).toEqual([]);
  });

  it.each([
    ['md', 'Export report (.md)'],
    ['json', 'Export data (.json)'],
  ])('A3.11 exports an entry as .%s without what is a secret', async (ending, button) => {
    const { devmend, at, history } = await openHistory();
    const target = join(stage.home, `report.${ending}`);
    await devmend.app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, target);
    await history.locator(`[data-transaction="${ids[1]}"]`).click();
    await history.getByText(ids[1] ?? '').waitFor();
    const diff = history.getByTestId('undo-preview').getByRole('group');
    await diff.getByText('GITHUB_TOKEN').first().waitFor();
    for (const token of TOKENS) expect(await history.innerText()).not.toContain(token);
    await at.button(button).click();
    await expect.poll(() => existsSync(target) && readFileSync(target, 'utf8')).toContain('dlv');
    const report = readFileSync(target, 'utf8');
    expect(report).toMatch(/GITHUB_TOKEN[^a-z]+••••••/);
    for (const secret of [...TOKENS, 'jo@example.org', stage.home, stage.user.name])
      expect(report).not.toContain(secret);
    expect(statSync(target).mode & 0o077).toBe(0);
    expect(await devmend.problems()).toEqual([]);
  });

  it('A3.10 settings say what a limit would free, and what it lets go is gone from the disk', async () => {
    const { devmend, at, history } = await openHistory();
    await history.locator(`[data-transaction="${ids[0]}"]`).click();
    await at.button('Keep for good').click();
    await history.getByText('Kept for good.').waitFor();
    await at.go('Settings');
    const settings = await at.screen('settings');
    const tells = (sentence: string | RegExp) => settings.getByText(sentence).waitFor();
    const limit = (name: string) => settings.getByLabel(name, { exact: true });
    await tells(/Nothing would go: 4 repairs, 1\.\d MB/);
    await limit('Number of days').fill('120');
    await tells(/These limits would let 1 repair go and free \d/);
    await limit('Number of days').fill('365');
    await limit('Number of megabytes').fill('1');
    await tells(/These limits would let 2 repairs go and free 1\.\d MB/);
    await limit('Number of megabytes').fill('5000');
    await tells('Nothing would go');
    await limit('Number of repairs').fill('2');
    await tells(/These limits would let 2 repairs go and free 1\.\d MB/);
    await at.button('Save the limits').click();
    await at.button('Remove 2 repairs…').waitFor();
    expect(
      await at.button('Save the limits').evaluate((one) => one === document.activeElement),
    ).toBe(true);
    await at.button('Remove 2 repairs…').click();
    await tells('these 2 repairs can no longer be undone');
    await at.button('Keep them').click();
    expect(readdirSync(state('journal')).sort()).toEqual(ids);
    await at.button('Remove 2 repairs…').click();
    await at.button('Remove 2 repairs for good').click();
    await tells(/2 repairs removed, 1\.\d MB freed\./);
    // The newest and what is kept for good stay; an undo stays with its repair.
    const left = [ids[0], ids[3], ids[4]];
    expect(readdirSync(state('journal')).sort()).toEqual(left);
    await at.go('History');
    await expect.poll(async () => shown(await at.screen('history'))).toEqual([...left].reverse());
    expect(readFileSync(laid.settings, 'utf8')).toContain('"a": 2');
    expect(await devmend.problems()).toEqual([]);
  });
});
