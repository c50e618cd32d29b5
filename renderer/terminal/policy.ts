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

/** Sets a style through the object model, which the policy allows, where an attribute is forbidden. */
function setAttributeWithinPolicy(this: HTMLElement, name: string, value: string): void {
  if (name === 'style') this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

/**
 * Makes spans take `style` attributes through the object model, until the
 * returned function is called. Without WebGL xterm colours single characters by
 * such attributes, which the policy forbids; it makes them from the global
 * document, so nothing narrower reaches them.
 */
export function styleSpansWithinPolicy(): () => void {
  const spans = HTMLSpanElement.prototype;
  Object.defineProperty(spans, 'setAttribute', {
    configurable: true,
    value: setAttributeWithinPolicy,
  });
  // The inherited method is visible again.
  return () => void Reflect.deleteProperty(spans, 'setAttribute');
}
