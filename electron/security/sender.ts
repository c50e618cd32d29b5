/** Origin of Devmend's own pages. */
export const APP_ORIGIN = 'app://devmend';

/** What is looked at of the frame a message comes from. */
export interface SenderFrame {
  readonly url: string;
  readonly parent: unknown;
}

/**
 * Whether a message may be believed: it comes from the main frame of a page of
 * Devmend's own. `frame` is null when the frame is gone already.
 */
export function isTrustedFrame(frame: SenderFrame | null | undefined): boolean {
  if (!frame || frame.parent !== null) return false;
  return isAppAddress(frame.url);
}

/** Whether an address is one of Devmend's own pages: exact scheme and host, no port, no user. */
export function isAppAddress(address: string): boolean {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  return (
    `${url.protocol}//${url.host}` === APP_ORIGIN && url.username === '' && url.password === ''
  );
}
