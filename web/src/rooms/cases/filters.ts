import { t, word } from '$lib/i18n';
import { day } from '$lib/i18n/format';
import { route } from '$lib/state/route.svelte';

export const filterNames = ['classification', 'origin', 'outcome', 'from', 'to'] as const;
export type FilterName = (typeof filterNames)[number];

export type Filters = Partial<Record<FilterName, string>>;

export function filtersInAddress(): Filters {
  const found: Filters = {};
  for (const name of filterNames) {
    const value = route.get(name);
    if (value) found[name] = value;
  }
  return found;
}

export function filterLabel(name: FilterName): string {
  return t().cases.filters[name];
}

export function filterValue(name: FilterName, value: string): string {
  const words = t().cases;
  switch (name) {
    case 'classification':
      return word(words.classification, value);
    case 'origin':
      return word(words.origin, value);
    case 'outcome':
      return word(words.outcome, value);
    case 'from':
    case 'to':
      return day(value);
  }
}
