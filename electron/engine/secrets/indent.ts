/** Comment marks count as blanks: what is commented out has its shape still. */
export function indentOf(line: string): number {
  const marks = /^\s*\/\*/.test(line) ? /^\s*/ : /^[\s/#*]*/;
  return marks.exec(line)?.[0].length ?? 0;
}

/** Where the key of a line begins: behind the dash of a list in YAML. */
export function columnOf(line: string): number {
  const indent = indentOf(line);
  return indent + (/^(?:-\s+)*/.exec(line.slice(indent))?.[0].length ?? 0);
}
