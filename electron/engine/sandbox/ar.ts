import type { FileHandle } from 'node:fs/promises';
import { DevmendError } from '../../../shared/error.ts';

/** One member of an ar archive: where its bytes lie in the file. */
export interface ArMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

const MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;
/** A .deb has three members; a few more are allowed by deb(5). */
const MOST_MEMBERS = 32;

/**
 * Lists the members of a .deb, which is an ar archive in the common format with
 * short names only (deb(5), "FORMAT"). Sizes are checked against the file.
 * Throws DevmendError `source-unsafe-archive` on anything else.
 *
 * Read here and not by a library: see docs/adr/0002-archives-and-signatures.md.
 */
export async function readArMembers(file: FileHandle, name: string): Promise<ArMember[]> {
  const { size } = await file.stat();
  const refuse = (reason: string): DevmendError =>
    new DevmendError('source-unsafe-archive', { file: name, reason });
  const read = async (offset: number, length: number): Promise<string> => {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead).toString('latin1');
  };
  if ((await read(0, MAGIC.length)) !== MAGIC) throw refuse('not an ar archive');
  const members: ArMember[] = [];
  let offset = MAGIC.length;
  while (offset < size) {
    const header = await read(offset, HEADER_BYTES);
    const sizeField = header.slice(48, 58).trimEnd();
    if (
      header.length !== HEADER_BYTES ||
      !header.endsWith('`\n') ||
      !/^\d{1,10}$/.test(sizeField)
    ) {
      throw refuse('damaged ar header');
    }
    const member: ArMember = {
      name: header.slice(0, 16).trimEnd().replace(/\/$/, ''),
      offset: offset + HEADER_BYTES,
      size: Number(sizeField),
    };
    if (member.offset + member.size > size) throw refuse('ar member longer than the file');
    members.push(member);
    if (members.length > MOST_MEMBERS) throw refuse('too many ar members');
    // Members start at even offsets.
    offset = member.offset + member.size + (member.size % 2);
  }
  return members;
}
