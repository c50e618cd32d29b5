/** The nonce that the main process put into the page for styles made at run time. */
export function styleNonce(page: Document): string {
  const meta = page.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return meta?.nonce ?? '';
}

/**
 * The document as xterm may see it: the same one, except that the style elements
 * it makes carry the policy's nonce. xterm writes sizes and colours into style
 * elements (its scroll bar does so with every renderer) and has no option for it.
 */
export function documentWithNonce(page: Document): Document {
  const nonce = styleNonce(page);
  const createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = page.createElement(name, options);
    if (nonce !== '' && element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
  return new Proxy(page, {
    get(target, key) {
      if (key === 'createElement') return createElement;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
