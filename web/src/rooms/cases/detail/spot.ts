import { api, take } from '$lib/api/client';
import type { HouseholdRow, MeetingSetting, PlaceKind, PlaceRow } from '$lib/api/types';
import { areaName, say, t, word } from '$lib/i18n';
import { w } from '$lib/i18n/fieldwork';

export const spotKinds = ['place', 'household', 'site'] as const;
export type SpotKind = (typeof spotKinds)[number];

/** Somewhere on record where somebody can have stayed. */
export interface Spot {
  kind: SpotKind;
  id: string;
  label: string;
  more: string;
  /** What kind of meeting is likely there. */
  setting: MeetingSetting;
}

const MOST = 10;

/** As the server takes a kind of place. */
const settings: Partial<Record<PlaceKind, MeetingSetting>> = {
  office: 'work',
  factory: 'work',
  school: 'school',
  hospital: 'health_care',
  clinic: 'health_care',
  vehicle: 'transport',
};

export function spotOfPlace(row: PlaceRow): Spot {
  return {
    kind: 'place',
    id: row.place,
    label: say(row.name),
    more: [row.code, say(row.kind_name), areaName(row.area)].join(t().common.comma),
    setting: settings[row.kind] ?? 'community',
  };
}

function spotOfHousehold(row: HouseholdRow): Spot {
  const names = row.residents.map(({ name }) => name).filter((name) => name != null);
  return {
    kind: 'household',
    id: row.household,
    label: row.door ?? row.place ?? word(w().dwellings, row.dwelling),
    more: [...names, areaName(row.area)].join(t().common.comma),
    setting: 'household',
  };
}

async function places(area: string, q: string): Promise<Spot[]> {
  const { rows } = await take(api.GET('/api/places', { params: { query: { area, q, limit: MOST } } }));
  return rows.map(spotOfPlace);
}

async function households(area: string, q: string): Promise<Spot[]> {
  const params = { query: { area } };
  const { rows } = await take(api.POST('/api/households/find', { params, body: { q } }));
  return rows.slice(0, MOST).map(spotOfHousehold);
}

async function sites(area: string, q: string): Promise<Spot[]> {
  const { sites: all } = await take(api.GET('/api/quarantine/sites', { params: { query: { area } } }));
  const sought = q.toLowerCase();
  return all
    .filter(({ name }) => [name.en, name.zh].some((each) => each.toLowerCase().includes(sought)))
    .slice(0, MOST)
    .map((site) => ({
      kind: 'site',
      id: site.site,
      label: say(site.name),
      more: areaName(site.area),
      setting: 'quarantine_site',
    }));
}

/** Places, households or quarantine sites of an area that fit what was typed. */
export function spotsFound(kind: SpotKind, area: string, q: string): Promise<Spot[]> {
  if (kind === 'place') return places(area, q);
  return kind === 'household' ? households(area, q) : sites(area, q);
}
