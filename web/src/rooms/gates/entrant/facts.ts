import type { Entrant } from '$lib/api/types';
import { origins } from '$lib/field/origins.svelte';
import { amid, foundAfter, journeyText } from '$lib/field/words';
import { areaName, t, word } from '$lib/i18n';
import { w } from '$lib/i18n/fieldwork';
import { count, moment } from '$lib/i18n/format';
import { g } from '$lib/i18n/gates';

export interface Fact {
  label: string;
  value: string;
}

/** What is known of an arrival; what is not known is left out. */
export function factsOf(entrant: Entrant): Fact[] {
  const { journey } = entrant;
  const from = [journey.from, ...(journey.stops ?? [])]
    .flatMap((place) => (place ? [origins.name(place)] : []))
    .join(' → ');
  const origin = word(w().origins, entrant.origin);
  const all = [from, entrant.abroad ? g().abroad : '', from || entrant.abroad ? amid(origin) : origin];
  const rows: [string, string | null | undefined][] = [
    [entrant.arrived ? g().arrived : g().expected, moment(entrant.arrival)],
    [g().journey, journeyText(journey)],
    [g().from, all.filter((part) => part !== '').join(t().common.comma)],
    [
      g().boundFor,
      `${areaName(entrant.area)}${t().common.comma}${amid(word(w().destinations, entrant.destination))}`,
    ],
    [g().ageLabel, entrant.age == null ? null : w().age(count(entrant.age))],
    [
      g().foundFirst,
      `${word(w().sources, entrant.source)}${t().common.comma}${foundAfter(entrant.found_after_hours)}`,
    ],
  ];
  return rows.flatMap(([label, value]) => (value == null ? [] : [{ label, value }]));
}
