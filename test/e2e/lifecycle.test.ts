import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from './harness.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.quit();
});
afterAll(async () => {
  await stage.close();
});

describe('starting', () => {
  it('A1.7 as root opens no window and says what to do', async () => {
    const executable = join(stage.application, 'devmend');
    // In a user namespace an ordinary user is root as well, as far as a program can tell.
    const [file, args] =
      process.getuid?.() === 0
        ? [executable, ['--no-sandbox']]
        : ['unshare', ['--map-root-user', executable, '--no-sandbox']];
    const result = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(
        file,
        args,
        { env: { ...stage.environment, LANG: 'C.UTF-8' }, timeout: 60_000 },
        (error, _stdout, stderr) => resolve({ code: error?.code, stderr }),
      );
    });
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('Start it as the ordinary user; the command line');
  });

  it('a second time brings the first window forward and ends', async () => {
    const devmend = await stage.launch();
    await devmend.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
    const second = await stage.asUser(join(stage.application, 'devmend'), []);
    expect(second.code).toBe(0);
    await expect
      .poll(() =>
        devmend.app.evaluate(({ BrowserWindow }) =>
          BrowserWindow.getAllWindows().map((one) => one.isMinimized()),
        ),
      )
      .toEqual([false]);
    await devmend.close();
  });

  it('A1.7 without Chromium’s sandbox keeps repairs that need root off', async () => {
    const devmend = await stage.launch({ args: ['--no-sandbox'] });
    const info = await devmend.page.evaluate(() => window.devmend?.call('app.info', {}));
    expect(info).toMatchObject({ ok: true, data: { privilegedRepairs: 'no-sandbox' } });
    await devmend.close();
  });
});

describe('settings', () => {
  it('are kept private, survive a restart, and the window follows them', async () => {
    const first = await stage.launch();
    await first.page.evaluate(() =>
      window.devmend?.call('settings.set', { theme: 'dark', language: 'zh-CN' }),
    );
    expect(await first.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('dark');
    await first.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setSize(1000, 700),
    );
    await first.close();
    const file = join(stage.home, '.config/devmend/settings.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const second = await stage.launch();
    const info = await second.page.evaluate(() => window.devmend?.call('app.info', {}));
    expect(info).toMatchObject({ ok: true, data: { language: 'zh-CN' } });
    expect(
      await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getSize()),
    ).toEqual([1000, 700]);
    expect(await second.problems()).toEqual([]);
    await second.close();
  });

  it('that are broken are kept aside, and the defaults take their place', async () => {
    const file = join(stage.home, '.config/devmend/settings.json');
    stage.write(file, '{"theme": ');
    const devmend = await stage.launch();
    const settings = await devmend.page.evaluate(() => window.devmend?.call('settings.get', {}));
    expect(settings).toMatchObject({ ok: true, data: { theme: 'system', language: 'system' } });
    expect(existsSync(`${file}.broken`)).toBe(true);
    await devmend.close();
  });
});

describe('ending', () => {
  it('with SIGTERM is clean', async () => {
    const devmend = await stage.launch();
    const child = devmend.app.process();
    const ended = new Promise((resolve) =>
      child.once('exit', (code, signal) => resolve([code, signal])),
    );
    process.kill(devmend.pid, 'SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('with the window', async () => {
    const devmend = await stage.launch();
    const child = devmend.app.process();
    const ended = new Promise((resolve) =>
      child.once('exit', (code, signal) => resolve([code, signal])),
    );
    await devmend.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    expect(await ended).toEqual([0, null]);
  });
});
