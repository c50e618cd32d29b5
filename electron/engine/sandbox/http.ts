import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

const MOST_REDIRECTS = 5;
/** A transfer that stands still for so long has failed. */
const IDLE_MS = 30_000;

export interface HttpContext {
  readonly signal: AbortSignal;
  /** Where `http_proxy`, `https_proxy` and `no_proxy` are looked up. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Starts a GET and answers the response once its head is there, redirects
 * followed (never from https back to http). Rejects on network errors.
 * The global `fetch` is not used because it knows no proxies.
 */
export async function httpGet(
  address: URL,
  context: HttpContext,
  redirects = 0,
): Promise<IncomingMessage> {
  const response = await send(address, context);
  const status = response.statusCode ?? 0;
  const location = response.headers.location;
  if (status < 300 || status > 399 || location === undefined) return response;
  response.resume();
  const next = new URL(location, address);
  const downgraded = address.protocol === 'https:' && next.protocol !== 'https:';
  if (redirects >= MOST_REDIRECTS || downgraded || !/^https?:$/.test(next.protocol)) {
    throw new Error(`refused redirect to ${next.origin}`);
  }
  return httpGet(next, context, redirects + 1);
}

/** The proxy for an address after the usual environment variables, or null. */
export function proxyFor(address: URL, environment: Readonly<Record<string, string>>): URL | null {
  const except = (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '')
    .split(',')
    .map((entry) => entry.trim().replace(/^\*?\./, ''))
    .filter((entry) => entry !== '');
  const host = address.hostname;
  if (except.some((entry) => entry === '*' || host === entry || host.endsWith(`.${entry}`))) {
    return null;
  }
  // HTTP_PROXY in capitals is ignored, as curl does: a CGI request header can set it.
  const value =
    address.protocol === 'https:'
      ? (environment['https_proxy'] ?? environment['HTTPS_PROXY'])
      : environment['http_proxy'];
  if (value === undefined || value === '') return null;
  try {
    const proxy = new URL(value.includes('://') ? value : `http://${value}`);
    return proxy.protocol === 'http:' ? proxy : null;
  } catch {
    return null;
  }
}

async function send(address: URL, context: HttpContext): Promise<IncomingMessage> {
  const proxy = proxyFor(address, context.environment);
  const headers = { 'user-agent': 'devmend', host: address.host };
  const secure = address.protocol === 'https:';
  if (proxy === null) {
    return await answer(address, secure, { headers, signal: context.signal });
  }
  if (!secure) {
    return await answer(proxy, false, {
      path: address.href,
      headers: { ...headers, ...authorization(proxy) },
      signal: context.signal,
    });
  }
  const socket = await openTunnel(proxy, address, context);
  return await answer(address, true, {
    headers,
    signal: context.signal,
    agent: false,
    createConnection: () => tlsConnect({ socket, servername: address.hostname }),
  });
}

function answer(target: URL, secure: boolean, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(target, options, resolve);
    request.setTimeout(IDLE_MS, () => request.destroy(new Error('timed out')));
    request.once('error', reject);
    request.end();
  });
}

/** A tunnel through an HTTP proxy (RFC 9110, section 9.3.6). */
function openTunnel(proxy: URL, address: URL, context: HttpContext): Promise<Socket> {
  const target = `${address.hostname}:${address.port === '' ? '443' : address.port}`;
  return new Promise((resolve, reject) => {
    const request = httpRequest(proxy, {
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...authorization(proxy) },
      signal: context.signal,
    });
    request.setTimeout(IDLE_MS, () => request.destroy(new Error('timed out')));
    request.once('error', reject);
    request.once('connect', (response, socket: Socket) => {
      if (response.statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new Error(`proxy answered ${String(response.statusCode)}`));
      }
    });
    request.end();
  });
}

function authorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
