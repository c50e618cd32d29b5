import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endToEndFuses, fuses } from '../../build/fuses.mjs';
import { readFuses } from '../../build/scripts/fuses.mjs';
import { drivenApp, openStage, shippedApp, type Devmend, type Stage } from './harness.ts';

let stage: Stage;
let devmend: Devmend;

beforeAll(async () => {
  stage = await openStage();
  devmend = await stage.launch();
});
afterAll(async () => {
  await stage.close();
});

/** Process ids of the application, with their command lines. */
function processes(): readonly { readonly pid: number; readonly commandLine: string }[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const commandLine = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return commandLine.startsWith(stage.application) ? [{ pid: Number(entry), commandLine }] : [];
    } catch {
      // It has ended in the meantime.
      return [];
    }
  });
}

/** A field of proc(5)'s status; undefined when the process has ended in the meantime. */
function status(pid: number, field: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return undefined;
  }
  return new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(text)?.[1];
}

describe('the window', () => {
  it('opens with the wizard, and nothing in it complains', async () => {
    await devmend.page.getByRole('heading', { level: 1 }).waitFor();
    expect(await devmend.page.title()).toBe('Devmend');
    expect(await devmend.page.locator('[aria-current="step"]').count()).toBe(1);
    await devmend.picture('boot');
    expect(await devmend.problems()).toEqual([]);
  });

  it('has its first size, a smallest size, and is shown', async () => {
    const window = await devmend.app.evaluate(({ BrowserWindow }) => {
      const [only, ...more] = BrowserWindow.getAllWindows();
      return {
        more: more.length,
        size: only?.getSize(),
        smallest: only?.getMinimumSize(),
        visible: only?.isVisible(),
      };
    });
    expect(window).toEqual({ more: 0, size: [1240, 800], smallest: [900, 600], visible: true });
  });

  it('A5.1 carries the application’s id as its class, as the desktop file says', async () => {
    const { stdout } = await stage.asUser('/usr/bin/xdotool', [
      'search',
      '--onlyvisible',
      '--classname',
      '^io.github.devmend.devmend$',
    ]);
    const [id] = stdout.trim().split('\n');
    const named = await stage.asUser('/usr/bin/xprop', ['-id', id ?? '', 'WM_CLASS']);
    expect(named.stdout).toContain('"io.github.devmend.Devmend"');
  });

  it('A1.1 has context isolation, sandbox and web security on; node integration and webview off', async () => {
    const preferences = await devmend.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>;
      };
      return contents.getLastWebPreferences();
    });
    const on = ['contextIsolation', 'sandbox', 'webSecurity'];
    const off = [
      'nodeIntegration',
      'nodeIntegrationInWorker',
      'nodeIntegrationInSubFrames',
      'webviewTag',
      'navigateOnDragDrop',
      'allowRunningInsecureContent',
      'experimentalFeatures',
    ];
    expect(on.filter((name) => preferences[name] !== true)).toEqual([]);
    // Electron leaves some out that are off.
    expect(off.filter((name) => (preferences[name] ?? false) !== false)).toEqual([]);
  });

  it('A1.5 sees the bridge of the contract, and nothing of Node or Electron', async () => {
    const seen = await devmend.page.evaluate(() => ({
      bridge: Object.keys((window as unknown as { devmend: object }).devmend).sort(),
      strangers: [
        'require',
        'process',
        'module',
        'global',
        'Buffer',
        'ipcRenderer',
        'electron',
      ].filter((name) => name in window),
    }));
    expect(seen).toEqual({ bridge: ['acknowledge', 'call', 'start'], strangers: [] });
  });

  it('A1.5 gets refusals, not errors, for what is not in the contract', async () => {
    const answers = await devmend.page.evaluate(async () => {
      const bridge = window.devmend;
      if (bridge === undefined) throw new Error('no bridge');
      return Promise.all([
        bridge.call('shell.exec', { command: 'id' }),
        bridge.call('constructor', {}),
        bridge.call('app.openLink', { link: 'https://example.org/' }),
        bridge.call('history.show', { id: 'x', path: '/etc/passwd' }),
        bridge.call('settings.get', Symbol('x')),
        bridge.start('settings.get', {}, () => undefined),
        bridge.start('repair.start', { plan: 'not-made-here', changes: [] }, () => undefined),
      ]);
    });
    for (const answer of answers) {
      expect(answer).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    }
  });

  it('repairs no plan that was not made in this session', async () => {
    const done = await devmend.page.evaluate(
      () =>
        new Promise((resolve) => {
          void window.devmend?.start('repair.start', { plan: 'made-up' }, (event) =>
            resolve(event),
          );
        }),
    );
    expect(done).toMatchObject({
      event: { type: 'done', ok: false, error: { code: 'not-found' } },
    });
  });
});

