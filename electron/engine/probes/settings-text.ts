import { printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { parseJsoncTree } from '../jsonc-tree.ts';
import { programSetting, type ProgramSetting } from '../data/program-settings.ts';

/** A program named in a settings file. */
export interface NamedProgram {
  /** Dotted name without array indices, such as `go.alternateTools.gopls`. */
  readonly setting: string;
  readonly jsonPath: readonly (string | number)[];
  /** 1-based line of the value. */
  readonly line: number;
  /** As written. */
  readonly value: string;
  readonly rule: ProgramSetting;
}

export interface SettingsText {
  readonly programs: readonly NamedProgram[];
  readonly errors: readonly { readonly line: number; readonly code: string }[];
}

/** Nobody repairs a file by a longer list; a text that is no JSON has one for every letter. */
const MOST_ERRORS = 100;
/** Deeper than any real settings file; bounds the walk on hostile ones. */
const MAX_DEPTH = 64;

/**
 * Reads a settings file as VS Code does (comments, trailing commas, the last of
 * two equal keys wins) and answers which programs it names. Broken text gives
 * what could be read and where it broke.
 */
export function readSettingsText(text: string): SettingsText {
  // VS Code drops a byte order mark; a space keeps every offset as it is in the file.
  const source = text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text;
  const errors: ParseError[] = [];
  const tree = parseJsoncTree(source, errors, {
    allowTrailingComma: true,
    allowEmptyContent: true,
  });
  const lines = lineIndex(source);
  const byPath = new Map<string, NamedProgram>();
  if (tree !== undefined) {
    for (const { node, jsonPath } of stringsOf(tree, [])) {
      const named = namedProgram(node, jsonPath, lines);
      // Set anew so that a later duplicate of a key replaces the earlier one.
      if (named !== null) byPath.set(JSON.stringify(named.jsonPath), named);
    }
  }
  return {
    programs: [...byPath.values()],
    errors: errors.slice(0, MOST_ERRORS).map((error) => ({
      line: lineAt(lines, error.offset),
      code: printParseErrorCode(error.error),
    })),
  };
}

interface Placed {
  readonly node: Node;
  readonly jsonPath: readonly (string | number)[];
}

/** Every string value with its path: the library looks paths up from the end, item by item. */
function* stringsOf(node: Node, jsonPath: Placed['jsonPath']): Generator<Placed> {
  if (jsonPath.length > MAX_DEPTH) return;
  if (node.type === 'string') yield { node, jsonPath };
  for (const [index, child] of (node.children ?? []).entries()) {
    if (child.type !== 'property') {
      yield* stringsOf(child, [...jsonPath, index]);
      continue;
    }
    const [key, value] = child.children ?? [];
    if (value !== undefined) yield* stringsOf(value, [...jsonPath, String(key?.value)]);
  }
}

function namedProgram(
  node: Node,
  jsonPath: Placed['jsonPath'],
  lines: readonly number[],
): NamedProgram | null {
  const setting = jsonPath.filter((part) => typeof part === 'string').join('.');
  const rule = programSetting(setting);
  const value: unknown = node.value;
  if (rule === null || typeof value !== 'string' || value.trim() === '') return null;
  if (rule.absoluteOnly && !/^(\/|~\/|\$\{)/.test(value)) return null;
  return { setting, jsonPath, line: lineAt(lines, node.offset), value, rule };
}

/** Offsets at which lines begin; CR LF, LF and a lone CR end one, as in VS Code. */
function lineIndex(text: string): readonly number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
