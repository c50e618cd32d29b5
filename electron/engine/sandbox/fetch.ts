import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { DevmendError } from '../../../shared/error.ts';
import { makeDirectory } from './make-directory.ts';
import { httpGet } from './http.ts';
import type { HttpContext } from './http.ts';
import { asDevmendError } from '../faults.ts';
import { cancelledError } from './failures.ts';

const ATTEMPTS = 2;

export interface FetchContext extends HttpContext {
  /** Told of each piece that arrives, in bytes. */
  readonly onBytes?: (bytes: number) => void;
}

export type FetchOutcome = 'fetched' | 'absent' | 'too-large';

/** Thrown inside a transfer to stop it at the limit. */
const TOO_LARGE = new Error('larger than announced');

/**
 * Copies what lies at an `http:`, `https:` or `file:` address into `file`, which
 * appears only when it is complete. Answers `absent` when there is nothing at that
 * address (404, 410, no such file), `too-large` above `limit` bytes.
 * Throws DevmendError: `source-unreachable` on network errors and other statuses,
 * `cancelled`, `disk-full`.
 */
export async function fetchFile(
  address: URL,
  file: string,
  limit: number,
  context: FetchContext,
): Promise<FetchOutcome> {
  await makeDirectory(dirname(file));
  const partial = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const body = await openBody(address, limit, context);
        if (typeof body === 'string') return body;
        await pipeline(body, meter(limit, context), createWriteStream(partial, { mode: 0o600 }), {
          signal: context.signal,
        });
        await rename(partial, file);
        return 'fetched';
      } catch (error) {
        if (error === TOO_LARGE) return 'too-large';
        const failure = explain(address, error, file, context);
        const worthAnother = failure.data.code === 'source-unreachable' && attempt < ATTEMPTS;
        if (!worthAnother || error instanceof DevmendError) throw failure;
      }
    }
  } finally {
    await rm(partial, { force: true });
  }
}

/** The address as it may be shown and kept: without user name and password. */
export function publicAddress(address: URL): string {
  const shown = new URL(address);
  shown.username = '';
  shown.password = '';
  return shown.href;
}

async function openBody(
  address: URL,
  limit: number,
  context: FetchContext,
): Promise<Readable | 'absent' | 'too-large'> {
  if (address.protocol === 'file:') return await openLocal(fileURLToPath(address));
  const response = await httpGet(address, context);
  if (response.statusCode === 200) {
    if (Number(response.headers['content-length'] ?? 0) > limit) {
      response.destroy();
      return 'too-large';
    }
    return response;
  }
  response.destroy();
  if (response.statusCode === 404 || response.statusCode === 410) return 'absent';
  throw unreachable(address, `HTTP ${String(response.statusCode)}`);
}

async function openLocal(path: string): Promise<Readable | 'absent'> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (facts === null) return 'absent';
  // A FIFO or a device would never end.
  if (!facts.isFile()) throw new Error('not a regular file');
  return createReadStream(path);
}

function meter(limit: number, context: FetchContext): Transform {
  let total = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      total += chunk.length;
      context.onBytes?.(chunk.length);
      if (total > limit) done(TOO_LARGE);
      else done(null, chunk);
    },
  });
}

function explain(address: URL, error: unknown, file: string, context: FetchContext): DevmendError {
  if (error instanceof DevmendError) return error;
  if (context.signal.aborted) return cancelledError();
  // A full or read-only disk is the one that is written to, whatever is read.
  const local = asDevmendError(error, dirname(file));
  if (local.data.code === 'disk-full' || local.data.code === 'read-only-file-system') return local;
  return unreachable(address, error instanceof Error ? error.message : String(error));
}

function unreachable(address: URL, reason: string): DevmendError {
  return new DevmendError('source-unreachable', { address: publicAddress(address), reason });
}
