import type { DueWanted, Watch } from '$lib/api/types';
import { w } from '$lib/i18n/fieldwork';
import { q } from '$lib/i18n/quarantine';
import { route } from '$lib/state/route.svelte';

export const filterNames = ['watch', 'due', 'state'] as const;
export type FilterName = (typeof filterNames)[number];

export interface Filters {
  watch?: Watch;
  due?: DueWanted;
  state?: 'ended' | 'all';
}

export function wordsOf(name: FilterName): Record<string, string> {
  if (name === 'due') return q().due;
  if (name === 'state') return q().states;
  const { home, site, monitoring } = w().watch;
  return { home: home ?? '', site: site ?? '', monitoring: monitoring ?? '' };
}

/** The filters that the address asks for; what no filter knows is passed over. */
export function filtersInAddress(): Filters {
  return Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = route.get(name);
      return value !== null && value in wordsOf(name) ? [[name, value]] : [];
    }),
  ) as Filters;
}
