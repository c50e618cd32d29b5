import pc from 'picocolors';
import type { Severity } from '../../../shared/finding.ts';

type Paint = (text: string) => string;

/** What a piece of text means; the colour follows from it, and is never the only sign. */
export interface Style {
  readonly heading: Paint;
  readonly strong: Paint;
  readonly quiet: Paint;
  readonly path: Paint;
  readonly accent: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warning: Paint;
  readonly added: Paint;
  readonly removed: Paint;
}

/** Colours from the terminal's own sixteen, so that they fit every theme. */
export function createStyle(colour: boolean): Style {
  const colours = pc.createColors(colour);
  return {
    heading: (text) => colours.bold(text),
    strong: (text) => colours.bold(text),
    quiet: (text) => colours.dim(text),
    path: (text) => text,
    accent: (text) => colours.blue(text),
    good: (text) => colours.green(text),
    bad: (text) => colours.red(text),
    warning: (text) => colours.yellow(text),
    added: (text) => colours.green(text),
    removed: (text) => colours.red(text),
  };
}

/** The colour of a severity. */
export function severityPaint(style: Style, severity: Severity): Paint {
  switch (severity) {
    case 'error':
      return style.bad;
    case 'warning':
      return style.warning;
    case 'info':
      return style.accent;
  }
}
