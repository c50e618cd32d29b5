import type { Session } from 'electron';
import { isAppAddress } from './sender.ts';

/** All that a page may be permitted: putting plain text on the clipboard. */
const PERMITTED = 'clipboard-sanitized-write';

/** Whether a page may have a permission it asks for. */
export function mayHave(permission: string, requestingAddress: string): boolean {
  return permission === PERMITTED && isAppAddress(requestingAddress);
}

/** Whether a request may leave the page: its own bundle, and images inside the page itself. */
export function mayRequest(address: string): boolean {
  return isAppAddress(address) || address.startsWith('data:image/');
}

/** Puts the rules on a session. Called for every session there is, also new ones. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(mayHave(permission, details.requestingUrl));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => mayHave(permission, origin));
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !mayRequest(details.url) });
  });
  session.on('will-download', (event) => event.preventDefault());
  session.setSpellCheckerEnabled(false);
}
