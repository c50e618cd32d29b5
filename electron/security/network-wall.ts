import type { App } from 'electron';

/**
 * No name and no address resolves for Chromium, in any session. The rules on requests
 * (`session-rules.ts`) and the content policy do not see what WebRTC opens by itself:
 * a TURN server over TCP would be reached past both of them. What Devmend fetches, its
 * engine fetches through Node, which this does not concern. Call before the app is ready.
 */
export function closeNetwork(app: Pick<App, 'commandLine'>): void {
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
}
