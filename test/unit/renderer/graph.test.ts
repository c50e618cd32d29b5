import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependencyReports, knownPrograms } from '../../../renderer/bridge/scenarios/programs.ts';
import { centre, fit, layoutOf, zoomAt, BOX } from '../../../renderer/features/graph/layout.ts';
import { chainTo, fineSubtrees, graphOf, search } from '../../../renderer/features/graph/model.ts';
import { sortPrograms } from '../../../renderer/features/graph/ProgramList.tsx';
import { dependencyReportSchema, type DependencyReport } from '../../../shared/elf.ts';

function report(name: string): DependencyReport {
  const found = dependencyReports[name];
  if (found === undefined) throw new Error(`no report ${name}`);
  return dependencyReportSchema.parse(found);
}
const LIBC = '/lib/x86_64-linux-gnu/libc.so.6';

describe('a dependency report as a graph', () => {
  it('says on the first edge how the loader found it, and that later askers find it loaded', () => {
    const { edges } = graphOf(report('program-git'));
    const toLibc = edges.filter((edge) => edge.to === LIBC).map((edge) => edge.foundBy);
    expect(toLibc).toEqual(['cache', 'already-loaded', 'already-loaded']);
  });

  it('writes a lacking version on the edge of the object that asks for it', () => {
    const { edges, troubled } = graphOf(report('program-git'));
    expect(edges.filter((edge) => edge.lacking.length > 0)).toEqual([
      expect.objectContaining({ first: true, lacking: ['GLIBC_2.38'], to: LIBC, weak: false }),
    ]);
    expect(troubled).toEqual([LIBC]);
  });

  it('puts what is missing before a lacking version, and that before a mixed glibc', () => {
    const graph = graphOf(report('program-code'));
    const kinds = graph.troubled.map((id) => graph.nodes.get(id)?.problems[0]?.kind);
    expect(kinds).toEqual(['missing', 'version', 'mixed']);
    expect(chainTo(graph, 'missing:libgone.so.2')).toHaveLength(4);
  });

  it('folds only what holds no problem', () => {
    const graph = graphOf(report('program-code'));
    const layout = layoutOf(graph, fineSubtrees(graph));
    for (const id of graph.troubled) expect(layout.placed.has(id)).toBe(true);
    expect(layout.placed.size).toBeLessThan(graph.nodes.size / 2);
  });

  it('finds by name and path, whatever the case', () => {
    const graph = graphOf(report('program-git'));
    expect(search(graph, 'LIBC.so')).toEqual([LIBC]);
    expect(search(graph, '  ')).toEqual([]);
  });

  it('holds every object once and ends, even where objects ask for one another', () => {
    const paths = fc.constantFrom('/p', '/a', '/b', '/c', '/d', '/e');
    const objects = fc.array(fc.record({ path: paths, requiredBy: fc.array(paths) }));
    fc.assert(
      fc.property(objects, (some) => {
        const graph = graphOf({
          ...report('program-git'),
          file: '/p',
          objects: some.map((one) => ({ ...one, soname: one.path, foundBy: 'cache' })),
          versionErrors: [],
        });
        const { placed } = layoutOf(graph, new Set());
        expect([...placed.keys()].sort()).toEqual([...graph.nodes.keys()].sort());
        for (const id of graph.nodes.keys()) expect(chainTo(graph, id)[0]).toBe('/p');
      }),
    );
  });
});

describe('the picture of a graph', () => {
  it('lays no box over another, at 300 objects', () => {
    const { placed } = layoutOf(graphOf(report('program-code')), new Set());
    const corners = new Set([...placed.values()].map(({ x, y }) => `${x} ${y}`));
    expect(placed.size).toBe(299);
    expect(corners.size).toBe(299);
    for (const left of new Set([...placed.values()].map(({ x }) => x))) {
      const column = [...placed.values()].filter(({ x }) => x === left);
      const tops = column.map(({ y }) => y).sort((a, b) => a - b);
      tops.slice(1).forEach((top, index) => {
        expect(top - (tops[index] ?? 0)).toBeGreaterThanOrEqual(BOX.height);
      });
    }
  });

  it('zooms around the pointer and fits everything into the window', () => {
    const view = zoomAt({ x: 10, y: 20, scale: 1 }, 2, 110, 120);
    expect((110 - view.x) / view.scale).toBeCloseTo(100);
    expect((120 - view.y) / view.scale).toBeCloseTo(100);
    const bounds = { x: -50, y: -50, width: 2000, height: 1000 };
    const whole = fit(bounds, { width: 800, height: 600 });
    expect(bounds.x * whole.scale + whole.x).toBeGreaterThanOrEqual(0);
    expect((bounds.x + bounds.width) * whole.scale + whole.x).toBeLessThanOrEqual(800);
    // Nothing is too large to be seen whole, and zooming out from there does not jump.
    const tall = fit({ x: 0, y: -9000, width: 1000, height: 18_000 }, { width: 800, height: 600 });
    expect(-9000 * tall.scale + tall.y).toBeGreaterThanOrEqual(0);
    expect(9000 * tall.scale + tall.y).toBeLessThanOrEqual(600);
    expect(zoomAt(tall, 0.8, 400, 300).scale).toBe(tall.scale);
    expect(zoomAt(tall, 1.25, 400, 300).scale).toBeCloseTo(tall.scale * 1.25);
  });

  it('brings an object into the middle', () => {
    const place = layoutOf(graphOf(report('program-git')), new Set()).placed.get(LIBC);
    if (place === undefined) throw new Error('libc is not drawn');
    const view = centre(place, { width: 800, height: 600 }, 1);
    expect(place.x + BOX.width / 2 + view.x).toBe(400);
    expect(place.y + BOX.height / 2 + view.y).toBe(300);
    // What asks for it is seen too, but only where there is room for both.
    const askedBy = { ...place, x: place.x - 330, y: place.y - 100 };
    const both = centre(place, { width: 800, height: 600 }, 1, askedBy);
    expect(askedBy.x + both.x).toBe(800 - (place.x + BOX.width + both.x));
    expect(centre(place, { width: 400, height: 600 }, 1, askedBy).y).toBe(view.y);
    expect(centre(place, { width: 460, height: 600 }, 1, askedBy).scale).toBeCloseTo(436 / 540);
    expect(centre(place, { width: 460, height: 600 }, 2, askedBy).scale).toBe(2);
  });
});

it('programs that do not start come first', () => {
  const shown = sortPrograms(knownPrograms, '');
  expect(shown.map(({ name }) => name)).toEqual(['code', 'dlv', 'git', 'pty.node', 'gopls']);
  expect(sortPrograms(knownPrograms, '/go/bin').map(({ name }) => name)).toEqual(['dlv', 'gopls']);
});
