import type { NewStay, Stay } from '$lib/api/types';
import { journeyText } from '$lib/field/words';
import { areaName, say, t, word } from '$lib/i18n';
import { c } from '$lib/i18n/casework';

export interface StayDay {
  day: string;
  stays: Stay[];
}

/** An itinerary by day; the newest day first, for it is the one that is asked about. */
export function byDay(stays: Stay[]): StayDay[] {
  const days = new Map<string, Stay[]>();
  for (const stay of stays) days.set(stay.day, [...(days.get(stay.day) ?? []), stay]);
  return [...days].map(([day, of]) => ({ day, stays: of })).sort((a, b) => b.day.localeCompare(a.day));
}

const clock = (at: string): string => at.slice(11, 16);

export function stayHours(stay: Stay): string {
  if (!stay.from) return c().allDay;
  return c().hour(clock(stay.from), stay.until ? clock(stay.until) : '');
}

/** The place, site or household on record where somebody was. */
function spotName(stay: Stay): string | null {
  if (stay.place) return say(stay.place.name);
  if (stay.site_name) return say(stay.site_name);
  return stay.household ? (stay.door ?? c().spots.household!) : null;
}

/** Where somebody was, as far as the reader may see it. */
export function stayPlace(stay: Stay): string {
  const parts = [
    spotName(stay),
    stay.setting ? word(c().settings, stay.setting) : null,
    stay.journey ? journeyText(stay.journey) : null,
    stay.area ? areaName(stay.area) : null,
    stay.text,
    stay.companions ? c().along(String(stay.companions)) : null,
  ];
  const said = parts.filter((part) => part).join(t().common.comma);
  return said === '' ? c().sealedWords : said;
}

/** A stay as it is sent again: to take it back, or to let it stand once more. */
export function asSent(stay: Stay, withdrawn: boolean): NewStay {
  return {
    stay: stay.stay,
    day: stay.day,
    from: stay.from ?? null,
    until: stay.until ?? null,
    area: stay.area?.code ?? null,
    setting: stay.setting ?? null,
    site: stay.site ?? null,
    household: stay.household ?? null,
    place: stay.place?.place ?? null,
    journey: stay.journey ?? null,
    companions: stay.companions ?? null,
    withdrawn,
  };
}
