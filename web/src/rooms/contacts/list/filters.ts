import type { ContactClass, ContactStatus } from '$lib/api/types';
import { word } from '$lib/i18n';
import { c } from '$lib/i18n/casework';
import { route } from '$lib/state/route.svelte';

export const wordedFilters = ['class', 'status'] as const;
export const filterNames = [...wordedFilters, 'case'] as const;
export type FilterName = (typeof filterNames)[number];
export type WordedFilter = (typeof wordedFilters)[number];

export interface Filters {
  class?: ContactClass;
  status?: ContactStatus;
  case?: string;
}

const SHORT = 6;
const isId = /^[0-9A-Z]{26}$/;

export const wordsOf = (name: WordedFilter): Record<string, string> => c()[name];

/** The filters that the address asks for; what no filter knows is passed over. */
export function filtersInAddress(): Filters {
  return Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = route.get(name);
      if (value === null) return [];
      const known = name === 'case' ? isId.test(value) : value in wordsOf(name);
      return known ? [[name, value]] : [];
    }),
  ) as Filters;
}

export function filterLabel(name: FilterName): string {
  return word(c().filters, name);
}

export function filterValue(name: FilterName, value: string): string {
  return name === 'case' ? value.slice(-SHORT) : word(wordsOf(name), value);
}
