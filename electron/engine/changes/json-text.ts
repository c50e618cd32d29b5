import {
  applyEdits,
  findNodeAtLocation,
  getNodeValue,
  modify,
  type FormattingOptions,
  type JSONPath,
  type ModificationOptions,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { fail, ok, type Result } from '../../../shared/error.ts';
import type { ChangeOf } from '../../../shared/plan.ts';
import { parseJsoncTree } from '../jsonc-tree.ts';

type JsonEdit = ChangeOf<'edit-json'>['edits'][number];

/**
 * The text is handled as bytes in disguise: every byte is one character (latin1).
 * So whatever the edit does not touch stays as it is, be it valid UTF-8 or not.
 */
const BOM = Buffer.from([0xef, 0xbb, 0xbf]).toString('latin1');

/** Characters; settings that people write have lines of some hundred. */
const LONGEST_LAID_OUT = 4096;

/**
 * Applies edits to the bytes of a JSON-with-comments file. Comments, order,
 * trailing commas, indentation, line ends, a byte order mark and a missing last
 * newline stay. Fails with `settings-unreadable` for text that is not JSONC,
 * `target-changed` where a value is not the one that the edit replaces.
 */
export function editJsonText(
  content: Buffer,
  edits: readonly JsonEdit[],
  path: string,
): Result<Buffer> {
  const whole = content.toString('latin1');
  const bom = whole.startsWith(BOM) ? BOM : '';
  let text = whole.slice(bom.length);
  for (const edit of edits) {
    const next = editOnce(text, edit, path);
    if (!next.ok) return next;
    text = next.value;
  }
  return ok(Buffer.from(bom + text, 'latin1'));
}

/** The JSON text of the value at a path, undefined where there is none. */
export function jsonValueAt(content: Buffer, jsonPath: readonly (string | number)[]): unknown {
  const text = content.toString('latin1');
  const tree = parseStrictly(text.startsWith(BOM) ? text.slice(BOM.length) : text);
  const node = tree === null ? undefined : nodeAt(tree, disguisePath(jsonPath));
  return node === undefined ? undefined : revealed(getNodeValue(node));
}

function editOnce(text: string, edit: JsonEdit, path: string): Result<string> {
  const tree = parseStrictly(text);
  if (tree === null) return fail('settings-unreadable', { path });
  const jsonPath = disguisePath(edit.jsonPath);
  const node = nodeAt(tree, jsonPath);
  const before = node === undefined ? null : JSON.stringify(revealed(getNodeValue(node)));
  if (before !== canonical(edit.before)) return fail('target-changed', { path });
  if (edit.after === null)
    return ok(applyEdits(text, modify(text, jsonPath, undefined, layoutOf(text))));
  const value = disguise(JSON.stringify(JSON.parse(edit.after)));
  if (node !== undefined)
    return ok(text.slice(0, node.offset) + value + text.slice(node.offset + node.length));
  const placed = modify(text, jsonPath, JSON.parse(value), layoutOf(text));
  return ok(applyEdits(text, placed));
}

function parseStrictly(text: string): Node | null {
  const errors: ParseError[] = [];
  const tree = parseJsoncTree(text, errors, { allowTrailingComma: true });
  return errors.length > 0 || tree?.type !== 'object' ? null : tree;
}

/** Of two equal keys the last one counts, as in VS Code and JSON.parse. */
function nodeAt(tree: Node, path: JSONPath): Node | undefined {
  let node: Node | undefined = tree;
  for (const step of path) {
    if (node === undefined) return undefined;
    if (typeof step === 'number') node = findNodeAtLocation(node, [step]);
    else if (node.type !== 'object') return undefined;
    else {
      const property: Node | undefined = (node.children ?? []).findLast(
        (child) => child.children?.[0]?.value === step,
      );
      node = property?.children?.[1];
    }
  }
  return node;
}

function canonical(json: string | null): string | null {
  return json === null ? null : JSON.stringify(JSON.parse(json));
}

function disguise(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function disguisePath(path: readonly (string | number)[]): JSONPath {
  return path.map((step) => (typeof step === 'string' ? disguise(step) : step));
}

/** Undoes the disguise in a parsed value, so that it can be compared with real text. */
function revealed(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value, 'latin1').toString('utf8');
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [String(revealed(key)), revealed(inner)]),
  );
}

/**
 * jsonc-parser lays the edited line out anew, one whole copy of the text for each token: on a
 * line of half a megabyte that takes a minute, and such a line has no layout to keep.
 */
function layoutOf(text: string): ModificationOptions {
  return longestLine(text) > LONGEST_LAID_OUT ? {} : { formattingOptions: formattingOf(text) };
}

function longestLine(text: string): number {
  let longest = 0;
  let start = 0;
  for (const match of text.matchAll(/[\r\n]/g)) {
    longest = Math.max(longest, match.index - start);
    start = match.index + 1;
  }
  return Math.max(longest, text.length - start);
}

/** New keys are written as the file's own: its line ends, its indentation. */
function formattingOf(text: string): FormattingOptions {
  const indentation = /\n([ \t]+)\S/.exec(text)?.[1] ?? '    ';
  return {
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    insertSpaces: !indentation.startsWith('\t'),
    tabSize: indentation.startsWith('\t') ? 4 : indentation.length,
  };
}
