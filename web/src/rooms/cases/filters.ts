import type { paths } from '$lib/api/schema';
import { t, word } from '$lib/i18n';
import { day } from '$lib/i18n/format';
import { route } from '$lib/state/route.svelte';

export const wordedFilters = ['classification', 'severity', 'origin', 'outcome'] as const;
export const datedFilters = ['from', 'to'] as const;
export const filterNames = [...wordedFilters, ...datedFilters] as const;

export type WordedFilter = (typeof wordedFilters)[number];
export type FilterName = (typeof filterNames)[number];
export type Filters = Pick<NonNullable<paths['/api/cases']['get']['parameters']['query']>, FilterName>;

const isDay = /^\d{4}-\d{2}-\d{2}$/;

/** The filters that the address asks for; what no filter knows is passed over. */
export function filtersInAddress(): Filters {
  const worded = wordedFilters.map((name) => [name, route.get(name) ?? ''] as const);
  const dated = datedFilters.map((name) => [name, route.get(name) ?? ''] as const);
  return Object.fromEntries([
    ...worded.filter(([name, value]) => value in t().cases[name]),
    ...dated.filter(([, value]) => isDay.test(value)),
  ]);
}

export function filterLabel(name: FilterName): string {
  return t().cases.filters[name];
}

export function filterValue(name: FilterName, value: string): string {
  return name === 'from' || name === 'to' ? day(value) : word(t().cases[name], value);
}
