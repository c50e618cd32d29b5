import {
  createScanner,
  parseTree,
  type Node,
  type ParseError,
  type ParseOptions,
} from 'jsonc-parser';

/** Deeper than any real file; jsonc-parser calls itself for each level and would run out of stack. */
const DEEPEST = 500;

/** jsonc-parser's SyntaxKind and ParseErrorCode: constants that are gone when its types are. */
const OPENING: readonly number[] = [1, 3];
const CLOSING: readonly number[] = [2, 4];
const END: number = 17;
const INVALID_SYMBOL = 1;

/**
 * The tree of a JSON text with comments, as jsonc-parser makes it; `errors` takes what is
 * wrong with it. A text that is nested deeper than 500 levels has no tree and one error,
 * at the bracket that is too much.
 */
export function parseJsoncTree(
  text: string,
  errors: ParseError[],
  options: ParseOptions,
): Node | undefined {
  const offset = tooDeepAt(text);
  if (offset === null) return parseTree(text, errors, options);
  errors.push({ error: INVALID_SYMBOL, offset, length: 1 });
  return undefined;
}

function tooDeepAt(text: string): number | null {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== END; token = scanner.scan()) {
    if (OPENING.includes(token)) depth += 1;
    // More are closed than were opened in a broken text only; the parser passes over those.
    else if (CLOSING.includes(token)) depth = Math.max(0, depth - 1);
    if (depth > DEEPEST) return scanner.getTokenOffset();
  }
  return null;
}
