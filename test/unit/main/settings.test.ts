import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultSettings, readSettings } from '../../../electron/engine/settings.ts';
import { windowLanguage } from '../../../electron/main/language.ts';
import { openLog } from '../../../electron/main/log.ts';
import { openSettings } from '../../../electron/main/settings-store.ts';
import { lastWindowSize, rememberWindowSize } from '../../../electron/main/window-size.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'devmend-settings-')), 'devmend');
  file = join(directory, 'settings.json');
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }));

describe('settings', () => {
  it('are the defaults where there is no file, and reading writes nothing', async () => {
    expect((await openSettings(directory)).current()).toEqual(defaultSettings());
    expect(existsSync(directory)).toBe(false);
  });

  it('A3.11 are private even under umask 0, and come back as they were', async () => {
    const umask = process.umask(0);
    try {
      const store = await openSettings(directory);
      await store.change((now) => ({ ...now, theme: 'dark', programs: ['/opt/git'] }));
    } finally {
      process.umask(umask);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(await readSettings(directory)).toMatchObject({
      state: 'stored',
      settings: { theme: 'dark', programs: ['/opt/git'] },
    });
    expect(readdirSync(directory)).toEqual(['settings.json']);
  });

  it('changed at the same time lose neither change', async () => {
    const store = await openSettings(directory);
    await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        store.change((now) => ({ ...now, dismissed: [...now.dismissed, id] })),
      ),
    );
    expect((await readSettings(directory)).settings.dismissed).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['broken JSON', '{"theme":'],
    ['another kind of document', '[]'],
    ['a value that is not allowed', '{"theme":"loud"}'],
    ['another schema', '{"schema":"devmend.settings/9"}'],
  ])('with %s are kept aside, and the defaults take their place', async (_what, text) => {
    mkdirSync(directory);
    writeFileSync(file, text);
    const store = await openSettings(directory);
    expect(store.current()).toEqual(defaultSettings());
    expect(readFileSync(`${file}.broken`, 'utf8')).toBe(text);
    expect(existsSync(file)).toBe(false);
  });

  it('of a newer Devmend keep what is known of them', async () => {
    mkdirSync(directory);
    writeFileSync(file, '{"theme":"dark","density":"compact"}');
    expect(await readSettings(directory)).toMatchObject({
      state: 'stored',
      settings: { theme: 'dark' },
    });
  });

  it('that cannot be written stay as they were', async () => {
    const store = await openSettings(directory);
    await store.change((now) => ({ ...now, theme: 'light' }));
    rmSync(file);
    mkdirSync(join(file, 'in the way'), { recursive: true });
    await expect(store.change((now) => ({ ...now, theme: 'dark' }))).rejects.toMatchObject({
      data: { code: 'io', params: { path: file } },
    });
    expect(store.current().theme).toBe('light');
    expect(readdirSync(directory)).toEqual(['settings.json']);
  });
});

describe('the window’s size', () => {
  it('is remembered, and nonsense is not', async () => {
    const first = { width: 1240, height: 800, maximised: false };
    expect(await lastWindowSize(directory)).toEqual(first);
    rememberWindowSize(directory, { width: 1000, height: 700, maximised: true });
    expect(await lastWindowSize(directory)).toEqual({ width: 1000, height: 700, maximised: true });
    for (const text of ['{', '{"width":1,"height":1,"maximised":false}', 'null']) {
      writeFileSync(join(directory, 'window.json'), text);
      expect(await lastWindowSize(directory)).toEqual(first);
    }
  });
});

describe('the language of the window', () => {
  it.each([
    ['system', 'zh-CN', 'zh-CN'],
    ['system', 'zh', 'zh-CN'],
    ['system', 'zh-Hans-SG', 'zh-CN'],
    ['system', 'zh-TW', 'en'],
    ['system', 'de', 'en'],
    ['en', 'zh-CN', 'en'],
    ['zh-CN', 'en-US', 'zh-CN'],
  ] as const)('setting %s on a %s desktop is %s', (setting, locale, language) => {
    expect(windowLanguage(setting, locale)).toBe(language);
  });
});

describe('the log', () => {
  it('A1.9 keeps stacks in a private file, and turns over', () => {
    const log = openLog(directory);
    log({ correlationId: 'c1', where: 'scan.start', error: new Error('secret detail') });
    const path = join(directory, 'devmend.log');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toMatch(/ c1 scan\.start: Error: secret detail\n\s+at /);
    writeFileSync(path, 'x'.repeat(1_000_001));
    log({ correlationId: 'c2', where: 'x', error: 'y' });
    expect(readdirSync(directory).sort()).toEqual(['devmend.log', 'devmend.log.1']);
    expect(readFileSync(path, 'utf8')).toContain('c2');
  });

  it('A1.9 A3.11 holds no secrets: tokens, passwords, names in addresses', () => {
    const log = openLog(directory);
    const told = 'http://jo:hunter2@mirror/x {"token":"abc123"} ghp_0123456789abcdefghijABCDEFGHIJ';
    log({ correlationId: 'c1', where: 'plan.start', error: new Error(told) });
    const text = readFileSync(join(directory, 'devmend.log'), 'utf8');
    expect(text).toContain('mirror/x');
    expect(text).not.toMatch(/hunter2|abc123|ghp_0/);
  });

  it('that cannot be written fails nobody', () => {
    writeFileSync(directory, 'a file in the way');
    chmodSync(directory, 0o600);
    expect(() => openLog(directory)({ correlationId: 'c', where: 'x', error: 1 })).not.toThrow();
  });
});
