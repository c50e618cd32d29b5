import { hierarchy, tree } from 'd3-hierarchy';
import type { DependencyGraph, GraphEdge, GraphNode } from './model.ts';

/** Units of the drawing; at 100 % one is a pixel. */
export const BOX = { width: 210, height: 40 } as const;
const GAP = { x: 120, y: 12 } as const;

export interface PlacedNode {
  readonly node: GraphNode;
  /** Left upper corner. */
  readonly x: number;
  readonly y: number;
  readonly collapsed: boolean;
}

export interface Layout {
  readonly placed: ReadonlyMap<string, PlacedNode>;
  /** Edges both ends of which are drawn. */
  readonly edges: readonly GraphEdge[];
  readonly bounds: Bounds;
}

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Places the program on the left and what it loads to the right of it; nothing below `collapsed`. */
export function layoutOf(graph: DependencyGraph, collapsed: ReadonlySet<string>): Layout {
  const root = hierarchy(graph.root, (id) =>
    collapsed.has(id) ? [] : [...(graph.nodes.get(id)?.children ?? [])],
  );
  const arrange = tree<string>()
    .nodeSize([BOX.height + GAP.y, BOX.width + GAP.x])
    .separation(() => 1);
  const placed = new Map<string, PlacedNode>();
  for (const point of arrange(root).descendants()) {
    const node = graph.nodes.get(point.data);
    if (node === undefined) continue;
    // d3 grows downwards; this drawing to the right.
    const place = { x: point.y, y: point.x, node };
    placed.set(node.id, {
      ...place,
      collapsed: node.children.length > 0 && collapsed.has(node.id),
    });
  }
  const edges = graph.edges.filter(({ from, to }) => placed.has(from) && placed.has(to));
  return { placed, edges, bounds: boundsOf([...placed.values()]) };
}

function boundsOf(places: readonly PlacedNode[]): Bounds {
  const x = Math.min(...places.map((place) => place.x));
  const y = Math.min(...places.map((place) => place.y));
  return {
    x,
    y,
    width: Math.max(...places.map((place) => place.x)) + BOX.width - x,
    height: Math.max(...places.map((place) => place.y)) + BOX.height - y,
  };
}

/** The line of an edge: from the right side of one box to the left side of the other. */
export function edgePath(from: PlacedNode, to: PlacedNode): string {
  const [x1, y1] = [from.x + BOX.width, from.y + BOX.height / 2];
  const [x2, y2] = [to.x, to.y + BOX.height / 2];
  const bend = Math.max(40, (x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/** What part of the drawing is seen: `scale` pixels a unit, moved by `x` and `y` pixels. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}

export const ZOOM = { least: 0.1, most: 4, step: 1.25 } as const;

/** Zooms so that the point under (x, y), in pixels, stays where it is. */
export function zoomAt(view: Viewport, factor: number, x: number, y: number): Viewport {
  // Everything of a large graph is smaller than the least zoom: from there it only grows.
  const least = Math.min(ZOOM.least, view.scale);
  const scale = Math.min(ZOOM.most, Math.max(least, view.scale * factor));
  const ratio = scale / view.scale;
  return { scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio };
}

/** Pixels that are left free around what is brought into view. */
const MARGIN = 24;
/** The same around two boxes: rather a narrow edge than only one of them. */
const PAIR_MARGIN = 12;
/** Below this, names cannot be read. */
export const READABLE = 0.8;

/** Shows everything, never larger than life. */
export function fit(bounds: Bounds, size: Size): Viewport {
  const room = (pixels: number) => Math.max(1, pixels - 2 * MARGIN);
  const scale = Math.min(1, room(size.width) / bounds.width, room(size.height) / bounds.height);
  return {
    scale,
    x: (size.width - bounds.width * scale) / 2 - bounds.x * scale,
    y: (size.height - bounds.height * scale) / 2 - bounds.y * scale,
  };
}

/**
 * Moves a box into the middle, at a scale at which it can be read; together with
 * the one that asks for it, where both have room.
 */
export function centre(
  place: PlacedNode,
  size: Size,
  scale: number,
  askedBy?: PlacedNode,
): Viewport {
  const both = boundsOf(askedBy === undefined ? [place] : [place, askedBy]);
  const whole = Math.min(
    (size.width - 2 * PAIR_MARGIN) / both.width,
    (size.height - 2 * PAIR_MARGIN) / both.height,
  );
  // Smaller for both, but not where somebody has zoomed in, nor too small to be read.
  const fits = whole >= (scale > 1 ? scale : READABLE);
  const seen = fits ? both : boundsOf([place]);
  const shown = fits ? Math.min(scale, whole) : scale;
  return {
    scale: shown,
    x: size.width / 2 - (seen.x + seen.width / 2) * shown,
    y: size.height / 2 - (seen.y + seen.height / 2) * shown,
  };
}
