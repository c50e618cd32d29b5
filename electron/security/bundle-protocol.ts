import { randomBytes } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { isAppAddress } from './sender.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};
/** Where the page wants the nonce of this load, which its style elements carry. */
const NONCE_PLACEHOLDER = /__CSP_NONCE__/g;

/** The policy of every page; styles that xterm and others add carry the nonce of the load. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/**
 * Answers requests for `app://devmend/…` from the files below `bundle`: GET and
 * HEAD, known file types, real paths inside the bundle. Everything else is 404
 * (or 405) without a body that could tell anything.
 */
export function createBundleHandler(bundle: string): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return empty(405);
    const file = await locate(bundle, request.url);
    const type = file === null ? undefined : TYPES[extname(file)];
    if (file === null || type === undefined) return empty(404);
    const nonce = randomBytes(16).toString('base64');
    const content = await readFile(file);
    const body =
      extname(file) === '.html'
        ? content.toString('utf8').replace(NONCE_PLACEHOLDER, nonce)
        : content;
    return new Response(request.method === 'HEAD' ? null : body, {
      headers: headers(type, nonce),
    });
  };
}

function headers(type: string, nonce: string): Record<string, string> {
  return {
    'Content-Type': type,
    'Content-Security-Policy': contentSecurityPolicy(nonce),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  };
}

function empty(status: number): Response {
  return new Response(null, { status, headers: { 'X-Content-Type-Options': 'nosniff' } });
}

async function locate(bundle: string, address: string): Promise<string | null> {
  if (!isAppAddress(address)) return null;
  let path: string;
  try {
    path = decodeURIComponent(new URL(address).pathname);
  } catch {
    return null;
  }
  if (path.includes('\0') || path.includes('\\')) return null;
  try {
    const top = await realpath(bundle);
    const file = await realpath(join(top, path === '/' ? 'index.html' : path));
    return file.startsWith(top + sep) ? file : null;
  } catch {
    return null;
  }
}
