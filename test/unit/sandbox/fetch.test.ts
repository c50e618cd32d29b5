import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchFile } from '../../../electron/engine/sandbox/fetch.ts';
import { proxyFor } from '../../../electron/engine/sandbox/http.ts';

let work = '';
const servers: Server[] = [];
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'devmend-fetch-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(work, { recursive: true, force: true });
});

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function fetchTo(
  address: string,
  limit = 1000,
  environment: Record<string, string> = {},
  signal = new AbortController().signal,
): Promise<string> {
  const outcome = fetchFile(new URL(address), join(work, 'out'), limit, { signal, environment });
  return await outcome.catch((error: { data: { code: string } }) => error.data.code);
}

describe('fetching', () => {
  it('follows redirects, but not without end and not to other protocols', async () => {
    const base = await listen((request, response) => {
      const to = { '/a': '/b', '/loop': '/loop', '/file': 'file:///etc/passwd' }[request.url ?? ''];
      if (to === undefined) response.end('content');
      else response.writeHead(302, { location: to }).end();
    });
    expect(await fetchTo(`${base}/a`)).toBe('fetched');
    expect(readFileSync(join(work, 'out'), 'utf8')).toBe('content');
    expect(await fetchTo(`${base}/loop`)).toBe('source-unreachable');
    expect(await fetchTo(`${base}/file`)).toBe('source-unreachable');
  });

  it('stops at the limit, announced or not, and leaves no part behind', async () => {
    const base = await listen((request, response) => {
      if (request.url === '/announced') response.setHeader('content-length', 5000);
      response.write('x'.repeat(2500));
      response.end('x'.repeat(2500));
    });
    expect(await fetchTo(`${base}/announced`)).toBe('too-large');
    expect(await fetchTo(`${base}/silent`)).toBe('too-large');
    expect(readdirSync(work)).toEqual([]);
  });

  it('tells what is not there from what failed', async () => {
    const base = await listen((request, response) => {
      response.statusCode = request.url === '/gone' ? 410 : request.url === '/500' ? 500 : 404;
      response.end();
    });
    expect(await fetchTo(`${base}/nothing`)).toBe('absent');
    expect(await fetchTo(`${base}/gone`)).toBe('absent');
    expect(await fetchTo(`${base}/500`)).toBe('source-unreachable');
    expect(await fetchTo(pathToFileURL(join(work, 'no')).href)).toBe('absent');
    expect(await fetchTo('file:///dev/zero')).toBe('source-unreachable');
    expect(existsSync(join(work, 'out'))).toBe(false);
  });

  it('tries once more when a transfer breaks off', async () => {
    let count = 0;
    const base = await listen((_request, response) => {
      count += 1;
      response.setHeader('content-length', 7);
      if (count > 1) return void response.end('content');
      response.write('con');
      setImmediate(() => response.destroy());
    });
    expect(await fetchTo(base)).toBe('fetched');
    expect(readFileSync(join(work, 'out'), 'utf8')).toBe('content');
  });

  it('is cancelled in the middle of a transfer', async () => {
    const controller = new AbortController();
    const base = await listen((_request, response) => {
      response.write('x');
      setImmediate(() => controller.abort());
    });
    expect(await fetchTo(base, 1000, {}, controller.signal)).toBe('cancelled');
    expect(readdirSync(work)).toEqual([]);
  });

  it('goes through http_proxy with the whole address', async () => {
    const seen: string[] = [];
    const proxy = await listen((request, response) => {
      seen.push(request.url ?? '', request.headers['proxy-authorization'] ?? '');
      response.end('by proxy');
    });
    const environment = { http_proxy: proxy.replace('//', '//me:pw@') };
    expect(await fetchTo('http://archive.invalid/x', 1000, environment)).toBe('fetched');
    expect(seen).toEqual(['http://archive.invalid/x', 'Basic bWU6cHc=']);
  });

  it('asks a proxy for a tunnel to an https address', async () => {
    const asked: string[] = [];
    const proxy = await listen(() => undefined);
    servers[0]?.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const outcome = await fetchTo('https://archive.invalid/x', 1000, { https_proxy: proxy });
    expect(outcome).toBe('source-unreachable');
    expect(asked[0]).toBe('archive.invalid:443');
  });
});

describe('the proxy for an address', () => {
  const address = new URL('http://mirror.example.org/');
  it.each([
    [{}, null],
    [{ http_proxy: 'proxy:3128' }, 'http://proxy:3128/'],
    [{ HTTP_PROXY: 'http://proxy:3128' }, null],
    [{ http_proxy: 'http://proxy', no_proxy: 'localhost,.example.org' }, null],
    [{ http_proxy: 'http://proxy', no_proxy: '*' }, null],
    [{ http_proxy: 'http://proxy', no_proxy: 'ample.org' }, 'http://proxy/'],
    [{ http_proxy: 'socks5://proxy' }, null],
    [{ http_proxy: 'http://[' }, null],
  ])('%j', (environment: Record<string, string>, proxy) => {
    expect(proxyFor(address, environment)?.href ?? null).toBe(proxy);
  });
});
