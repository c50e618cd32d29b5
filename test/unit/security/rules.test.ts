import { EventEmitter } from 'node:events';
import type { App, Session } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { forbidNavigation } from '../../../electron/security/navigation-rules.ts';
import { hardenSession, mayHave, mayRequest } from '../../../electron/security/session-rules.ts';

describe('permissions', () => {
  it('A1.6 are refused, but for sanitised clipboard writes of Devmend’s own page', () => {
    expect(mayHave('clipboard-sanitized-write', 'app://devmend/')).toBe(true);
    expect(mayHave('clipboard-sanitized-write', 'https://devmend/')).toBe(false);
    for (const permission of [
      'clipboard-read',
      'media',
      'geolocation',
      'notifications',
      'openExternal',
      'fullscreen',
      'pointerLock',
      'hid',
      'serial',
      'usb',
      'display-capture',
      'fileSystem',
      'unknown',
    ]) {
      expect(mayHave(permission, 'app://devmend/'), permission).toBe(false);
    }
  });
});

describe('network', () => {
  it('A1.6 requests other than app://devmend and images within the page are blocked', () => {
    expect(mayRequest('app://devmend/assets/a.js')).toBe(true);
    expect(mayRequest('data:image/svg+xml,<svg/>')).toBe(true);
    for (const address of [
      'http://127.0.0.1/',
      'https://example.org/',
      'ws://example.org/',
      'file:///etc/passwd',
      'blob:app://devmend/1',
      'data:text/html,<script>1</script>',
      'devtools://devtools/bundled/x.html',
      'chrome://gpu',
      'app://evil/',
      'app://devmend.evil/',
    ]) {
      expect(mayRequest(address), address).toBe(false);
    }
  });
});

describe('a session', () => {
  it('A1.6 gets every rule put on it', () => {
    const session = Object.assign(new EventEmitter(), {
      setPermissionRequestHandler: vi.fn(),
      setPermissionCheckHandler: vi.fn(),
      setDevicePermissionHandler: vi.fn(),
      webRequest: { onBeforeRequest: vi.fn() },
      setSpellCheckerEnabled: vi.fn(),
    });
    hardenSession(session as unknown as Session);
    const answer = vi.fn();
    session.setPermissionRequestHandler.mock.calls[0]?.[0](null, 'media', answer, {
      requestingUrl: 'app://devmend/',
    });
    expect(answer).toHaveBeenLastCalledWith(false);
    expect(session.setPermissionCheckHandler.mock.calls[0]?.[0](null, 'media', '')).toBe(false);
    expect(session.setDevicePermissionHandler.mock.calls[0]?.[0]({})).toBe(false);
    const filter = session.webRequest.onBeforeRequest.mock.calls[0]?.[0];
    filter({ url: 'https://example.org/' }, answer);
    expect(answer).toHaveBeenLastCalledWith({ cancel: true });
    filter({ url: 'app://devmend/' }, answer);
    expect(answer).toHaveBeenLastCalledWith({ cancel: false });
    expect(session.setSpellCheckerEnabled).toHaveBeenCalledWith(false);
    const preventDefault = vi.fn();
    session.emit('will-download', { preventDefault });
    expect(preventDefault).toHaveBeenCalled();
  });
});

describe('navigation', () => {
  it('A1.6 redirects, new windows and webviews are refused for every web contents', () => {
    const app = new EventEmitter();
    forbidNavigation(app as unknown as App);
    const contents = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: vi.fn(),
      setWebRTCIPHandlingPolicy: vi.fn(),
    });
    app.emit('web-contents-created', {}, contents);
    for (const event of [
      'will-navigate',
      'will-frame-navigate',
      'will-redirect',
      'will-attach-webview',
    ]) {
      const preventDefault = vi.fn();
      contents.emit(event, { preventDefault });
      expect(preventDefault, event).toHaveBeenCalled();
    }
    expect(contents.setWindowOpenHandler.mock.calls[0]?.[0]({ url: 'app://devmend/' })).toEqual({
      action: 'deny',
    });
  });
});
