import type { ChainNode, Chains, ChainTree } from '$lib/api/types';
import { daysBetween } from '$lib/i18n/format';

/** Which chains are looked at. */
export interface Wanted {
  setting: string;
  sure: string;
  least: number;
}

/** A case with its place in the answer. */
export interface Placed extends ChainNode {
  at: number;
  chain: number;
}

/** A chain that is shown, with its cases from top to bottom. */
export interface Shown {
  tree: ChainTree;
  chain: number;
  cases: Placed[];
}

const SURE = ['possible', 'probable', 'confirmed'];

/** A chain is shown whole if any of its links is as asked: a chain with holes would say what nobody said. */
export function shownOf(answer: Chains, wanted: Wanted): Shown[] {
  const least = SURE.indexOf(wanted.sure);
  return answer.trees
    .map((tree, chain) => ({
      tree,
      chain,
      cases: answer.nodes
        .slice(tree.first, tree.first + tree.cases)
        .map((node, nth) => ({ ...node, at: tree.first + nth, chain })),
    }))
    .filter(({ cases }) => cases.length >= wanted.least)
    .filter(({ cases }) =>
      cases.some(
        (node) =>
          node.infector != null &&
          (wanted.setting === '' || (node.setting ?? 'unknown') === wanted.setting) &&
          SURE.indexOf(node.certainty ?? 'possible') >= least,
      ),
    );
}

export const dayOf = (node: ChainNode): string => node.onset ?? node.day;

/** A row of the tree over time. */
export interface Row {
  node: Placed;
  row: number;
  /** Days from the first day shown. */
  x: number;
  parent: Row | null;
  /** The row of the last case that it infected, else its own. */
  until: number;
  first: boolean;
}

export function rowsOf(shown: Shown[]): { rows: Row[]; first: string; days: number } {
  const all = shown.flatMap(({ cases }) => cases);
  const dates = all.map(dayOf).sort();
  const first = dates[0] ?? '';
  const by = new Map<number, Row>();
  const rows = all.map((node, row): Row => {
    const parent = node.infector == null ? null : (by.get(node.infector) ?? null);
    const made = {
      node,
      row,
      x: daysBetween(first, dayOf(node)),
      parent,
      until: row,
      first: parent === null,
    };
    if (parent) parent.until = row;
    by.set(node.at, made);
    return made;
  });
  return { rows, first, days: first === '' ? 0 : daysBetween(first, dates.at(-1) ?? first) };
}

/** A case on the graph. */
export interface Dot {
  node: Placed;
  x: number;
  y: number;
  r: number;
  parent: Dot | null;
}

const RING = 26;
const GAP = 22;
const SMALLEST = 3;

/** Radius of a dot: its area grows with whom the case infected. */
export const radius = (infectees: number): number => SMALLEST + 2.2 * Math.sqrt(infectees);

/** One chain round its first case: rings are generations, and each case has the angle that its leaves need. */
function island({ cases }: Shown): { dots: Dot[]; reach: number } {
  const below = new Map<number, Placed[]>();
  const leaves = new Map<number, number>();
  for (const node of cases)
    if (node.infector != null) below.set(node.infector, [...(below.get(node.infector) ?? []), node]);
  for (const node of [...cases].reverse()) {
    const own = below.get(node.at) ?? [];
    leaves.set(
      node.at,
      Math.max(
        1,
        own.reduce((sum, one) => sum + (leaves.get(one.at) ?? 1), 0),
      ),
    );
  }
  const root = cases[0];
  if (!root) return { dots: [], reach: 0 };
  // Rings lie so far out that no ring's cases stand closer than dots are wide.
  const perRing: number[] = [];
  for (const node of cases) perRing[node.generation] = (perRing[node.generation] ?? 0) + 1;
  const out: number[] = [0];
  for (let ring = 1; ring < perRing.length; ring++)
    out[ring] = Math.max((out[ring - 1] ?? 0) + RING, ((perRing[ring] ?? 0) * 11) / (2 * Math.PI));
  const by = new Map<number, Dot>();
  const angles = new Map<number, [number, number]>([[root.at, [0, 2 * Math.PI]]]);
  for (const node of cases) {
    const [from, to] = angles.get(node.at) ?? [0, 0];
    const ring = out[node.generation] ?? 0;
    const angle = (from + to) / 2;
    const parent = node.infector == null ? null : (by.get(node.infector) ?? null);
    by.set(node.at, {
      node,
      parent,
      x: ring * Math.cos(angle),
      y: ring * Math.sin(angle),
      r: radius(node.infectees),
    });
    let next = from;
    for (const child of below.get(node.at) ?? []) {
      const width = ((to - from) * (leaves.get(child.at) ?? 1)) / (leaves.get(node.at) ?? 1);
      angles.set(child.at, [next, next + width]);
      next += width;
    }
  }
  return { dots: [...by.values()], reach: (out.at(-1) ?? 0) + radius(root.infectees) };
}

/** All chains as islands on shelves, the largest first, in about the proportion asked for. */
export function graphOf(shown: Shown[], proportion: number): { dots: Dot[]; width: number; height: number } {
  const islands = shown.map(island).sort((one, other) => other.reach - one.reach);
  const area = islands.reduce((sum, { reach }) => sum + (2 * reach + GAP) ** 2, 0);
  const widest = islands[0] ? 2 * islands[0].reach + GAP : 0;
  const width = Math.max(widest, Math.sqrt(area * proportion));
  let [x, y, shelf] = [0, 0, 0];
  for (const { dots, reach } of islands) {
    const side = 2 * reach + GAP;
    if (x > 0 && x + side > width) [x, y, shelf] = [0, y + shelf, 0];
    shelf = Math.max(shelf, side);
    for (const dot of dots) {
      dot.x += x + side / 2;
      dot.y += y + side / 2;
    }
    x += side;
  }
  return { dots: islands.flatMap(({ dots }) => dots), width, height: y + shelf };
}
