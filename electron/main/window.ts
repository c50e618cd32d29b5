import { join } from 'node:path';
import { BrowserWindow, nativeTheme } from 'electron';
import type { WindowSize } from './window-size.ts';

/** The page behind the window before its first paint; the renderer's own tokens agree. */
const BACKGROUND = { light: '#f4f3f0', dark: '#191b1e' };

export interface WindowOptions {
  readonly preload: string;
  readonly icon: string;
  readonly size: WindowSize;
  readonly onResize: (size: WindowSize) => void;
}

/** Opens the one window of the app; it shows itself once there is something to see. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const { size } = options;
  const window = new BrowserWindow({
    width: size.width,
    height: size.height,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Devmend',
    icon: options.icon,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: options.preload,
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      spellcheck: false,
      safeDialogs: true,
    },
  });
  if (size.maximised) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    const { width, height } = window.getNormalBounds();
    options.onResize({ width, height, maximised: window.isMaximized() });
  });
  void window.loadURL('app://devmend/');
  return window;
}

/** Files beside the bundled main script. */
export function bundled(...names: readonly string[]): string {
  return join(__dirname, ...names);
}
