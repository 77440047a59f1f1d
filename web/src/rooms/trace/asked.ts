import { route } from '$lib/state/route.svelte';

export const ways = ['case', 'person', 'place', 'vehicle'] as const;
export type Way = (typeof ways)[number];

/** Cases, people and places of one question. */
export const MOST_ASKED = 100;
export const isId = /^[0-9A-Z]{26}$/;
const isDate = /^\d{4}-\d{2}-\d{2}$/;

const list = (name: string): string[] =>
  (route.get(name) ?? '')
    .split(',')
    .filter((text) => text !== '')
    .slice(0, MOST_ASKED);

export interface Asked {
  cases: string[];
  people: string[];
  places: string[];
  from: string;
  to: string;
  order: number;
}

const SECOND = 2;

/** What the address asks for. Ids of cases and people, and codes of places, are no personal data. */
export function askedInAddress(): Asked {
  const day = (name: string): string => {
    const value = route.get(name) ?? '';
    return isDate.test(value) ? value : '';
  };
  return {
    cases: list('cases').filter((id) => isId.test(id)),
    people: list('people').filter((id) => isId.test(id)),
    places: list('places').map(decodeURIComponent),
    from: day('from'),
    to: day('to'),
    order: route.get('order') === '2' ? SECOND : 1,
  };
}

export function addressOf(asked: Asked): string {
  return route.with({
    cases: asked.cases.join(','),
    people: asked.people.join(','),
    places: asked.places.map(encodeURIComponent).join(','),
    from: asked.from,
    to: asked.to,
    order: asked.order === 1 ? null : String(asked.order),
  });
}
