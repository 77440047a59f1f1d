import { api, take } from '$lib/api/client';
import { who } from '$lib/field/words';
import { areaName, t, word } from '$lib/i18n';
import { c } from '$lib/i18n/casework';
import { w } from '$lib/i18n/fieldwork';
import { tr } from '$lib/i18n/tracing';
import { place } from '$lib/state/place.svelte';
import { session } from '$lib/state/session.svelte';

import { isId } from './asked';

/** What a search offers to be chosen. */
export interface Found {
  id: string;
  label: string;
  more: string;
}

const MOST = 10;
const SHORT = 6;

const told = (...parts: (string | null | undefined)[]): string =>
  parts.filter((part) => part).join(t().common.comma);

async function contacts(q: string): Promise<Found[]> {
  const params = { query: { area: place.area, limit: MOST } };
  const { rows } = await take(api.POST('/api/contacts/find', { params, body: { q } }));
  return rows.flatMap((row) =>
    row.person
      ? [
          {
            id: row.person,
            label: who(row),
            more: told(tr().asContact, word(c().class, row.class), areaName(row.area)),
          },
        ]
      : [],
  );
}

async function arrivals(text: string): Promise<Found[]> {
  const { rows } = await take(api.POST('/api/entrants/find', { body: { text, area: place.area } }));
  return rows.slice(0, MOST).map((row) => ({
    id: row.person,
    label: who(row),
    more: told(tr().asArrival, word(w().stages, row.stage), areaName(row.area)),
  }));
}

async function holders(q: string): Promise<Found[]> {
  const params = { query: { area: place.area, limit: MOST } };
  const { holders: rows } = await take(api.POST('/api/passes/find', { params, body: { q } }));
  return rows.map((row) => ({
    id: row.person,
    label: who(row),
    more: told(tr().asHolder, areaName(row.area)),
  }));
}

/** People on record as contacts, arrivals or holders of passes; somebody's id stands for itself. */
export async function peopleFound(q: string): Promise<Found[]> {
  const id = q.toUpperCase();
  if (isId.test(id)) return [{ id, label: id.slice(-SHORT), more: tr().byId }];
  const field = session.may('read_field') ? [arrivals(q), holders(q)] : [];
  const cases = session.may('read_cases') ? [contacts(q)] : [];
  const found = (await Promise.all([...cases, ...field])).flat();
  const people = new Map<string, Found>();
  for (const one of found) {
    const before = people.get(one.id);
    people.set(one.id, before ? { ...before, more: told(before.more, one.more) } : one);
  }
  return [...people.values()];
}
