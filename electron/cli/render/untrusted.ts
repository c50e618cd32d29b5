/** What {@link createStyle} produces: one SGR sequence (ECMA-48 §8.3.117). */
const OWN_STYLE = '\\u001b\\[[0-9]{1,2}m';

/**
 * C0 and C1 controls but tab, DEL, and the marks that reorder text (Unicode
 * bidirectional controls), by which a file name could disguise itself.
 */
const CONTROLS =
  '[\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]';

const plain = new RegExp(CONTROLS, 'gu');
const styled = new RegExp(`(${OWN_STYLE})|${CONTROLS}`, 'gu');

/**
 * One line as it may reach a terminal: control characters are shown as
 * `\xNN` or `\u{NNNN}` instead of being obeyed. With `colour`, plain colour
 * sequences stay.
 */
export function printable(line: string, colour: boolean): string {
  return colour
    ? line.replace(styled, (found, own: string | undefined) => own ?? escaped(found))
    : line.replace(plain, escaped);
}

/** A document as indented JSON; what a terminal would obey stands there as `\u…`, which means the same. */
export function printableJson(document: object): string {
  // JSON itself escapes the C0 controls in strings; between them are line ends and nothing else.
  return JSON.stringify(document, null, 2).replace(plain, (found) =>
    found === '\n' ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Escape sequences: CSI, OSC and other string sequences, two-character ones (ECMA-48 §5). */
const SEQUENCES =
  // eslint cannot see that a control character is what is looked for here, hence the constructor.
  new RegExp(
    '\\u001b(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)?|[ -/]*[0-~])',
    'gu',
  );

/**
 * The lines of a program's output, without its colours and cursor movements. A carriage
 * return has the line written over by what follows it; at an end nothing does.
 */
export function outputLines(text: string): readonly string[] {
  return text
    .replace(SEQUENCES, '')
    .replace(/\r+(?=\n|$)/g, '')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1));
}
