import { daysAgo, reported } from './casework';
import { loginOf } from './demo';
import { somebody, ulid } from './entry';
import { csrf, expect, pageOf, type Page } from './test';
import type { Browser } from '@playwright/test';

/** A case who was at a place, and others who were there too. */
export interface Outing {
  case: string;
  place: string;
  name: string;
  vehicle: string;
}

async function post(page: Page, path: string, data: unknown): Promise<unknown> {
  const sent = await page.request.post(path, { headers: await csrf(page), data });
  expect(sent.ok(), await sent.text()).toBe(true);
  return sent.json();
}

/** Yesterday, by the clock of the demo. */
const at = (hour: string): string => `${daysAgo(1)}T${hour}:00+08:00`;

/**
 * Somebody falls ill who was in a restaurant and on a coach yesterday: with one other for an hour in the first, and with that
 * one again and another for some minutes in the second.
 */
export async function outing(browser: Browser): Promise<Outing> {
  const officer = await pageOf(browser, 'area_officer');
  const epidemiologist = await pageOf(browser, 'epidemiologist');
  const ill = somebody();
  const area = loginOf('area_officer').area.code;
  const id = await reported(epidemiologist, {}, { given: ill, area });
  const tail = ulid().slice(-8);
  const [place, vehicle] = [`P${tail}`, `V${tail}`];
  const name = `Restaurant ${tail}`;
  await post(officer, '/api/places', { code: place, name, area, kind: 'restaurant' });
  await post(officer, '/api/places', { code: vehicle, name: `Coach ${tail}`, area, kind: 'vehicle' });
  const [one, other] = [somebody().phone, somebody().phone];
  const visits = [
    { place, person: ill.phone, from: at('10:00'), until: at('11:30') },
    { place, person: one, from: at('10:15'), until: at('11:15') },
    { place: vehicle, person: ill.phone, from: at('12:00'), until: at('12:40') },
    { place: vehicle, person: one, from: at('12:20'), until: at('12:40') },
    { place: vehicle, person: other, from: at('12:00'), until: at('12:10') },
  ];
  const { taken } = (await post(officer, '/api/visits', { visits })) as { taken: number };
  expect(taken).toBe(visits.length);
  return { case: id, place, name, vehicle };
}
