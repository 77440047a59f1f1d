import { w } from '$lib/i18n/fieldwork';
import type { Source, Triage } from '$lib/api/types';
import { route } from '$lib/state/route.svelte';

export const wordedFilters = ['stage', 'source', 'triage'] as const;
export type WordedFilter = (typeof wordedFilters)[number];
export const filterNames = [...wordedFilters, 'checkpoint', 'party', 'from', 'to'] as const;
export type FilterName = (typeof filterNames)[number];

const isDay = /^\d{4}-\d{2}-\d{2}$/;

export function wordsOf(name: WordedFilter): Record<string, string> {
  return { stage: w().stages, source: w().sources, triage: w().triage }[name];
}

export interface Filters {
  stage?: string;
  source?: Source;
  triage?: Triage;
  checkpoint?: string;
  party?: string;
  from?: string;
  to?: string;
}

/** The filters that the address asks for; what no filter knows is passed over. */
export function filtersInAddress(): Filters {
  const given = (name: FilterName, holds: (value: string) => boolean): [FilterName, string][] => {
    const value = route.get(name);
    return value !== null && value !== '' && holds(value) ? [[name, value]] : [];
  };
  return Object.fromEntries([
    ...wordedFilters.flatMap((name) => given(name, (value) => value in wordsOf(name))),
    ...given('checkpoint', () => true),
    ...given('party', () => true),
    ...given('from', (value) => isDay.test(value)),
    ...given('to', (value) => isDay.test(value)),
  ]) as Filters;
}
