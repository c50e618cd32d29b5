import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { extract } from 'tar-stream';
import { DevmendError } from '../../../shared/error.ts';
import { readArMembers } from './ar.ts';
import { parseParagraph, type Paragraph } from './control.ts';
import { compressionOf, decompress } from './decompress.ts';
import { cancelledError } from './failures.ts';
import type { TarEntry, Unpacking } from './unpacking.ts';

export interface DebOptions {
  /** Most bytes the data member may have when decompressed. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

const MOST_ENTRIES = 100_000;

/**
 * Unpacks the data member of a .deb (deb(5)) with `unpacking`. Modes become 0755
 * or 0644, times are the archive's, owners are not taken over.
 *
 * Whatever could reach outside its destination stops the work: absolute names,
 * `..`, links that leave the directory, hard links to anything but a file of the
 * same archive, devices, FIFOs, two entries of one name, an entry below a link,
 * more than `limit` bytes. Throws DevmendError `source-unsafe-archive` then; what
 * was unpacked so far remains for the caller to remove.
 */
export async function unpackDeb(
  file: string,
  unpacking: Unpacking,
  options: DebOptions,
): Promise<void> {
  await forEachEntry(file, options, (entry) => unpacking.take(entry));
}

/** The names of all entries of a .deb's data member, `./` removed, in archive order. */
export async function listDeb(file: string, options: DebOptions): Promise<string[]> {
  const names: string[] = [];
  await forEachEntry(file, options, (entry) => {
    names.push(entry.header.name.replace(/^\.\//, ''));
    return Promise.resolve();
  });
  return names;
}

/** A control file is a few kB, with the scripts beside it some 100 kB. */
const LARGEST_CONTROL = 16 * 1024 * 1024;
const LARGEST_CONTROL_FILE = 1024 * 1024;

/**
 * The fields of a .deb's control file (deb-control(5)); empty where it has none.
 * Throws DevmendError `source-unsafe-archive` for what {@link unpackDeb} refuses.
 */
export async function readDebControl(file: string, signal: AbortSignal): Promise<Paragraph> {
  let text = '';
  const options = { limit: LARGEST_CONTROL, signal };
  await forEachEntry(
    file,
    options,
    async (entry) => {
      const { name, size = 0 } = entry.header;
      if (name.replace(/^\.\//, '') !== 'control' || size > LARGEST_CONTROL_FILE) return;
      const chunks: Buffer[] = [];
      for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
      text = Buffer.concat(chunks).toString('utf8');
    },
    'control.tar',
  );
  return parseParagraph(text);
}

async function forEachEntry(
  file: string,
  options: DebOptions,
  visit: (entry: TarEntry) => Promise<void>,
  member: 'data.tar' | 'control.tar' = 'data.tar',
): Promise<void> {
  const { name, start, end } = await findMember(file, member);
  // Nothing is waited for between opening and listening: an error in between would be nobody's
  // and end the process.
  const source = createReadStream(file, { start, end });
  const data = decompress(source, compressionOf(name), options.limit);
  const archive = extract();
  data.once('error', (error) => archive.destroy(error));
  data.pipe(archive);
  let count = 0;
  try {
    for await (const entry of archive) {
      count += 1;
      if (options.signal.aborted) throw cancelledError();
      if (count > MOST_ENTRIES) throw new Error('too many entries');
      await visit(entry);
      entry.resume();
    }
  } catch (error) {
    if (error instanceof DevmendError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DevmendError('source-unsafe-archive', { file: basename(file), reason });
  } finally {
    data.destroy();
  }
}

/** Name of a member, and its first and last byte in the file. */
async function findMember(
  file: string,
  wanted: 'data.tar' | 'control.tar',
): Promise<{ readonly name: string; readonly start: number; readonly end: number }> {
  const name = basename(file);
  const refuse = (reason: string): DevmendError =>
    new DevmendError('source-unsafe-archive', { file: name, reason });
  const handle = await open(file, 'r');
  try {
    const members = await readArMembers(handle, name);
    const [format, control, ...rest] = members;
    const version = format && (await handle.read(Buffer.alloc(4), 0, 4, format.offset)).buffer;
    if (format?.name !== 'debian-binary' || !version?.toString('latin1').startsWith('2.')) {
      throw refuse('not format 2.x of .deb');
    }
    const data = rest.filter((member) => member.name.startsWith('data.tar'));
    const [only] = data;
    if (!control?.name.startsWith('control.tar') || only === undefined || data.length !== 1) {
      throw refuse('not the members of a .deb');
    }
    const member = wanted === 'data.tar' ? only : control;
    if (!/^(?:data|control)\.tar(\.(gz|xz|zst))?$/.test(member.name)) {
      throw refuse(`unknown ${member.name}`);
    }
    if (member.size === 0) throw refuse(`empty ${wanted} member`);
    return { name: member.name, start: member.offset, end: member.offset + member.size - 1 };
  } finally {
    await handle.close();
  }
}
