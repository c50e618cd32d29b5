import type { App, WebContents } from 'electron';

/**
 * No page ever goes anywhere: navigation, redirects, new windows and embedded
 * web contents are refused for every web contents of the app. The first load
 * is made by the main process and raises none of these events.
 */
export function forbidNavigation(app: App): void {
  app.on('web-contents-created', (_event, contents) => restrict(contents));
}

function restrict(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}
