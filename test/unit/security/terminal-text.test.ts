import { describe, expect, it } from 'vitest';
import { statusReporter } from '../../../electron/cli/progress.ts';
import { createStyle } from '../../../electron/cli/render/style.ts';
import { printableJson } from '../../../electron/cli/render/untrusted.ts';

const CSI = '\u009b31m';
const REVERSED = '\u202e';

describe('A1.8 text of strangers on a terminal', () => {
  it('a document as JSON holds nothing that a terminal obeys, and says the same', () => {
    const document = { name: `a${CSI}${REVERSED}\n\u001b]52;c;\u007fé`, list: ['中'] };
    const text = printableJson(document);
    expect(text).not.toMatch(new RegExp('[\\u007f-\\u009f\\u202e\\u001b]', 'u'));
    expect(JSON.parse(text)).toEqual(document);
    expect(text).toContain('\n');
  });

  it('the line that is written over shows escape sequences instead of obeying them', () => {
    const written: string[] = [];
    const screen = {
      style: createStyle(false),
      columns: 80,
      isTerminal: true,
      lines: () => undefined,
      control: (text: string) => void written.push(text),
    };
    const reporter = statusReporter(screen, 'en');
    const program = '/opt/\u001b]0;title\u0007';
    reporter.emit({ type: 'phase', phase: { key: 'trace.phase.running', params: { program } } });
    const [line = ''] = written;
    expect(line.replace('\r\u001b[2K', '')).not.toMatch(new RegExp('[\\u0007\\u001b]', 'u'));
    expect(line).toContain('\\x1b]0;title\\x07');
  });
});