describe('the walls', () => {
  it('A1.2 A1.3 the page comes from app://devmend with the policy in its header', async () => {
    const answer = await devmend.page.evaluate(async () => {
      const response = await fetch('app://devmend/index.html');
      return {
        address: location.href,
        policy: response.headers.get('content-security-policy'),
        nosniff: response.headers.get('x-content-type-options'),
      };
    });
    expect(answer.address).toBe('app://devmend/');
    expect(answer.nosniff).toBe('nosniff');
    expect(answer.policy).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[^']+'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'$/,
    );
  });

  it('A1.6 permissions are refused, for new sessions too', async () => {
    const states = await devmend.page.evaluate(async () =>
      Promise.all(
        ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read'].map(
          async (name) =>
            (await navigator.permissions.query({ name: name as PermissionName })).state,
        ),
      ),
    );
    expect(states).toEqual(Array(5).fill('denied'));
    const requests = await devmend.app.evaluate(async ({ session, net }) => {
      const fresh = session.fromPartition(`test-${Math.random()}`);
      const ask = (address: string, on: typeof fresh) =>
        new Promise<string>((resolve) => {
          const request = net.request({ url: address, session: on });
          request.on('error', (error) => resolve(error.message));
          request.on('response', () => resolve('answered'));
          request.end();
        });
      return Promise.all([
        ask('http://127.0.0.1:9/', fresh),
        ask('http://127.0.0.1:9/', session.defaultSession),
      ]);
    });
    expect(requests).toEqual(Array(2).fill('net::ERR_BLOCKED_BY_CLIENT'));
  });

  it('A1.6 the page cannot leave, open a window, or embed another', async () => {
    const before = devmend.page.url();
    const opened = await devmend.page.evaluate(() => {
      const child = window.open('app://devmend/', '_blank');
      location.assign('https://example.org/');
      return child;
    });
    expect(opened).toBeNull();
    const answer = await devmend.app.evaluate(async ({ BrowserWindow }) => {
      const [only, ...more] = BrowserWindow.getAllWindows();
      return { windows: 1 + more.length, address: only?.webContents.getURL() };
    });
    expect(answer).toEqual({ windows: 1, address: before });
  });
});

describe('the processes', () => {
  it('run as an ordinary user in Chromium’s sandbox', async () => {
    // A renderer that has just been forked gets its filter a moment later.
    const isOpen = ({ pid, commandLine }: ReturnType<typeof processes>[number]): boolean =>
      commandLine.includes('--type=renderer') && status(pid, 'Seccomp') !== '2';
    await expect.poll(() => processes().filter(isOpen), { timeout: 10_000 }).toEqual([]);
    const all = processes().filter(({ pid }) => status(pid, 'Uid') !== undefined);
    expect(all.some(({ commandLine }) => commandLine.includes('--no-sandbox'))).toBe(false);
    for (const { pid } of all) {
      expect(status(pid, 'Uid')?.split('\t')).toEqual(Array(4).fill(String(stage.user.uid)));
    }
    const renderers = all.filter(({ commandLine }) => commandLine.includes('--type=renderer'));
    expect(renderers.length).toBeGreaterThan(0);
    for (const { pid } of renderers) {
      // 2: a filter on system calls (proc(5)); without the sandbox it is 0.
      expect(status(pid, 'Seccomp')).toBe('2');
      expect(status(pid, 'NoNewPrivs')).toBe('1');
    }
  });
});

describe('the fuses', () => {
  it('A1.4 of the shipped form are as declared, and the driven form differs in inspect only', async () => {
    const shipped = await readFuses(join(shippedApp, 'devmend'));
    const driven = await readFuses(join(drivenApp, 'devmend'));
    for (const [name, wanted] of Object.entries(fuses)) {
      // Undefined: a fuse that came with a later Electron than the development runtime's.
      expect([wanted, undefined], name).toContain(shipped[name]);
    }
    expect(shipped).toMatchObject({
      RunAsNode: false,
      EnableCookieEncryption: true,
      EnableNodeOptionsEnvironmentVariable: false,
      EnableNodeCliInspectArguments: false,
      OnlyLoadAppFromAsar: true,
    });
    expect(driven).toEqual({ ...shipped, EnableNodeCliInspectArguments: true });
    expect(endToEndFuses).toEqual({ ...fuses, EnableNodeCliInspectArguments: true });
  });

  it('the driven form is otherwise the shipped one, file by file', () => {
    const differences = execFileSync(
      'sh',
      ['-c', `diff --recursive --brief "$0" "$1" || true`, shippedApp, drivenApp],
      { encoding: 'utf8' },
    );
    expect(differences.trim()).toBe(
      `Files ${join(shippedApp, 'devmend')} and ${join(drivenApp, 'devmend')} differ`,
    );
  });

  it('A1.4 RunAsNode: ELECTRON_RUN_AS_NODE does not make a Node of it', async () => {
    const result = await stage.asUser(
      join(stage.application, 'devmend'),
      ['-e', 'console.log("node " + (1 + 1))', '--version'],
      { ELECTRON_RUN_AS_NODE: '1', DISPLAY: '' },
    );
    expect(result.stdout).not.toContain('node 2');
  });
});
