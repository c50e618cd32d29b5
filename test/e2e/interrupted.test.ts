import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStage, repository, type Devmend, type Stage } from './harness.ts';
import { fileFacts, laySmallGit } from './harness/desk.ts';
import { screens } from './harness/pages.ts';
import { endProcessesOf, processesOf } from './harness/user.ts';

/**
 * The trial run of the repaired git stops the engine that started it, so that the
 * repair stays in its middle for as long as the test wants, and is then killed there.
 */
let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage?.close());

/** Process ids of what was stopped by a signal. */
function stopped(): readonly number[] {
  return processesOf(stage.user.uid).filter((pid) => {
    try {
      return /^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      // It has ended in the meantime.
      return false;
    }
  });
}

async function untilStopped(): Promise<number> {
  await expect.poll(stopped).toHaveLength(1);
  return stopped()[0] ?? 0;
}

/** As a power cut ends it: everything at once, nothing gets to tidy up. */
async function killEverything({ app }: Devmend): Promise<void> {
  const ended = once(app.process(), 'exit');
  await endProcessesOf(stage.user.uid);
  await ended;
}

/** What has the focus, as assistive technology would call it. */
const focused = ({ page }: Devmend): Promise<string> =>
  page.evaluate(() => (document.activeElement as HTMLElement | null)?.innerText.trim() ?? '');

describe('A4.10 a repair that was interrupted', () => {
  it('is a banner at the next start; its one button, by keyboard, brings everything back', async () => {
    const { git, settings } = laySmallGit(stage, { freezes: true });
    const before = [fileFacts(git), fileFacts(settings)];
    const first = await stage.launch();
    const at = screens(first);
    await at.scan();
    await at.plan();
    await at.apply();
    await untilStopped();
    await killEverything(first);
    expect(existsSync(join(stage.home, '.local/share/devmend'))).toBe(true);

    const second = await stage.launch();
    const banner = second.page.getByRole('alert');
    await banner.getByText('A repair was interrupted.').waitFor();
    const words = await banner.innerText();
    expect(words).toMatch(
      /Give git its own C library, Today \d\d:\d\d: 1 of 3 changes were complete/,
    );
    expect(words).toMatch(/Done: Create a private C library .* ~\/\.local\/share\/devmend/);
    expect(words).toContain('Under way: Point a copy of git to it');
    expect(words).not.toContain('Change the settings');
    expect(await banner.getByRole('button').count()).toBe(1);
    await second.picture('interrupted');

    await expect
      .poll(async () => {
        await second.page.keyboard.press('Tab');
        return focused(second);
      })
      .toBe('Put back in order');
    await second.page.keyboard.press('Enter');
    await second.page.getByText(/Everything is back in order: Give git/).waitFor();
    expect(await focused(second)).toContain('Everything is back in order');
    expect([fileFacts(git), fileFacts(settings)]).toEqual(before);
    expect(existsSync(join(stage.home, '.local/share/devmend'))).toBe(false);
    await screens(second).go('History');
    const history = await screens(second).screen('history');
    await history.getByRole('row', { name: /Rolled back/ }).waitFor();
    expect(await second.problems()).toEqual([]);
    await second.close();

    const third = await stage.launch();
    await screens(third).button('Scan this machine').waitFor();
    expect(await third.page.getByText('was interrupted').count()).toBe(0);
  });

  it('in the terminal is a line, and `devmend recover` does the same; meanwhile the window waits', async () => {
    const { git, settings } = laySmallGit(stage, { freezes: true });
    const before = [fileFacts(git), fileFacts(settings)];
    const cli = join(stage.user.directory, 'devmend.js');
    copyFileSync(join(repository, 'dist/cli.js'), cli);
    const run = (...args: string[]) => stage.asUser(process.execPath, [cli, ...args]);
    const scanned = JSON.parse((await run('scan', '--json')).stdout) as {
      findings: { id: string }[];
    };
    const ending = run('apply', scanned.findings[0]?.id ?? '', '--yes');
    const writer = await untilStopped();

    const devmend = await stage.launch();
    const { page } = devmend;
    const at = screens(devmend);
    await page.getByText(`Another Devmend (devmend 0.1.0, process ${writer})`).waitFor();
    expect(await page.getByText('was interrupted').count()).toBe(0);
    await at.scan();
    await at.button(/^Review plan for/).click();
    await at.screen('plan');
    await expect.poll(() => at.button(/^Apply 1 repair/).isDisabled()).toBe(true);

    process.kill(writer, 'SIGKILL');
    expect((await ending).signal).toBe('SIGKILL');
    await at.button('Check again').click();
    await page.getByText('A repair was interrupted.').waitFor();
    const listed = (await run('history')).stdout.replace(/\s+/gu, ' ');
    expect(listed).toContain('1 repair was interrupted. "devmend recover" puts back');
    expect(listed).toContain('Give git its own C library (1/3)');
    expect(listed).toContain('Under way: Point a copy of git to it');

    const recovered = await run('recover');
    expect([recovered.code, recovered.stderr]).toEqual([0, expect.not.stringContaining('rror')]);
    expect(recovered.stdout).toContain('Give git its own C library');
    expect([fileFacts(git), fileFacts(settings)]).toEqual(before);
    expect(existsSync(join(stage.home, '.local/share/devmend'))).toBe(false);
    expect((await run('history')).stdout).not.toContain('was interrupted');
    expect((await run('recover')).stdout).toContain('Nothing was interrupted');
    expect(await devmend.problems()).toEqual([]);
  });
});
