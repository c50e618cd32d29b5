/** The nonce that the main process put into the page for styles made at run time. */
export function styleNonce(page: Document): string {
  const meta = page.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return meta?.nonce ?? '';
}

/**
 * Does something during which new style elements carry the policy's nonce.
 * xterm writes sizes and colours into style elements while it opens (its scroll
 * bar does so with every renderer) and has no option for it; its
 * `documentOverride` does not reach the scroll bar.
 */
export function withStyleNonce(page: Document, work: () => void): void {
  const nonce = styleNonce(page);
  const original = page.createElement.bind(page);
  const createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = original(name, options);
    if (nonce !== '' && element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
  Object.defineProperty(page, 'createElement', { configurable: true, value: createElement });
  try {
    work();
  } finally {
    // The page's own method, from its prototype, is visible again.
    Reflect.deleteProperty(page, 'createElement');
  }
}
