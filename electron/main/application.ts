import { app, nativeTheme, protocol, type BrowserWindow } from 'electron';
import type { AppInfo } from '../../shared/contract.ts';
import type { Language } from '../../shared/messages/translate.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Directories } from '../engine/machine.ts';
import { VERSION } from '../engine/version.ts';
import { createJobs } from '../ipc/jobs.ts';
import { mainReceiver } from '../ipc/main-receiver.ts';
import { registerContract } from '../ipc/registrar.ts';
import { privilegedRepairs } from '../privilege/who-applies.ts';
import { createBundleHandler } from '../security/bundle-protocol.ts';
import { isTrustedFrame } from '../security/sender.ts';
import { createFlowControl } from '../terminal/flow-control.ts';
import { createCommandRunner } from './command-runner.ts';
import { createDesktop } from './desktop.ts';
import { createEngine } from './engine.ts';
import { callHandlers, streamHandlers, type HandlerParts } from './handlers.ts';
import { windowLanguage } from './language.ts';
import { ruleLifecycle } from './lifecycle.ts';
import { openLog } from './log.ts';
import { setMenu } from './menu.ts';
import { createSession } from './session.ts';
import { openSettings } from './settings-store.ts';
import { lastWindowSize, rememberWindowSize } from './window-size.ts';
import { bundled, openWindow } from './window.ts';

/** Electron releases before this one are the stand-in for development and tests. */
const SHIPPED_ELECTRON = 45;

/** Puts the parts together and opens the window. */
export async function startApplication(directories: Directories): Promise<void> {
  const log = openLog(directories.state);
  process.on('unhandledRejection', (error) => {
    log({ correlationId: '-', where: 'main', error });
  });
  // Electron's own answer would be a dialog with the stack in it.
  process.on('uncaughtException', (error) => {
    log({ correlationId: '-', where: 'main', error });
  });
  const settings = await openSettings(directories.config);
  const jobs = createJobs(log, createFlowControl);
  const engine = createEngine({
    workerFile: bundled('engine-worker.js'),
    runnerFor: createCommandRunner(log),
  });
  const language = (): Language => windowLanguage(settings.current().language, app.getLocale());
  const window = createOnlyWindow(directories.state);
  const parts: HandlerParts = {
    engine,
    session: createSession(),
    settings,
    desktop: createDesktop(window.current, language),
    jobs,
    info: () => appInfo(language()),
    onSettings: (now) => follow(now, language()),
  };
  registerContract({
    receiver: mainReceiver,
    calls: callHandlers(parts),
    streams: streamHandlers(parts),
    jobs,
    isTrusted: isTrustedFrame,
    log,
  });
  protocol.handle('app', createBundleHandler(bundled('renderer')));
  ruleLifecycle({
    app,
    window: { close: () => window.current()?.close(), isOpen: () => window.current() !== null },
    jobs,
    stopEngine: engine.stop,
  });
  follow(settings.current(), language());
  app.on('second-instance', () => void window.show());
  await window.show();
}

function appInfo(language: Language): AppInfo {
  return {
    version: VERSION,
    language,
    privilegedRepairs: privilegedRepairs(process.argv),
    developmentRuntime: Number.parseInt(process.versions.electron, 10) < SHIPPED_ELECTRON,
    home: app.getPath('home'),
  };
}

function follow(settings: Settings, language: Language): void {
  nativeTheme.themeSource = settings.theme;
  setMenu(language);
}

/** The one window: shown anew, or brought forward when it is there already. */
function createOnlyWindow(stateDirectory: string): {
  readonly current: () => BrowserWindow | null;
  readonly show: () => Promise<void>;
} {
  let window: BrowserWindow | null = null;
  return {
    current: () => window,
    async show() {
      const size = await lastWindowSize(stateDirectory);
      if (window !== null) {
        if (window.isMinimized()) window.restore();
        window.focus();
        return;
      }
      window = openWindow({
        preload: bundled('preload.js'),
        icon: bundled('icon.png'),
        size,
        onResize: (last) => rememberWindowSize(stateDirectory, last),
      });
      window.on('closed', () => {
        window = null;
      });
    },
  };
}
