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

const GAP = 18;
const SMALLEST = 3;
const APART = 4;
const ARM = 13;

/** Radius of a dot: its area grows with whom the case infected. */
export const radius = (infectees: number): number => SMALLEST + 2.2 * Math.sqrt(infectees);

/**
 * One chain, wound round its first case in the order of the tree (Archimedes' spiral, by length of arc): a chain of many steps
 * takes no more room than a star, and cases stand near those who infected them.
 */
function island({ cases }: Shown): { dots: Dot[]; reach: number } {
  const root = cases[0];
  if (!root) return { dots: [], reach: 0 };
  const others = cases.slice(1).map((node) => radius(node.infectees));
  const arm = Math.max(ARM, 1.4 * Math.max(...others) + APART);
  const a = arm / (2 * Math.PI);
  const by = new Map<number, Dot>();
  const put = (node: Placed, x: number, y: number): void => {
    const parent = node.infector == null ? null : (by.get(node.infector) ?? null);
    by.set(node.at, { node, parent, x, y, r: radius(node.infectees) });
  };
  put(root, 0, 0);
  // The spiral begins where the first case's own dot ends.
  let before = radius(root.infectees) + APART;
  let along = (before + (others[0] ?? 0)) ** 2 / (2 * a);
  let far = before;
  cases.slice(1).forEach((node, nth) => {
    const r = others[nth] ?? SMALLEST;
    if (nth > 0) along += before + r + APART;
    before = r;
    const turn = Math.sqrt((2 * along) / a);
    far = a * turn + r;
    put(node, a * turn * Math.cos(turn), a * turn * Math.sin(turn));
  });
  return { dots: [...by.values()], reach: far };
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
