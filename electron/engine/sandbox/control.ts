/** One paragraph of a Debian control file: field names in lower case to their values. */
export type Paragraph = ReadonlyMap<string, string>;

/**
 * Reads paragraphs of the control file syntax (deb822(5), Debian Policy 5.1):
 * `Field: value`, continuation lines that start with a blank, empty lines
 * between paragraphs, `#` comments. Lines that fit nothing are left out, and a
 * field that is repeated in one paragraph keeps its first value, so that nothing
 * appended to a paragraph can override what stood there.
 */
export function parseParagraphs(text: string): Paragraph[] {
  return text
    .split(/\r?\n[ \t]*(?:\r?\n)+/)
    .map(parseParagraph)
    .filter((paragraph) => paragraph.size > 0);
}

/** Reads the first paragraph's fields; see {@link parseParagraphs}. */
export function parseParagraph(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  let current: string | null = null;
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (current !== null) fields.set(current, `${fields.get(current) ?? ''}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    current = fields.has(name) ? null : name;
    if (current !== null) fields.set(current, line.slice(colon + 1).trim());
  }
  return fields;
}

/**
 * Orders two package versions as dpkg does (deb-version(7)): epoch, upstream
 * version, revision; `~` sorts before everything, even the end.
 * Negative: `left` is older; 0: equal.
 */
export function compareVersions(left: string, right: string): number {
  const a = splitVersion(left);
  const b = splitVersion(right);
  return (
    a.epoch - b.epoch || comparePart(a.upstream, b.upstream) || comparePart(a.revision, b.revision)
  );
}

/** The upstream part of a package version: no epoch, no revision (`1:2.41-12` is `2.41`). */
export function upstreamVersion(version: string): string {
  return splitVersion(version).upstream;
}

function splitVersion(version: string): { epoch: number; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const epoch = colon > 0 ? Number(version.slice(0, colon)) : 0;
  const rest = colon > 0 ? version.slice(colon + 1) : version;
  const dash = rest.lastIndexOf('-');
  return dash < 0
    ? { epoch, upstream: rest, revision: '' }
    : { epoch, upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

function comparePart(left: string, right: string): number {
  const a: string[] = left.match(/\d+|\D+/g) ?? [];
  const b: string[] = right.match(/\d+|\D+/g) ?? [];
  // A part that starts with digits is compared against an empty non-digit run first.
  if (/^\d/.test(left)) a.unshift('');
  if (/^\d/.test(right)) b.unshift('');
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order =
      index % 2 === 0
        ? compareText(a[index] ?? '', b[index] ?? '')
        : compareDigits(a[index] ?? '0', b[index] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

/** As text: making numbers of a million digits takes a second. */
function compareDigits(left: string, right: string): number {
  const a = left.replace(/^0+/, '');
  const b = right.replace(/^0+/, '');
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

function compareText(left: string, right: string): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = weight(left[index]) - weight(right[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function weight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}
