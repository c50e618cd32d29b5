import type { ChainHop, Evidence } from '../../../shared/finding.ts';
import { columnsOf, wrap } from './layout.ts';
import { put, say, type View } from './view.ts';

const INDENT = '  ';

/**
 * The way from a program to the link that breaks, one hop a line, drawn with
 * plain characters: a `+` holds, an `x` breaks, and a word says it too.
 */
export function renderEvidence(view: View, evidence: Evidence): readonly string[] {
  switch (evidence.kind) {
    case 'version-chain':
      return [...renderHops(view, evidence.hops), ...versionEnd(view, evidence)];
    case 'missing-chain':
      return [...renderHops(view, evidence.hops), ...missingEnd(view, evidence)];
    case 'reference':
      return wrap(reference(view, evidence), view.columns, INDENT);
    case 'measured':
      return wrap(
        say(view, 'cli.evidence.measured', {
          label: put(view, evidence.label),
          value: evidence.value,
          at: evidence.at,
        }),
        view.columns,
        INDENT,
      );
  }
}

function renderHops(view: View, hops: readonly ChainHop[]): readonly string[] {
  const { style } = view;
  return hops.flatMap((hop, index) => {
    const broken = hop.state === 'broken';
    const paint = broken ? style.bad : style.strong;
    const mark = broken ? style.bad('x') : style.good('+');
    const where = hop.path !== null && hop.path !== hop.name ? hop.path : null;
    const note = hop.foundBy === null ? null : say(view, `cli.foundBy.${hop.foundBy}`);
    const line = index === 0 ? [] : [`${INDENT}${style.quiet('|')}`];
    return [...line, ...hopLines(view, { mark, name: paint(hop.name), where, note })];
  });
}

/** One line where it fits; the path gets a line of its own where it does not. */
function hopLines(
  view: View,
  hop: {
    readonly mark: string;
    readonly name: string;
    readonly where: string | null;
    readonly note: string | null;
  },
): readonly string[] {
  const note = hop.note === null ? '' : view.style.quiet(`  (${hop.note})`);
  const where = hop.where === null ? '' : `  ${view.style.path(hop.where)}`;
  const whole = `${INDENT}${hop.mark} ${hop.name}${where}${note}`;
  if (columnsOf(whole) <= view.columns || hop.where === null) return [whole];
  return [
    `${INDENT}${hop.mark} ${hop.name}${note}`,
    `${INDENT}${view.style.quiet('|')}   ${view.style.path(hop.where)}`,
  ];
}

function versionEnd(
  view: View,
  evidence: Extract<Evidence, { kind: 'version-chain' }>,
): readonly string[] {
  const indent = `${INDENT}    `;
  const lacks = say(view, evidence.weak ? 'cli.evidence.lacks-weak' : 'cli.evidence.lacks', {
    version: evidence.version,
  });
  const highest =
    evidence.present === null
      ? ''
      : say(view, 'cli.evidence.highest', { version: evidence.present });
  const gap = view.language === 'en' && highest !== '' ? ' ' : '';
  return [
    ...wrap(lacks + gap + highest, view.columns, indent).map(view.style.bad),
    ...(evidence.symbols.length === 0
      ? []
      : wrap(
          say(view, 'cli.evidence.symbols', {
            count: evidence.symbols.length,
            names: evidence.symbols.join(', '),
          }),
          view.columns,
          indent,
        )),
  ];
}

function missingEnd(
  view: View,
  evidence: Extract<Evidence, { kind: 'missing-chain' }>,
): readonly string[] {
  const indent = `${INDENT}    `;
  const found = evidence.hops.at(-1)?.path ?? null;
  return [
    ...wrap(
      found === null
        ? say(view, 'cli.evidence.not-found', { soname: evidence.soname })
        : say(view, 'cli.evidence.refused', { path: found }),
      view.columns,
      indent,
    ).map(view.style.bad),
    ...(evidence.searched.length === 0 || found !== null
      ? []
      : [
          ...wrap(say(view, 'cli.evidence.searched'), view.columns, indent),
          ...evidence.searched.map((directory) => `${indent}  ${directory}`),
        ]),
  ];
}

/** Who names the program: a setting, PATH, an editor, the user. */
function reference(view: View, evidence: Extract<Evidence, { kind: 'reference' }>): string {
  const named = evidence.reference;
  switch (named.kind) {
    case 'setting':
      return say(
        view,
        named.target === null ? 'cli.reference.setting' : 'cli.reference.setting-link',
        {
          setting: named.setting,
          file: named.file,
          target: named.target ?? '',
          line: String(named.line),
          editor: named.editorName,
        },
      );
    case 'path':
      return say(view, 'cli.reference.path', { name: named.name, directory: named.directory });
    case 'editor':
      return say(view, 'cli.reference.editor', { editor: named.editorName });
    case 'user':
      return say(view, 'cli.reference.user');
  }
}
