import * as fs from 'node:fs';
import { ElfFault, type ElfResult } from './types.ts';

/** Bytes that can be read at any place; what the readers see of a file. */
export interface ByteSource {
  readonly size: number;
  /** Fills `target` from `position`; answers how many bytes there were. */
  read(target: Uint8Array, length: number, position: number): number;
}

/** A {@link ByteSource} over bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (target, length, position) => {
      const part = bytes.subarray(position, position + length);
      target.set(part);
      return part.length;
    },
  };
}

/** A {@link ByteSource} over an open file. */
export function fileSource(fd: number, size: number): ByteSource {
  return {
    size,
    read: (target, length, position) => fs.readSync(fd, target, 0, length, position),
  };
}

const WINDOW_BYTES = 65536;

class Window {
  readonly bytes = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  readonly view = new DataView(this.bytes.buffer, 0, WINDOW_BYTES);
  start = 0;
  end = 0;
}

/**
 * Reads a source through three reused windows of 64 KiB, so that any number of
 * small structures costs a handful of `pread` calls and no allocation.
 * {@link ByteReader.at} moves `view` and `bytes` to the window it answers for.
 */
export class ByteReader {
  source: ByteSource = { size: 0, read: () => 0 };
  littleEndian = true;
  /** Work done so far, in reads and in units the parsers count; bounds hostile files. */
  reads = 0;
  private readonly windows = [new Window(), new Window(), new Window()] as const;
  private next = 0;
  private current: Window = this.windows[0];
  view: DataView = this.current.view;
  bytes: Buffer = this.current.bytes;

  reset(source: ByteSource): void {
    this.source = source;
    this.reads = 0;
    for (const window of this.windows) {
      window.end = 0;
      window.start = 0;
    }
  }

  /** Index in `view` of `length` bytes at file offset `offset`; reads `ahead` bytes when it must. */
  at(offset: number, length: number, ahead = 4096): number {
    const current = this.current;
    if (offset >= current.start && offset + length <= current.end) {
      return offset - current.start;
    }
    for (const window of this.windows) {
      if (offset >= window.start && offset + length <= window.end) {
        return this.use(window, offset);
      }
    }
    return this.fill(offset, length, ahead);
  }

  private use(window: Window, offset: number): number {
    this.current = window;
    this.view = window.view;
    this.bytes = window.bytes;
    return offset - window.start;
  }

  private fill(offset: number, length: number, ahead: number): number {
    const size = this.source.size;
    if (!(offset >= 0 && length <= WINDOW_BYTES && offset + length <= size)) {
      throw new ElfFault('truncated', offset, `${length} bytes wanted, the file has ${size}`);
    }
    const window = this.windows[this.next] ?? this.windows[0];
    this.next = (this.next + 1) % this.windows.length;
    const want = Math.min(Math.max(length, ahead), WINDOW_BYTES, size - offset);
    this.reads += 1;
    window.start = offset;
    window.end = offset;
    window.end += this.source.read(window.bytes, want, offset);
    if (offset + length > window.end) {
      throw new ElfFault('truncated', offset, `${length} bytes wanted, the file ended before`);
    }
    return this.use(window, offset);
  }

  u16(offset: number): number {
    // `at` first: it may move `view` to another window.
    const index = this.at(offset, 2);
    return this.view.getUint16(index, this.littleEndian);
  }

  u32(offset: number): number {
    const index = this.at(offset, 4);
    return this.view.getUint32(index, this.littleEndian);
  }

  /** A 64-bit number as a double; exact below 2^53, larger ones fail every range check anyway. */
  u64(offset: number): number {
    return this.wide(this.at(offset, 8));
  }

  /** The 64-bit number at an index of the current window. */
  wide(index: number): number {
    const first = this.view.getUint32(index, this.littleEndian);
    const second = this.view.getUint32(index + 4, this.littleEndian);
    return this.littleEndian ? second * 4294967296 + first : first * 4294967296 + second;
  }

  /**
   * The NUL-terminated string at `offset`, which must end before `limit` and
   * within `longest` bytes. UTF-8 only where a byte says so: nearly all are ASCII.
   */
  string(offset: number, limit: number, longest = 4096): string {
    let room = Math.min(limit - offset, 256);
    for (;;) {
      const start = this.at(offset, Math.max(0, room), 1024);
      const bytes = this.bytes;
      let high = 0;
      for (let index = start; index < start + room; index += 1) {
        const byte = bytes[index] as number;
        if (byte === 0) {
          return high < 128
            ? bytes.toString('latin1', start, index)
            : bytes.toString('utf8', start, index);
        }
        high |= byte;
      }
      const wider = Math.min(limit - offset, longest);
      if (room >= wider) {
        throw new ElfFault('malformed', offset, 'a string does not end');
      }
      room = wider;
    }
  }
}

const idle: ByteReader[] = [];

/** Runs `body` with a reader over `source`; a fault becomes a value, and windows are reused. */
export function withReader<T>(source: ByteSource, body: (reader: ByteReader) => T): ElfResult<T> {
  const reader = idle.pop() ?? new ByteReader();
  reader.reset(source);
  try {
    return { ok: true, value: body(reader) };
  } catch (error) {
    if (error instanceof ElfFault) {
      return { ok: false, error: error.error };
    }
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) {
      throw error;
    }
    return { ok: false, error: { code: 'unreadable', offset: null, detail: code } };
  } finally {
    idle.push(reader);
  }
}

/** Opens `file` when it is a path, and closes it again; see {@link withReader}. */
export function withFile<T>(
  file: string | ByteSource,
  body: (reader: ByteReader) => T,
): ElfResult<T> {
  if (typeof file !== 'string') {
    return withReader(file, body);
  }
  let fd: number;
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
  } catch (error) {
    const detail = (error as NodeJS.ErrnoException).code ?? String(error);
    return { ok: false, error: { code: 'unreadable', offset: null, detail } };
  }
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) {
      return { ok: false, error: { code: 'not-a-file', offset: null, detail: file } };
    }
    return withReader(fileSource(fd, stat.size), body);
  } finally {
    fs.closeSync(fd);
  }
}
