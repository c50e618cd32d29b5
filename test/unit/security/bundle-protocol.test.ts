import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBundleHandler } from '../../../electron/security/bundle-protocol.ts';

let directory: string;
let handle: (request: Request) => Promise<Response>;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'devmend-bundle-'));
  const bundle = join(directory, 'bundle');
  mkdirSync(join(bundle, 'assets'), { recursive: true });
  mkdirSync(join(directory, 'bundle-of-another'));
  writeFileSync(join(directory, 'bundle-of-another', 'a.js'), 'other');
  writeFileSync(join(directory, 'secret.js'), 'secret');
  writeFileSync(
    join(bundle, 'index.html'),
    '<meta nonce="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style>',
  );
  writeFileSync(join(bundle, 'assets', 'a.js'), 'run()');
  writeFileSync(join(bundle, 'assets', 'a b.css'), 'p{}');
  writeFileSync(join(bundle, 'notes.exe'), 'MZ');
  symlinkSync(join(directory, 'secret.js'), join(bundle, 'link.js'));
  symlinkSync('assets/a.js', join(bundle, 'inside.js'));
  handle = createBundleHandler(bundle);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** `Request` normalises what it is given; a hostile address has to arrive as it is. */
function request(url: string, method = 'GET'): Request {
  return { url, method } as Request;
}

describe('app://devmend', () => {
  it('A1.2 serves the bundle, with nosniff and the type of the file', async () => {
    for (const [url, type, body] of [
      ['app://devmend/assets/a.js', 'text/javascript; charset=utf-8', 'run()'],
      ['app://devmend/assets/a%20b.css?x=1#y', 'text/css; charset=utf-8', 'p{}'],
      ['app://devmend/inside.js', 'text/javascript; charset=utf-8', 'run()'],
    ] as const) {
      const response = await handle(request(url));
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(type);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(await response.text()).toBe(body);
    }
  });

  it('A1.2 answers HEAD without a body and nothing but GET and HEAD', async () => {
    const head = await handle(request('app://devmend/', 'HEAD'));
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'get']) {
      expect((await handle(request('app://devmend/', method))).status).toBe(405);
    }
  });

  it.each([
    'app://devmend/../secret.js',
    'app://devmend/%2e%2e/secret.js',
    'app://devmend/%2e%2e%2fsecret.js',
    'app://devmend/assets/..%2f..%2fsecret.js',
    'app://devmend/..%5csecret.js',
    'app://devmend/%2e%2e/bundle-of-another/a.js',
    'app://devmend/link.js',
    'app://devmend/a.js%00.html',
    'app://devmend/%E0%A4%A',
    'app://devmend/assets',
    'app://devmend/assets/',
    'app://devmend/notes.exe',
    'app://devmend/nothing.js',
    'app://devmend//etc/passwd',
    'app://other/assets/a.js',
    'app://user@devmend/assets/a.js',
    'app://devmend:1/assets/a.js',
    'http://devmend/assets/a.js',
    'file:///etc/passwd',
    'nonsense',
  ])('A1.2 does not serve %s', async (url) => {
    const response = await handle(request(url));
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  it('A1.3 sends the policy as a header, with a nonce of its own for every load', async () => {
    const nonces = new Set<string>();
    for (let load = 0; load < 3; load += 1) {
      const response = await handle(request('app://devmend/'));
      const html = await response.text();
      const nonce = /nonce="([^"]+)"/.exec(html)?.[1] ?? '';
      expect(html).toBe(`<meta nonce="${nonce}"><style nonce="${nonce}"></style>`);
      expect(Buffer.from(nonce, 'base64')).toHaveLength(16);
      expect(response.headers.get('content-security-policy')).toBe(
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; ` +
          `img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; ` +
          `base-uri 'none'; form-action 'none'`,
      );
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
  });
});
