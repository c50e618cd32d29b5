import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { WebglAddon } from '@xterm/addon-webgl';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react';
import { styleSpansWithinPolicy, withStyleNonce } from './policy.ts';
import type { Transcript } from './transcript.ts';

/** What the drawer may ask of its terminal. */
export interface TerminalHandle {
  /** Marks the next place with these words. False when there is none. */
  find(words: string, back: boolean): boolean;
}

const LINES_KEPT = 20_000;
/** Operating system commands that untrusted output must not reach: hyperlinks and the clipboard. */
const FORBIDDEN_OSC = [8, 52] as const;

/** A terminal to look at. It takes no input and opens nothing. */
export function TerminalView(props: {
  readonly transcript: Transcript;
  readonly label: string;
  readonly ref?: Ref<TerminalHandle>;
}) {
  const { transcript, label } = props;
  const container = useRef<HTMLDivElement>(null);
  const search = useRef<SearchAddon>(null);
  useImperativeHandle(props.ref, () => ({
    find: (words, back) =>
      (back ? search.current?.findPrevious(words) : search.current?.findNext(words)) ?? false,
  }));
  useEffect(() => {
    const element = container.current;
    if (element === null) return undefined;
    const unpatch = styleSpansWithinPolicy();
    const terminal = createTerminal();
    const fit = new FitAddon();
    search.current = new SearchAddon();
    terminal.loadAddon(fit);
    terminal.loadAddon(search.current);
    withStyleNonce(document, () => terminal.open(element));
    terminal.textarea?.setAttribute('aria-label', label);
    drawWithGpu(terminal);
    fit.fit();
    const sizes = new ResizeObserver(() => fit.fit());
    sizes.observe(element);
    // Called back once the text has been taken in: that is what flow control counts.
    const detach = transcript.attach((text, taken) => terminal.write(text, taken));
    return () => {
      detach();
      sizes.disconnect();
      terminal.dispose();
      unpatch();
    };
  }, [transcript, label]);
  return <div className="drawer-terminal" ref={container} data-testid="terminal" />;
}

function createTerminal(): Terminal {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const terminal = new Terminal({
    disableStdin: true,
    cursorBlink: false,
    cursorInactiveStyle: 'none',
    scrollback: LINES_KEPT,
    fontFamily: colour('--mono'),
    fontSize: 12.5,
    lineHeight: 1.3,
    screenReaderMode: false,
    minimumContrastRatio: 4.5,
    theme: {
      background: colour('--term-bg'),
      foreground: colour('--term-fg'),
      cursor: colour('--term-bg'),
      selectionBackground: '#3d5a78',
    },
  });
  for (const code of FORBIDDEN_OSC) terminal.parser.registerOscHandler(code, () => true);
  // Tab and Escape stay with the window; nothing is ever typed into this terminal.
  terminal.attachCustomKeyEventHandler((event) => event.key !== 'Tab' && event.key !== 'Escape');
  return terminal;
}

/** The fast renderer, where there is one; otherwise xterm keeps the renderer it began with. */
function drawWithGpu(terminal: Terminal): void {
  try {
    const webgl = new WebglAddon();
    // xterm goes back to its first renderer, which makes its style elements anew.
    webgl.onContextLoss(() => withStyleNonce(document, () => webgl.dispose()));
    terminal.loadAddon(webgl);
  } catch {
    // No WebGL2 here (a virtual display, a blocked driver): nothing is lost but speed.
  }
}
