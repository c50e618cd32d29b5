import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useSpeech } from '../../state/window.tsx';
import { Button } from '../../ui/Button.tsx';
import { formatPercent } from '../../ui/format.ts';
import { Drawing } from './Drawing.tsx';
import { centre, fit, READABLE, zoomAt, ZOOM, type Size, type Viewport } from './layout.ts';
import { chainTo } from './model.ts';
import type { GraphControl } from './use-graph.ts';

/** Pixels that an arrow key moves the picture. */
const STEP = 60;

/** The picture of the graph: drag or arrow keys to move, wheel or + and − to zoom, 0 to fit. */
export function GraphCanvas(props: { readonly control: GraphControl }) {
  const { control } = props;
  const { text, language } = useSpeech();
  const canvas = useRef<HTMLDivElement>(null);
  const size = useSize(canvas);
  const [view, setView] = useViewport(control, size);
  const drag = useRef<{ x: number; y: number } | null>(null);
  const zoom = (factor: number) =>
    setView((now) => zoomAt(now, factor, size.width / 2, size.height / 2));
  const fitAll = () => setView(fit(control.layout.bounds, size));
  useWheel(canvas, setView);
  return (
    <div className="graph-picture">
      <div
        ref={canvas}
        className="graph-canvas"
        role="group"
        aria-label={text('graph.picture')}
        aria-describedby="graph-keys"
        tabIndex={0}
        onKeyDown={(event) => onKey(event, setView, zoom, fitAll)}
        onPointerDown={(event) => {
          drag.current = { x: event.clientX, y: event.clientY };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          const from = drag.current;
          if (from === null) return;
          drag.current = { x: event.clientX, y: event.clientY };
          const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
          setView((now) => ({ ...now, x: now.x + dx, y: now.y + dy }));
        }}
        onPointerUp={() => (drag.current = null)}
        onPointerCancel={() => (drag.current = null)}
      >
        <Drawing control={control} view={view} size={size} />
      </div>
      <span id="graph-keys" className="visually-hidden">
        {text('graph.keys')}
      </span>
      <div className="graph-zoom">
        <Button small label={text('graph.zoomOut')} onPress={() => zoom(1 / ZOOM.step)}>
          −
        </Button>
        <span className="num muted">{formatPercent(view.scale, 1, language())}</span>
        <Button small label={text('graph.zoomIn')} onPress={() => zoom(ZOOM.step)}>
          +
        </Button>
        <Button small onPress={fitAll}>
          {text('graph.fit')}
        </Button>
      </div>
    </div>
  );
}

type SetView = (next: Viewport | ((now: Viewport) => Viewport)) => void;

function useSize(element: React.RefObject<HTMLDivElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const box = element.current;
    if (box === null) return undefined;
    const measure = () => setSize({ width: box.clientWidth, height: box.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** Starts on what is current, and goes back to it whenever somebody asks to see it. */
function useViewport(control: GraphControl, size: Size): readonly [Viewport, SetView] {
  const [view, setView] = useState<Viewport>({ x: 0, y: 0, scale: 1 });
  const latest = useRef({ control, size });
  useLayoutEffect(() => {
    latest.current = { control, size };
  });
  const { reveals } = control;
  const known = size.width > 0;
  // A new size alone is no reason to move what the person has moved.
  useEffect(() => {
    const { control: shown, size: room } = latest.current;
    const { layout, current } = shown;
    const place = layout.placed.get(current);
    if (!known || place === undefined) return;
    const askedBy = layout.placed.get(chainTo(shown.graph, current).at(-2) ?? '');
    const whole = fit(layout.bounds, room);
    // A small graph is seen whole; of a large one, the current object and what is around it.
    setView((now) =>
      whole.scale >= 0.65 && reveals === 0
        ? whole
        : centre(place, room, Math.max(READABLE, reveals === 0 ? 1 : now.scale), askedBy),
    );
  }, [reveals, known]);
  return [view, setView];
}

/** React listens to the wheel passively, where the page's own scrolling cannot be kept back. */
function useWheel(element: React.RefObject<HTMLDivElement | null>, setView: SetView): void {
  useEffect(() => {
    const box = element.current;
    if (box === null) return undefined;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { left, top } = box.getBoundingClientRect();
      const factor = Math.exp(-event.deltaY / 500);
      setView((now) => zoomAt(now, factor, event.clientX - left, event.clientY - top));
    };
    box.addEventListener('wheel', onWheel, { passive: false });
    return () => box.removeEventListener('wheel', onWheel);
  }, [element, setView]);
}

function onKey(
  event: KeyboardEvent,
  setView: SetView,
  zoom: (factor: number) => void,
  fitAll: () => void,
): void {
  const move = (x: number, y: number) => () =>
    setView((now) => ({ ...now, x: now.x + x, y: now.y + y }));
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: move(STEP, 0),
    ArrowRight: move(-STEP, 0),
    ArrowUp: move(0, STEP),
    ArrowDown: move(0, -STEP),
    '+': () => zoom(ZOOM.step),
    '=': () => zoom(ZOOM.step),
    '-': () => zoom(1 / ZOOM.step),
    '0': fitAll,
  };
  const act = keys[event.key];
  if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act();
}
