import { Readable, Transform } from 'node:stream';
import type { Duplex } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress as ZstdDecompress } from 'fzstd';
import { XzReadableStream } from 'xz-decompress';

export type Compression = 'none' | 'gz' | 'xz' | 'zst';

/**
 * Largest zstd window taken, in bytes: what `zstd --ultra -22` uses. dpkg-deb's
 * own packages use 8 MiB. A larger one asks for memory, not for compression.
 */
const LARGEST_ZSTD_WINDOW = 128 * 1024 * 1024;

/** The compression that a file name's ending stands for. */
export function compressionOf(name: string): Compression {
  const ending = /\.(gz|xz|zst)$/.exec(name)?.[1];
  return ending === 'gz' || ending === 'xz' || ending === 'zst' ? ending : 'none';
}

/**
 * The decompressed stream of `source`. Emits an error on damaged input and once
 * more than `limit` bytes have come out (a decompression bomb). Destroying it
 * ends the source too.
 */
export function decompress(source: Readable, compression: Compression, limit: number): Readable {
  const counted = new Transform({ transform: countUpTo(limit) });
  const pipe = (from: Readable): Readable => {
    from.once('error', (error) => counted.destroy(error));
    // Destroying the step in between matters: the xz library decodes one stream at a
    // time, and one that is neither read to its end nor cancelled blocks all others.
    counted.once('close', () => {
      from.destroy();
      source.destroy();
    });
    return from.pipe(counted);
  };
  switch (compression) {
    case 'none':
      return pipe(source);
    case 'gz':
      return pipe(connect(source, createGunzip()));
    case 'zst':
      return pipe(connect(source, zstd()));
    case 'xz':
      return pipe(xz(source));
  }
}

function countUpTo(
  limit: number,
): (
  chunk: Buffer,
  encoding: BufferEncoding,
  done: (error: Error | null, data?: Buffer) => void,
) => void {
  let total = 0;
  return (chunk, _encoding, done) => {
    total += chunk.length;
    if (total > limit) done(new Error(`more than ${String(limit)} bytes when unpacked`));
    else done(null, chunk);
  };
}

function connect(source: Readable, target: Duplex): Duplex {
  source.once('error', (error) => target.destroy(error));
  return source.pipe(target);
}

function xz(source: Readable): Readable {
  const compressed = Readable.toWeb(source) as ConstructorParameters<typeof XzReadableStream>[0];
  const plain = new XzReadableStream(compressed) as Parameters<typeof Readable.fromWeb>[0];
  return Readable.fromWeb(plain);
}

function zstd(): Transform {
  let head: Buffer | null = Buffer.alloc(0);
  const plain = new ZstdDecompress((chunk) => {
    if (chunk.length > 0) transform.push(Buffer.from(chunk));
  });
  const transform: Transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        let input = chunk;
        if (head !== null) {
          input = Buffer.concat([head, chunk]);
          head = input.length < 18 ? input : null;
          if (head !== null) return done();
          insistOnModestWindow(input);
        }
        plain.push(new Uint8Array(input));
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    flush(done) {
      try {
        plain.push(new Uint8Array(head ?? []), true);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
  return transform;
}

/** Reads the window size of a zstd frame header (RFC 8878, section 3.1.1.1) and refuses a huge one. */
function insistOnModestWindow(frame: Buffer): void {
  const descriptor = frame[4] ?? 0;
  const singleSegment = (descriptor & 0x20) !== 0;
  const window = frame[5] ?? 0;
  if (!singleSegment) {
    const base = 2 ** (10 + (window >> 3));
    if (base + (base / 8) * (window & 7) > LARGEST_ZSTD_WINDOW) throw new Error('zstd window');
    return;
  }
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [1, 2, 4, 8][descriptor >> 6] ?? 1;
  const high = sizeBytes === 8 ? frame.readUInt32LE(5 + dictionaryBytes + 4) : 0;
  const size = sizeBytes < 4 ? 0 : frame.readUInt32LE(5 + dictionaryBytes);
  if (high > 0 || size > LARGEST_ZSTD_WINDOW) throw new Error('zstd window');
}
