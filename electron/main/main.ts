import { app, protocol } from 'electron';
import { translate } from '../../shared/messages/translate.ts';
import { hostMachine } from '../engine/host.ts';
import { forbidNavigation } from '../security/navigation-rules.ts';
import { closeNetwork } from '../security/network-wall.ts';
import { hardenSession } from '../security/session-rules.ts';
import { join } from 'node:path';
import { startApplication } from './application.ts';
import { windowLanguage } from './language.ts';

/** Also in the desktop file (StartupWMClass), the metainfo and package.json's desktopName. */
const APPLICATION_ID = 'io.github.devmend.Devmend';

/**
 * The boot order. What has to hold for every window and session is in place
 * before there is one; nothing of the UI is loaded before the locks are taken.
 */
function boot(): void {
  if (process.getuid?.() === 0) {
    const language = windowLanguage('system', (process.env['LANG'] ?? '').replace('_', '-'));
    process.stderr.write(`${translate(language, { key: 'app.refused.root', params: {} })}\n`);
    app.exit(2);
    return;
  }
  app.enableSandbox();
  // The name becomes the window class, which is the desktop file's and AppStream's id as well.
  app.setName(APPLICATION_ID);
  const { directories } = hostMachine();
  app.setPath('userData', join(directories.cache, 'window'));
  app.setPath('crashDumps', join(directories.cache, 'window', 'crashes'));
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  closeNetwork(app);
  forbidNavigation(app);
  app.on('session-created', hardenSession);
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }
  app
    .whenReady()
    .then(() => startApplication(directories))
    .catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      app.exit(1);
    });
}

boot();
