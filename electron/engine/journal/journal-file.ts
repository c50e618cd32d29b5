import { constants } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { decodeLine, encodeLine, type Entry, type Line } from './entries.ts';

/** Appends entries; every one is on disk before the promise is fulfilled. */
export interface JournalWriter {
  readonly append: (at: string, ...entries: readonly Entry[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Opens a journal for appending after its last whole line; a torn line that a
 * power cut left behind is cut off first.
 */
export async function openJournal(path: string): Promise<JournalWriter> {
  const present = await readJournal(path);
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  if (present.torn) await handle.truncate(present.wholeBytes);
  return writer(handle, present.lines.length + 1, present.wholeBytes);
}

function writer(handle: FileHandle, firstSeq: number, firstOffset: number): JournalWriter {
  let seq = firstSeq;
  let offset = firstOffset;
  let failed: Error | null = null;
  return {
    append: async (at, ...entries) => {
      // After a failed fsync nobody knows what is on disk: only reading it again,
      // after a restart, can tell. Nothing more is written until then.
      if (failed !== null) throw failed;
      const text = entries.map((entry, index) => encodeLine(seq + index, at, entry)).join('');
      const data = Buffer.from(text);
      await writeAt(handle, data, offset);
      await handle.sync().catch((error: Error) => {
        failed = error;
        throw error;
      });
      seq += entries.length;
      offset += data.length;
    },
    close: async () => handle.close(),
  };
}

/** Written at a known offset: what a failed append left is overwritten by the next one. */
async function writeAt(handle: FileHandle, data: Buffer, start: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await handle.write(data, done, data.length - done, start + done);
    done += bytesWritten;
  }
}

export interface JournalText {
  readonly lines: readonly Line[];
  /** Bytes of the whole lines; what follows them is torn. */
  readonly wholeBytes: number;
  readonly torn: boolean;
  /** A whole line after a bad one: not a torn end but damage. */
  readonly damaged: boolean;
}

/** Reads a journal; a missing one is empty. */
export async function readJournal(path: string): Promise<JournalText> {
  let text: Buffer;
  try {
    text = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { lines: [], wholeBytes: 0, torn: false, damaged: false };
  }
  return parseJournal(text);
}

/** Splits the bytes into checked lines up to the first that is not whole. */
export function parseJournal(text: Buffer): JournalText {
  const lines: Line[] = [];
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf(10, start);
    const line = end < 0 ? null : decodeLine(text.toString('utf8', start, end), lines.length + 1);
    if (line === null) {
      const damaged = end >= 0 && text.subarray(end + 1).includes(10);
      return { lines, wholeBytes: start, torn: true, damaged };
    }
    lines.push(line);
    start = end + 1;
  }
  return { lines, wholeBytes: start, torn: false, damaged: false };
}
