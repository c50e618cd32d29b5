import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ASKS_FOR_GONE, GONE, PARTS, wideProgram } from '../fixtures/wide-program.ts';
import { openStage, type Stage } from './harness.ts';
import { screens } from './harness/pages.ts';

/** A real program of 300 libraries, one of them gone, in the list of added programs. */
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  const directory = join(stage.home, 'wide');
  execFileSync('cp', ['-a', '-T', wideProgram(), directory]);
  stage.own(directory);
  stage.write(
    join(stage.home, '.config/devmend/settings.json'),
    JSON.stringify({ programs: [join(directory, 'wide')] }),
    0o600,
  );
});
afterEach(() => stage.quit());
afterAll(() => stage?.close());

describe('the graph of a program that asks for 300 libraries', () => {
  it('opens on what is missing, finds a library by name, and holds every one once', async () => {
    const devmend = await stage.launch();
    const { page } = devmend;
    const ui = screens(devmend);
    await ui.scan();
    await ui.go('Machine');
    await page.getByRole('tab', { name: 'Dependencies' }).click();
    await page.locator('[data-program]').filter({ hasText: 'wide/wide' }).click();

    const chosen = page.locator('.graph-tree [aria-selected="true"]');
    await expect.poll(() => chosen.innerText()).toContain(GONE);
    const picture = page.locator('svg.graph');
    const drawn = async () => Number(await picture.getAttribute('data-nodes'));
    // What is fine starts folded away; what asks for the missing one does not.
    expect(await drawn()).toBeLessThan(PARTS / 2);
    const lines = page.locator('.graph-tree [role="row"]');
    expect(await lines.filter({ hasText: ASKS_FOR_GONE }).count()).toBe(1);

    const find = page.getByRole('searchbox', { name: 'Find a library' });
    await find.fill('libpart-299');
    await expect.poll(() => chosen.innerText()).toContain('libpart-299.so');

    await ui.button('Unfold all').click();
    // The 300, the program, the C library and the loader.
    await expect.poll(drawn).toBe(PARTS + 3);
    expect(await lines.count()).toBe(PARTS + 3);
    // A fixed number of elements for each, in the picture and in the list.
    const elements = await page.evaluate(() => document.querySelectorAll('*').length);
    expect(elements).toBeLessThan(50 * PARTS);
    await devmend.picture('graph-300');
    expect(await devmend.problems()).toEqual([]);
  });
});
