import { eastAsianWidth } from 'get-east-asian-width';

/** Scripts that break between any two characters: Han, kana, full-width forms. */
const WIDE = /[\u2e80-\u303f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]/u;
/** Marks that must not begin a line (a small part of JIS X 4051 / GB/T 15834). */
const CLOSING = /^[，。、；：？！）」』】》”’…]/u;

/** Devmend's own colours, and what is drawn over the character before it: no column of their own. */
const WITHOUT_WIDTH = /\u001b\[[0-9]{1,2}m|\p{Mark}|\p{Cf}/gu;

/** Columns that the text takes in a terminal, colours not counted (Unicode Standard Annex 11). */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text.replace(WITHOUT_WIDTH, '')) {
    columns += eastAsianWidth(character.codePointAt(0) ?? 0);
  }
  return columns;
}

/** Fills up to `width` columns; a longer text stays whole. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(text)));
}

/**
 * Breaks a text into lines of at most `columns`, all of them beginning with
 * `indent`. A word that is longer than a line (a path, mostly) stays whole, so
 * that it can be copied.
 */
export function wrap(text: string, columns: number, indent = ''): readonly string[] {
  const room = Math.max(20, columns - columnsOf(indent));
  const lines: string[] = [];
  let line = '';
  for (const piece of unbroken(text)) {
    const candidate = line + piece;
    if (columnsOf(candidate.trimEnd()) <= room || line.trim() === '') {
      line = candidate;
    } else {
      lines.push(line.trimEnd());
      line = piece.trimStart();
    }
  }
  if (line.trim() !== '' || lines.length === 0) lines.push(line.trimEnd());
  return lines.map((each) => indent + each);
}

/** The pieces, closing marks with what they close: both go to the next line. */
function* unbroken(text: string): Generator<string> {
  let held = '';
  for (const piece of pieces(text)) {
    if (held !== '' && !CLOSING.test(piece)) {
      yield held;
      held = '';
    }
    held += piece;
  }
  if (held !== '') yield held;
}

/** Places where a line may break: after spaces, and around every wide character. */
function* pieces(text: string): Generator<string> {
  let piece = '';
  for (const character of text) {
    if (WIDE.test(character)) {
      if (piece !== '') yield piece;
      piece = '';
      yield character;
    } else if (character === ' ') {
      piece += character;
    } else {
      if (piece.endsWith(' ')) {
        yield piece;
        piece = '';
      }
      piece += character;
    }
  }
  if (piece !== '') yield piece;
}

/** Wraps the text behind a label of its own column: `label  text text`. */
export function hanging(
  label: string,
  text: string,
  columns: number,
  labelWidth: number,
): readonly string[] {
  const indent = ' '.repeat(labelWidth);
  const [first = '', ...rest] = wrap(text, columns, indent);
  return [padTo(label, labelWidth) + first.slice(labelWidth), ...rest];
}

/** A size as people say it, such as `27 MB`; decimal units, as file managers use. */
export function sizeInWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}
