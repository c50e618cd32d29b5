// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { styleSpansWithinPolicy, withStyleNonce } from '../../../renderer/terminal/policy.ts';

function pageWithNonce(nonce: string): void {
  const meta = document.createElement('meta');
  meta.setAttribute('property', 'csp-nonce');
  // jsdom knows the attribute only; a browser has the property.
  Object.defineProperty(meta, 'nonce', { value: nonce });
  document.head.append(meta);
}
afterEach(() => document.head.replaceChildren());

describe('xterm under the content security policy', () => {
  it('A1.3 gives the nonce to style elements made while it opens, and to no others', () => {
    pageWithNonce('abc');
    let inside: HTMLStyleElement | undefined;
    withStyleNonce(document, () => (inside = document.createElement('style')));
    expect(inside?.nonce).toBe('abc');
    expect(document.createElement('style').nonce).not.toBe('abc');
    expect(Object.hasOwn(document, 'createElement')).toBe(false);
  });

  it('A1.3 takes the page back to normal when opening fails', () => {
    pageWithNonce('abc');
    const fail = () => {
      throw new Error('no canvas');
    };
    expect(() => withStyleNonce(document, fail)).toThrow('no canvas');
    expect(Object.hasOwn(document, 'createElement')).toBe(false);
  });

  it('A1.3 colours characters through the object model, never by an attribute', () => {
    const undo = styleSpansWithinPolicy();
    const attributes: string[] = [];
    const original = Element.prototype.setAttribute;
    Element.prototype.setAttribute = function (name: string, value: string) {
      attributes.push(name);
      original.call(this, name, value);
    };
    const span = document.createElement('span');
    span.setAttribute('style', 'color:#ff0000;');
    span.setAttribute('title', 'x');
    Element.prototype.setAttribute = original;
    undo();
    expect(span.style.color).toBe('rgb(255, 0, 0)');
    expect(attributes).toEqual(['title']);
    expect(Object.hasOwn(HTMLSpanElement.prototype, 'setAttribute')).toBe(false);
  });
});
