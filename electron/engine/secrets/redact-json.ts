import { createScanner, type Node, type ParseError } from 'jsonc-parser';
import { parseJsoncTree } from '../jsonc-tree.ts';
import { hideForms, hideInAddresses } from './forms.ts';
import { HIDDEN } from './hidden.ts';
import { isHolding, isNaming, isSecretName } from './names.ts';
import { redactLines } from './redact-lines.ts';
import { namesSecret } from './words.ts';

/** A part of the text and what is shown in its place. */
interface Edit {
  readonly offset: number;
  readonly length: number;
  readonly shown: string;
}

/** What a value is, by what stands before it. */
type Standing = 'secret' | 'login' | 'plain';

type Redact = (text: string) => string;

/**
 * A JSON text with comments without its secrets. Of a text with mistakes the tree is not
 * whole, so that what is left of it is looked at line by line as well.
 */
export function redactJson(text: string, redact: Redact): string {
  const errors: ParseError[] = [];
  const tree = parseJsoncTree(text, errors, { allowTrailingComma: true });
  const edits: Edit[] = tree === undefined ? [] : [...values(tree, 'plain', redact)];
  const shown = applied(text, [...edits, ...commentsOf(text)]);
  return errors.length === 0 && tree !== undefined
    ? shown
    : redactLines(shown.split('\n')).join('\n');
}

function* values(node: Node, standing: Standing, redact: Redact): Generator<Edit> {
  switch (node.type) {
    case 'object':
      yield* members(node, standing, redact);
      return;
    case 'array':
      yield* elements(node, standing, redact);
      return;
    case 'string':
      yield* string(node, standing, redact);
      return;
    case 'number':
      if (standing === 'secret') yield { ...placeOf(node), shown: HIDDEN };
      return;
    default:
      return;
  }
}

function* members(node: Node, standing: Standing, redact: Redact): Generator<Edit> {
  const properties = (node.children ?? []).map(({ children = [] }) => children);
  const names = properties.some(
    ([key, value]) => isNaming(String(key?.value)) && isNameOfSecret(value),
  );
  for (const [key, value] of properties) {
    if (key === undefined) continue;
    const name = String(key.value);
    const shown = hideForms(hideInAddresses(name));
    if (shown !== name) yield { ...placeOf(key), shown: JSON.stringify(shown) };
    if (value === undefined) continue;
    const isSecret = isSecretName(name) || (names && isHolding(name));
    yield* values(value, isSecret ? 'secret' : standing, redact);
  }
}

function isNameOfSecret(node: Node | undefined): boolean {
  return node?.type === 'string' && namesSecret(String(node.value));
}

function* elements(node: Node, standing: Standing, redact: Redact): Generator<Edit> {
  const children = node.children ?? [];
  const isPair = children.length === 2;
  for (const [index, child] of children.entries()) {
    const before = children[index - 1];
    const named = before?.type === 'string' ? standingAfter(String(before.value), isPair) : 'plain';
    const isOption = child.type === 'string' && /^--?[A-Za-z][\w-]*$/.test(String(child.value));
    yield* values(child, named === 'plain' || isOption ? standing : named, redact);
  }
}

/** Of a list of a command's words, or of headers, one after the other. */
function standingAfter(word: string, isPair: boolean): Standing {
  if (/^(?:-[uU]|--(?:proxy-)?user)$/.test(word)) return 'login';
  const tells =
    isPair || /^--?\w|^(?:proxy-)?authorization$|^(?:set-)?cookie$|^x-[\w-]+$/i.test(word);
  return tells && /^[\w.-]{1,100}$/.test(word) && isSecretName(word) ? 'secret' : 'plain';
}

/** `${env:TOKEN}` says where the secret is, not what it is. */
const REFERENCE = /^\$\{[\w.:]+\}$/;

function* string(node: Node, standing: Standing, redact: Redact): Generator<Edit> {
  const value = String(node.value);
  if (value === '' || REFERENCE.test(value)) return;
  const shown = shownOf(value, standing, redact);
  if (shown !== value) yield { ...placeOf(node), shown: JSON.stringify(shown) };
}

function shownOf(value: string, standing: Standing, redact: Redact): string {
  if (standing === 'secret') return HIDDEN;
  if (standing === 'login' && !/^\d+:\d+$/.test(value))
    return value.replace(/^([^:]*):[^]+$/, `$1:${HIDDEN}`);
  return redact(value);
}

/** Comments that follow one another are one text: what is commented out often takes several. */
function* commentsOf(text: string): Generator<Edit> {
  let group: Edit[] = [];
  const scanner = createScanner(text, false);
  // jsonc-parser's SyntaxKind: constants that are gone when its types are.
  for (let token: number = scanner.scan(); token !== 17; token = scanner.scan()) {
    const place = { offset: scanner.getTokenOffset(), length: scanner.getTokenLength() };
    // Not the scanner's value: behind a line's end that begins too early.
    const shown = text.slice(place.offset, place.offset + place.length);
    if (token === 12 || token === 13) group.push({ ...place, shown });
    else if (token !== 14 && token !== 15) {
      yield* redactedComments(group);
      group = [];
    }
  }
  yield* redactedComments(group);
}

function* redactedComments(group: readonly Edit[]): Generator<Edit> {
  if (group.length === 0) return;
  const lines = redactLines(group.flatMap(({ shown }) => shown.split('\n')));
  let at = 0;
  for (const comment of group) {
    const count = comment.shown.split('\n').length;
    const shown = lines.slice(at, at + count).join('\n');
    at += count;
    if (shown !== comment.shown) yield { ...comment, shown };
  }
}

function placeOf({ offset, length }: Node): { readonly offset: number; readonly length: number } {
  return { offset, length };
}

function applied(text: string, edits: readonly Edit[]): string {
  let shown = '';
  let done = 0;
  for (const edit of [...edits].sort((one, other) => one.offset - other.offset)) {
    if (edit.offset < done) continue;
    shown += text.slice(done, edit.offset) + edit.shown;
    done = edit.offset + edit.length;
  }
  return shown + text.slice(done);
}
