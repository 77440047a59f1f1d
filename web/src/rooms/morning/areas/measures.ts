import type { Child } from '$lib/api/types';
import { t } from '$lib/i18n';
import { count, decimal, none, shortDay } from '$lib/i18n/format';

export type Measure = 'new_recent' | 'per_100k' | 'rt' | 'risk' | 'turning';

export const measures: Measure[] = ['new_recent', 'per_100k', 'rt', 'risk', 'turning'];

const riskRank = { low: 0, medium: 1, high: 2 } as const;

/** The measure's name; new cases are counted over as many days as the policy says. */
export function measureName(measure: Measure, recentDays: number): string {
  const words = t().morning.measures;
  return measure === 'new_recent' ? words.new_recent(count(recentDays)) : words[measure];
}

/** What the areas are ranked and shaded by; null where there is nothing to rank. */
export function rank(child: Child, measure: Measure): number | string | null {
  switch (measure) {
    case 'new_recent':
      return child.new_recent;
    case 'per_100k':
      return child.per_100k ?? null;
    case 'rt':
      return child.rt?.mean ?? null;
    case 'risk':
      return riskRank[child.risk];
    case 'turning':
      return child.turning_point.date ?? null;
  }
}

export function written(child: Child, measure: Measure): string {
  switch (measure) {
    case 'new_recent':
      return count(child.new_recent);
    case 'per_100k':
      return decimal(child.per_100k, 1);
    case 'rt':
      return decimal(child.rt?.mean);
    case 'risk':
      return t().risk[child.risk];
    case 'turning':
      return turningText(child);
  }
}

export function turningText({ turning_point: point }: Child): string {
  return point.date == null ? t().turning[point.state] : shortDay(point.date);
}

/** What stands small beside the measure: its uncertainty or its context. */
export function beside(child: Child, measure: Measure): string {
  const words = t().morning;
  if (child.missing) return words.missingMark;
  switch (measure) {
    case 'rt':
      return child.rt ? words.interval(decimal(child.rt.q025), decimal(child.rt.q975)) : words.tooFew;
    case 'turning':
      return child.turning_point.date == null ? none : t().turning[child.turning_point.state];
    case 'new_recent':
    case 'per_100k':
    case 'risk':
      return words.totalOf(count(child.confirmed));
  }
}

export type Direction = 'ascending' | 'descending';

export function compare(a: number | string | null, b: number | string | null, direction: Direction): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  return direction === 'ascending' ? order : -order;
}

/** Worst first; for turning points the earliest first, for the village that turned first leads the way. */
export function byMeasure(children: Child[], measure: Measure): Child[] {
  const direction = measure === 'turning' ? 'ascending' : 'descending';
  return [...children].sort(
    (a, b) => compare(rank(a, measure), rank(b, measure), direction) || b.confirmed - a.confirmed,
  );
}

/** 0 to 1: how strongly a tile is shaded. Only amounts are shaded: risk has its shape and word. */
export function shade(child: Child, children: Child[], measure: Measure): number {
  if (measure === 'risk' || measure === 'turning') return 0;
  const value = rank(child, measure);
  const top = Math.max(...children.map((each) => Number(rank(each, measure) ?? 0)));
  return typeof value === 'number' && top > 0 ? value / top : 0;
}
