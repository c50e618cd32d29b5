import { readFileSync, statSync } from 'node:fs';
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingsText } from '../fixtures/desk.ts';
import { buildNewerProgram } from '../fixtures/needs-newer-glibc.ts';
import { openStage, type Devmend, type Stage } from './harness.ts';
import { screens } from './harness/pages.ts';

let stage: Stage;
let devmend: Devmend;
let server: Server;
let datagrams: Socket;
/** First bytes of everything that reached the server. */
const reached: string[] = [];
let port: number;

beforeAll(async () => {
  server = createServer((socket) => {
    reached.push('connected');
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      reached.push(data.toString('latin1').slice(0, 80));
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  datagrams = createSocket('udp4').on('message', () => reached.push('datagram'));
  await new Promise<void>((resolve) => datagrams.bind(port, '127.0.0.1', resolve));
  stage = await openStage();
  // Without a camera there would be nothing to refuse.
  devmend = await stage.launch({ args: ['--use-fake-device-for-media-stream'] });
});
afterAll(async () => {
  await stage.close();
  server.close();
  datagrams.close();
});

/** The server answers at all: without that, silence would prove nothing. */
async function selfTest(): Promise<void> {
  const answer = await stage.asUser('/bin/bash', [
    '-c',
    `exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`,
  ]);
  expect(answer.stdout).toContain('ok');
  expect(reached.splice(0)).toHaveLength(2);
}

describe('A1.6 the network', () => {
  it('is not reached from the page by any way a page has', async () => {
    await selfTest();
    const answers = await devmend.page.evaluate(async (address) => {
      const outcome = async (work: () => Promise<unknown>): Promise<string> => {
        const patience = new Promise((_resolve, reject) => {
          setTimeout(() => reject(new DOMException('', 'NoAnswer')), 10_000);
        });
        try {
          return `done: ${String(await Promise.race([work(), patience]))}`;
        } catch (error) {
          return `refused: ${(error as Error).name}`;
        }
      };
      const loaded = (element: HTMLElement): Promise<string> =>
        new Promise((resolve, reject) => {
          element.addEventListener('load', () => resolve('loaded'));
          element.addEventListener('error', () => reject(new Error('error')));
          document.head.append(element);
        });
      const element = (name: string, attributes: Record<string, string>): HTMLElement =>
        Object.assign(document.createElement(name), attributes);
      const socket = (url: string): Promise<unknown> =>
        new Promise((resolve, reject) => {
          const opened = new WebSocket(url);
          opened.onopen = resolve;
          opened.onerror = () => reject(new Error('error'));
        });
      // These tell nothing; what counts is whether the server hears of them.
      for (const rel of ['preconnect', 'dns-prefetch', 'prefetch', 'prerender'])
        document.head.append(element('link', { rel, href: `http://${address}/${rel}` }));
      navigator.sendBeacon(`http://${address}/beacon`, 'x');
      const peer = new RTCPeerConnection({
        iceServers: [
          { urls: `turn:${address}?transport=tcp`, username: 'x', credential: 'x' },
          { urls: `stun:${address}` },
        ],
      });
      peer.createDataChannel('x');
      await peer.setLocalDescription(await peer.createOffer());
      const form = element('form', { action: `http://${address}/form`, method: 'post' });
      document.body.append(form);
      (form as HTMLFormElement).submit();
      return Promise.all([
        outcome(() => fetch(`http://${address}/fetch`)),
        outcome(() => fetch(`http://${address}/opaque`, { mode: 'no-cors' })),
        outcome(() => loaded(element('img', { src: `http://${address}/img` }))),
        outcome(() => loaded(element('script', { src: `http://${address}/script` }))),
        outcome(() => loaded(element('link', { rel: 'stylesheet', href: `http://${address}/c` }))),
        outcome(() => socket(`ws://${address}/socket`)),
        outcome(() =>
          loaded(element('script', { type: 'module', src: `http://${address}/module.js` })),
        ),
      ]);
    }, `127.0.0.1:${port}`);
    expect(answers.filter((answer) => !answer.startsWith('refused'))).toEqual([]);
    // The time ICE takes for its candidates; whatever would have come has come by then.
    await devmend.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 3000)));
    expect(reached).toEqual([]);
  });

  it('is not reached from a session made later, nor by the main process in its name', async () => {
    const outcome = await devmend.app.evaluate(async ({ BrowserWindow, session }, address) => {
      const fresh = session.fromPartition('later');
      const window = new BrowserWindow({ show: false, webPreferences: { session: fresh } });
      const loading = await window.loadURL(`http://${address}/window`).then(
        () => 'loaded',
        (error: Error) => error.message,
      );
      const fetched = await fresh.fetch(`http://${address}/fetch`).then(
        () => 'fetched',
        (error: Error) => error.message,
      );
      window.destroy();
      return { loading, fetched };
    }, `127.0.0.1:${port}`);
    expect(outcome.loading).toContain('ERR_BLOCKED_BY_CLIENT');
    expect(outcome.fetched).toContain('ERR_BLOCKED_BY_CLIENT');
    expect(reached).toEqual([]);
  });
});

