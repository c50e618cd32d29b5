import { ipcMain, nativeTheme, protocol, app, type BrowserWindow } from 'electron';
import type { AppInfo } from '../../shared/contract.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Directories } from '../engine/machine.ts';
import { VERSION } from '../engine/version.ts';
import { createJobs, type Jobs } from '../ipc/jobs.ts';
import { registerContract, type MessageReceiver } from '../ipc/registrar.ts';
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
  const settings = await openSettings(directories.config);
  const jobs = createJobs(log, createFlowControl);
  const engine = createEngine({
    workerFile: bundled('engine-worker.js'),
    runnerFor: createCommandRunner(log),
  });
  let window: BrowserWindow | null = null;
  const language = (): AppInfo['language'] =>
    windowLanguage(settings.current().language, app.getLocale());

  const parts: HandlerParts = {
    engine,
    session: createSession(),
    settings,
    desktop: createDesktop(() => window, language),
    jobs: (): Jobs => jobs,
    info: () => ({
      version: VERSION,
      language: language(),
      privilegedRepairs: privilegedRepairs(process.argv),
      developmentRuntime: Number.parseInt(process.versions.electron, 10) < SHIPPED_ELECTRON,
      home: app.getPath('home'),
    }),
    onSettings: follow,
  };
  registerContract({
    receiver: ipcMain as unknown as MessageReceiver,
    calls: callHandlers(parts),
    streams: streamHandlers(parts),
    jobs,
    isTrusted: isTrustedFrame,
    log,
  });
  protocol.handle('app', createBundleHandler(bundled('renderer')));
  ruleLifecycle({ app, jobs, stopEngine: engine.stop });

  function follow(now: Settings): void {
    nativeTheme.themeSource = now.theme;
    setMenu(language());
  }

  async function show(): Promise<void> {
    if (window !== null) {
      if (window.isMinimized()) window.restore();
      window.focus();
      return;
    }
    const size = await lastWindowSize(directories.state);
    window = openWindow({
      preload: bundled('preload.js'),
      icon: bundled('icon.png'),
      size,
      onResize: (last) => rememberWindowSize(directories.state, last),
    });
    window.on('closed', () => {
      window = null;
    });
  }

  follow(settings.current());
  app.on('second-instance', () => void show());
  await show();
}
