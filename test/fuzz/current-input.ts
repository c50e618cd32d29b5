import * as fs from 'node:fs';

/** The input that a process was busy with when it ended. */
export interface CurrentInput {
  readonly input: number;
  readonly seedName: string;
  readonly bytes: Buffer;
}

const HEADER_BYTES = 12;

/** Writes an input where it can be found when the process that reads it is gone. */
export function writeCurrent(file: number, { input, seedName, bytes }: CurrentInput): void {
  const name = Buffer.from(seedName);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(input, 0);
  header.writeUInt32LE(name.length, 4);
  header.writeUInt32LE(bytes.length, 8);
  fs.writevSync(file, [header, name, bytes], 0);
}

/** What {@link writeCurrent} wrote last; null before the first time. */
export function readCurrent(path: string): CurrentInput | null {
  if (!fs.existsSync(path)) return null;
  const all = fs.readFileSync(path);
  if (all.length < HEADER_BYTES) return null;
  const start = HEADER_BYTES + all.readUInt32LE(4);
  return {
    input: all.readUInt32LE(0),
    seedName: all.toString('utf8', HEADER_BYTES, start),
    bytes: all.subarray(start, start + all.readUInt32LE(8)),
  };
}
