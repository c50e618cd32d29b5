import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Devmend, type Stage } from './harness.ts';
import { laySmallGit } from './harness/desk.ts';

/**
 * What can be looked at beside the repairs, on real files and real processes: a
 * git that this system's C library refuses, and an editor that runs a language server.
 */
const product = {
  nameShort: 'Code',
  nameLong: 'Visual Studio Code',
  applicationName: 'code',
  dataFolderName: '.vscode',
  version: '1.139.1',
  commit: 'a'.repeat(40),
  quality: 'stable',
};

let stage: Stage;
let editor: ChildProcess;

beforeAll(async () => {
  stage = await openStage();
  laySmallGit(stage);
  editor = startEditor();
});
afterEach(() => stage?.quit());
afterAll(async () => {
  // The shell ends its own children when it is told to.
  if (editor?.pid !== undefined) process.kill(-editor.pid);
  await stage?.close();
});

/** A shell in the place of an editor's program; it runs `sleep` in the place of gopls. */
function startEditor(): ChildProcess {
  const tree = join(stage.home, 'VSCode-linux-x64');
  stage.write(join(tree, 'resources/app/product.json'), JSON.stringify(product));
  stage.write(join(stage.home, 'go/bin/gopls'), '', 0o755);
  copyFileSync('/bin/sh', join(tree, 'code'));
  copyFileSync('/bin/sleep', join(stage.home, 'go/bin/gopls'));
  stage.own(stage.home);
  const user = process.getuid?.() === 0 ? { uid: stage.user.uid, gid: stage.user.gid } : {};
  const script = `${join(stage.home, 'go/bin/gopls')} 600 & wait`;
  return spawn(join(tree, 'code'), ['-c', script], {
    ...user,
    ...{ cwd: stage.home, env: { ...stage.environment }, detached: true, stdio: 'ignore' },
  });
}

async function scanned(language: 'en' | 'zh-CN'): Promise<Devmend> {
  stage.write(`${stage.home}/.config/devmend/settings.json`, JSON.stringify({ language }), 0o600);
  const devmend = await stage.launch();
  const { page } = devmend;
  await page.locator('main[data-screen="scan"]').waitFor();
  await page.locator('main button.button.go').last().click();
  await page.locator('main[data-screen="findings"]').waitFor();
  return devmend;
}

describe('looking at the machine', () => {
  it('shows components, real processes, the compatibility tables, and another glibc', async () => {
    const devmend = await scanned('en');
    const { page } = devmend;
    await page.getByRole('button', { name: 'Machine' }).click();

    await page.getByRole('tab', { name: 'Components' }).click();
    const go = page.getByRole('region', { name: 'Go, shared by all editors' });
    await go.getByText('Go language server').first().waitFor();

    await page.getByRole('tab', { name: 'Processes' }).click();
    const tree = page.getByRole('region', { name: `code, process ${editor.pid}` });
    await tree.getByText('editor', { exact: true }).waitFor();
    const gopls = tree.locator('.process.child', { hasText: 'Go language server' });
    expect(await gopls.innerText()).toContain(`Started by process ${editor.pid}`);
    expect(await gopls.innerText()).toMatch(/C library: glibc 2\.\d+/);
    await devmend.picture('processes-real');
    const status = page.locator('footer.bar');
    const before = await status.innerText();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect.poll(() => status.innerText()).not.toBe(before);

    await page.getByRole('tab', { name: 'Compatibility' }).click();
    const grid = page.getByRole('grid');
    await grid.getByRole('rowheader', { name: 'git' }).waitFor();
    const detail = page.getByRole('region', { name: 'Why' });
    await expect.poll(() => detail.innerText()).toContain('strlcpy@GLIBC_2.38');
    await page.getByRole('combobox', { name: 'Systems' }).selectOption('all');
    await grid.focus();
    await page.keyboard.press('End');
    await expect.poll(() => detail.innerText()).toContain('git on Alpine 3.22');
    expect(await grid.locator('*').count()).toBeLessThan(3000);
    await page.getByRole('tab', { name: 'VS Code releases' }).click();
    await page.locator('[data-release]').first().waitFor();
    await page.getByRole('tab', { name: 'Go extension and tools' }).click();
    await page.getByRole('region', { name: 'gopls' }).waitFor();

    await page.getByRole('tab', { name: 'Another glibc' }).click();
    await devmend.app.evaluate(({ dialog }) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: ['/'] });
    });
    await page.getByRole('button', { name: 'Compare with a directory' }).click();
    await page.getByRole('heading', { name: 'It is the same release' }).waitFor();
    expect(await devmend.problems()).toEqual([]);
  });

  it.each([
    {
      language: 'en' as const,
      run: 'Run git --version and watch',
      list: 'What happened',
      said: /no version GLIBC_2\.38, which .*git needs/,
      agrees: 'Agrees',
    },
    {
      language: 'zh-CN' as const,
      run: '运行 git --version 并观察',
      list: '发生了什么',
      said: /GLIBC_2\.38/,
      agrees: '一致',
    },
  ])('traces a launch that fails, and explains it, $language', async (words) => {
    const devmend = await scanned(words.language);
    const { page } = devmend;
    await page.locator('.detail .button', { hasText: /Trace a launch|跟踪启动/ }).click();
    const run = page.getByRole('button', { name: words.run });
    await run.waitFor();
    expect(await run.evaluate((button) => button === document.activeElement)).toBe(false);
    expect(await page.locator('.command-line').innerText()).toContain('/git/bin/git --version');
    await run.click();
    const list = page.getByRole('list', { name: words.list });
    await list.waitFor({ timeout: 60_000 });
    expect(await list.locator('[data-kind="version-not-found"]').innerText()).toMatch(words.said);
    await page.getByText(words.agrees, { exact: true }).waitFor();
    await page.locator('.drawer-head button').last().click();
    await expect
      .poll(() => page.getByTestId('terminal-text').textContent())
      .toContain('git --version');
    await devmend.picture(`trace-real-${words.language}`);
    expect(await devmend.problems()).toEqual([]);
  });
});
