import { existsSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStage, type Stage } from './harness.ts';
import { fileFacts, layRealGit, laySmallGit, namedGit } from './harness/desk.ts';
import { screens } from './harness/pages.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage?.close());

const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}`);

describe('stopping', () => {
  it('ends a scan at once and changes nothing', async () => {
    const { git } = await layRealGit(stage);
    const many = join(stage.home, 'many');
    mkdirSync(many);
    const programs = Array.from({ length: 500 }, (_, index) => join(many, `program-${index}`));
    programs.forEach((path) => linkSync(git, path));
    stage.own(many);
    stage.write(
      join(stage.home, '.config/devmend/settings.json'),
      JSON.stringify({ programs }),
      0o600,
    );
    const devmend = await stage.launch();
    const at = screens(devmend);
    await at.button('Scan this machine').click();
    await at.button('Stop').click();
    await devmend.page.getByRole('heading', { name: 'The scan was stopped' }).waitFor();
    expect(await devmend.problems()).toEqual([]);
  });

  it('undoes what a repair had begun, and says so', async () => {
    const { git, settings } = laySmallGit(stage, { hangs: true });
    const before = [fileFacts(git), fileFacts(settings)];
    const devmend = await stage.launch();
    const at = screens(devmend);
    await at.scan();
    await at.plan();
    await at.apply();
    await at.button('Show terminal').click();
    await expect.poll(() => at.terminalText(), { timeout: 60_000 }).toContain('git --version');
    await at.button('Stop').click();
    await devmend.page.getByRole('heading', { name: 'The repair was stopped' }).waitFor();
    expect([fileFacts(git), fileFacts(settings)]).toEqual(before);
    expect(existsSync(join(stage.home, '.local/share/devmend'))).toBe(false);
    await at.go('History');
    await (await at.screen('history')).getByRole('row', { name: /Rolled back/ }).waitFor();
    expect(await devmend.problems()).toEqual([]);
  });
});

describe('closing the window', () => {
  it('lets a repair come to its end; the next start shows it in the history', async () => {
    const { settings } = await layRealGit(stage);
    const first = await stage.launch();
    const at = screens(first);
    await at.scan();
    await at.plan();
    await at.apply();
    // The screen is there at the click; the steps come from the repair itself.
    await (await at.screen('repair')).getByText('Save what is there now').waitFor();
    await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await expect.poll(() => isGone(first.pid), { timeout: 120_000 }).toBe(true);

    const git = namedGit(settings);
    expect((await stage.asUser(git, ['--version'])).stdout).toContain('git version 2.47.3');
    const second = await stage.launch();
    const again = screens(second);
    await again.go('History');
    await (await again.screen('history')).getByRole('row', { name: /Verified/ }).waitFor();
    expect(await second.problems()).toEqual([]);
  });
});
