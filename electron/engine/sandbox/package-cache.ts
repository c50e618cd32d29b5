import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { makeDirectory } from './make-directory.ts';
import { fetchFile, publicAddress } from './fetch.ts';
import type { FetchOutcome } from './fetch.ts';

/** A file whose content is known before it is fetched. */
export interface ExpectedFile {
  /** How it is called in messages. */
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  /** Where it may lie; the first that exists is taken. */
  readonly addresses: readonly URL[];
}

export interface CacheContext {
  readonly machine: Machine;
  readonly job: JobContext;
}

/** No index and no package of a sandbox comes near this, in bytes. */
const LARGEST_FILE = 1024 * 1024 * 1024;

/**
 * A path in the cache that holds exactly the expected bytes, fetched when they
 * are not there yet. The digest is computed anew on every call: what lies in the
 * cache is believed no more than what comes from the network.
 * Answers null when none of the addresses has the file. Throws DevmendError
 * `source-digest-mismatch`, `source-unreachable`, `cancelled`, `disk-full`.
 */
export async function obtain(
  expected: ExpectedFile,
  context: CacheContext,
): Promise<string | null> {
  const { machine, job } = context;
  const directory = join(machine.directories.cache, 'packages');
  const path = join(directory, expected.sha256);
  if (await holds(path, expected)) return path;
  if (expected.size > LARGEST_FILE) throw mismatch(expected, `${String(expected.size)} bytes`);
  await makeDirectory(directory);
  const unchecked = `${path}.${randomBytes(6).toString('hex')}.unchecked`;
  try {
    for (const address of expected.addresses) {
      job.emit({
        type: 'note',
        note: message('sandbox.note.fetching', { address: publicAddress(address) }),
      });
      const outcome = await download(address, unchecked, expected, context);
      if (outcome === 'absent') continue;
      if (outcome === 'too-large') throw mismatch(expected, `> ${String(expected.size)} bytes`);
      const actual = await digestOf(unchecked);
      if (actual !== expected.sha256) throw mismatch(expected, actual);
      await rename(unchecked, path);
      return path;
    }
    return null;
  } finally {
    await rm(unchecked, { force: true });
  }
}

/** sha256 of a file, lower case hexadecimal. Rejects when it cannot be read. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function download(
  address: URL,
  file: string,
  expected: ExpectedFile,
  { machine, job }: CacheContext,
): Promise<FetchOutcome> {
  let done = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    job.emit({ type: 'progress', done: Math.min(done, expected.size), total: expected.size });
  };
  const { environment } = machine;
  return await fetchFile(address, file, expected.size, {
    signal: job.signal,
    environment,
    onBytes,
  });
}

async function holds(path: string, expected: ExpectedFile): Promise<boolean> {
  const facts = await stat(path).catch(() => null);
  if (facts === null || facts.size !== expected.size) return false;
  return (await digestOf(path).catch(() => '')) === expected.sha256;
}

function mismatch(expected: ExpectedFile, actual: string): DevmendError {
  return new DevmendError('source-digest-mismatch', {
    file: expected.name,
    expected: expected.sha256,
    actual,
  });
}