describe('A1.6 what a page may', () => {
  it('is refused when it really asks, in a session made later too', async () => {
    const ask = async (): Promise<readonly string[]> => {
      const outcome = (name: string, work: Promise<unknown>): Promise<string> =>
        work.then(
          (value) => `${name} ${String(value)}`,
          (error: Error) => `${name} ${error.name || (error as { code?: number }).code}`,
        );
      return Promise.all([
        outcome('camera', navigator.mediaDevices.getUserMedia({ video: true })),
        outcome('microphone', navigator.mediaDevices.getUserMedia({ audio: true })),
        outcome('notifications', Notification.requestPermission()),
        outcome('clipboard', navigator.clipboard.readText()),
        outcome(
          'place',
          new Promise((resolve, reject) => {
            navigator.geolocation.getCurrentPosition(resolve, (error) =>
              reject(new Error(`code ${error.code}`)),
            );
          }),
        ),
      ]);
    };
    const refused = [
      'camera NotAllowedError',
      'microphone NotAllowedError',
      'notifications denied',
      'clipboard NotAllowedError',
      'place Error',
    ];
    expect(await devmend.page.evaluate(ask)).toEqual(refused);
    const later = await devmend.app.evaluate(async ({ BrowserWindow, session }, code) => {
      const fresh = session.fromPartition('asking');
      fresh.protocol.handle(
        'app',
        () => new Response('<p>x</p>', { headers: { 'Content-Type': 'text/html' } }),
      );
      const window = new BrowserWindow({ webPreferences: { session: fresh } });
      await window.loadURL('app://devmend/');
      window.focus();
      const answers = (await window.webContents.executeJavaScript(
        `(${code})()`,
        true,
      )) as readonly string[];
      window.destroy();
      return answers;
    }, ask.toString());
    expect(later).toEqual(refused);
  });

  it('does not include leaving, other windows, frames with a bridge, or embedded contents', async () => {
    const seen = await devmend.page.evaluate(async (address) => {
      const opened = ['_blank', '_self', '_top', 'named'].map((target) =>
        window.open(`http://${address}/open`, target),
      );
      const link = document.createElement('a');
      link.href = `http://${address}/link`;
      document.body.append(link);
      link.click();
      location.assign('app://devmend/index.html?elsewhere');
      const frames = ['app://devmend/', `http://${address}/`, ''].map((src) => {
        const frame = document.createElement('iframe');
        if (src !== '') frame.src = src;
        document.body.append(frame);
        return frame;
      });
      const webview = document.createElement('webview');
      webview.setAttribute('src', 'app://devmend/');
      document.body.append(webview);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const bridges = frames.map((frame) => {
        try {
          return 'devmend' in (frame.contentWindow ?? {});
        } catch {
          return 'another origin';
        }
      });
      for (const each of [...frames, webview, link]) each.remove();
      return { opened: opened.filter(Boolean).length, bridges };
    }, `127.0.0.1:${port}`);
    expect(seen.opened).toBeLessThanOrEqual(2);
    expect(seen.bridges).not.toContain(true);
    const state = await devmend.app.evaluate(({ BrowserWindow, webContents }) => ({
      windows: BrowserWindow.getAllWindows().length,
      contents: webContents.getAllWebContents().length,
      address: BrowserWindow.getAllWindows()[0]?.webContents.getURL(),
    }));
    expect(state).toEqual({ windows: 1, contents: 1, address: 'app://devmend/' });
    expect(reached).toEqual([]);
  });

  it('opens addresses by a link’s id only', async () => {
    await devmend.app.evaluate(({ shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      shell.openExternal = (address) => Promise.resolve(void opened.push(address));
    });
    const answers = await devmend.page.evaluate(async () => {
      const open = (link: unknown) => window.devmend!.call('app.openLink', { link });
      const hostile = ['https://example.org/', 'file:///etc/passwd', '__proto__', 'constructor', 7];
      const refused = [];
      for (const link of hostile) refused.push(await open(link));
      return { refused, known: await open('documentation') };
    });
    for (const answer of answers.refused) {
      expect(answer).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    }
    expect(answers.known).toMatchObject({ ok: true });
    const opened = await devmend.app.evaluate(
      () => (globalThis as unknown as { opened: string[] }).opened,
    );
    expect(opened).toEqual(['https://github.com/devmend/devmend#readme']);
  });
});

describe('A1.5 A1.9 messages', () => {
  it('too large are refused, and nothing a page sends reaches Object.prototype', async () => {
    const answers = await devmend.page.evaluate(async () => [
      await window.devmend!.call('terminal.save', { text: 'x'.repeat(7_000_000) }),
      await window.devmend!.call('history.show', JSON.parse('{"id":"x","__proto__":{"p":1}}')),
      await window.devmend!.call('settings.set', { constructor: { prototype: { polluted: 1 } } }),
    ]);
    expect(answers[0]).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    expect(answers[2]).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    expect(JSON.stringify(answers)).not.toMatch(/\.js:|\bat /);
    const polluted = await devmend.app.evaluate(() => 'polluted' in {} || 'p' in {});
    expect(polluted).toBe(false);
  });

  it('an error nobody caught goes to the log, for its owner only, and into no dialog', async () => {
    await devmend.app.evaluate(() => {
      setTimeout(() => {
        throw new Error('uncaught on purpose, token=abc123');
      }, 0);
    });
    const log = join(stage.home, '.local/state/devmend/devmend.log');
    const read = (): string => {
      try {
        return readFileSync(log, 'utf8');
      } catch {
        return '';
      }
    };
    await expect.poll(read).toContain('uncaught on purpose');
    expect(read()).not.toContain('abc123');
    expect(statSync(log).mode & 0o777).toBe(0o600);
    const dialogs = await stage.asUser('/usr/bin/xdotool', ['search', '--name', 'Error']);
    expect(dialogs.stdout.trim()).toBe('');
  });
});

describe('A1.3 the watch of the tests', () => {
  it('sees a breach of the policy: the end-to-end tests can fail by it', async () => {
    await devmend.page.evaluate(async () => {
      document.body.append(
        Object.assign(document.createElement('script'), { textContent: 'window.injected = 1' }),
      );
      await new Promise((resolve) => setTimeout(resolve, 0));
    });
    expect(await devmend.page.evaluate(() => 'injected' in window)).toBe(false);
    expect((await devmend.problems()).join('\n')).toContain('policy: script-src');
  });
});

describe('A1.8 what a program prints', () => {
  it('sets no clipboard and plants no link', async () => {
    await devmend.close();
    const program = join(stage.home, 'hostile/bin/git');
    const escapes = '\\\\033]52;c;ZXZpbA==\\\\a\\\\033]8;;http://e/\\\\aHERE\\\\033]8;;\\\\a git';
    buildNewerProgram(program, escapes.replaceAll('\\\\', '\\'));
    stage.own(join(stage.home, 'hostile'));
    stage.write(join(stage.home, '.config/Code/User/settings.json'), settingsText(program), 0o600);
    devmend = await stage.launch();
    const dialogs: string[] = [];
    devmend.page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await devmend.app.evaluate(({ clipboard }) => clipboard.writeText('mine'));
    const at = screens(devmend);
    await at.scan();
    await at.plan();
    await at.apply();
    await at.screen('done');
    await at.button('Show terminal').click();
    const terminal = devmend.page.getByTestId('terminal');
    const box = (await terminal.boundingBox())!;
    for (let y = box.y + 8; y < box.y + box.height; y += 12)
      for (const x of [8, 24, 40]) await devmend.page.mouse.click(box.x + x, y);
    await devmend.page.keyboard.type('id');
    expect(await devmend.app.evaluate(({ clipboard }) => clipboard.readText())).toBe('mine');
    expect(dialogs).toEqual([]);
    expect(await at.terminalText()).toContain('HERE git version 1.2.3');
    expect(await devmend.problems()).toEqual([]);
  });
});

describe('A1.7 root', () => {
  it('is refused a window, and told how to start it', async () => {
    const started = await stage.asUser('/usr/bin/unshare', [
      ...['--user', '--map-root-user'],
      join(stage.application, 'devmend'),
      '--no-sandbox',
    ]);
    expect(started.code).toBe(2);
    expect(started.stderr).toMatch(/root/);
    expect(started.stderr).not.toMatch(/\.js:\d/);
  });

  it('A1.7 without Chromium’s sandbox no repair leads to root', async () => {
    await devmend.close();
    devmend = await stage.launch({ args: ['--no-sandbox'] });
    const info = await devmend.page.evaluate(() => window.devmend!.call('app.info', {}));
    expect(info).toMatchObject({ ok: true, data: { privilegedRepairs: 'no-sandbox' } });
  });
});
