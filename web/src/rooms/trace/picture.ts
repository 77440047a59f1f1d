import type { Traced, TracedContact } from '$lib/api/types';
import { addDays } from '$lib/i18n/format';

/** Somebody was at a place for some time. */
export interface Bar {
  who: string;
  from: number;
  until: number;
}

/** A place with the cases and the others who were there. */
export interface Lane {
  code: string;
  name: string;
  kind: string;
  cases: Bar[];
  others: Bar[];
  weight: number;
}

export interface Picture {
  lanes: Lane[];
  /** Places that are not drawn. */
  more: number;
  from: number;
  until: number;
  days: number[];
}

const LANES = 12;
const BARS = 400;
/** Labels under the picture; beyond so many every second, third, … is left out. */
const LABELS = 8;

const at = (moment: string): number => Date.parse(moment);

/** The offset of the wall clock in which the server wrote a moment, in milliseconds. */
function offsetOf(moment: string): number {
  const found = /([+-])(\d{2}):(\d{2})$/.exec(moment);
  if (!found) return 0;
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  return (found[1] === '-' ? -minutes : minutes) * 60_000;
}

/** Draws what an answer says: a lane for each place, those with most time together on top. */
export function pictureOf(answer: Traced): Picture {
  const lanes = new Map<string, Lane>();
  const lane = (of: { place: string; name: string; kind: string }): Lane => {
    let found = lanes.get(of.place);
    if (!found) {
      found = { code: of.place, name: of.name, kind: of.kind, cases: [], others: [], weight: 0 };
      lanes.set(of.place, found);
    }
    return found;
  };
  for (const one of answer.traced)
    for (const stay of one.stays)
      lane(stay).cases.push({ who: one.person, from: at(stay.from), until: at(stay.until) });
  for (const contact of answer.contacts) {
    if (contact.order > 1) continue;
    for (const meeting of contact.meetings) {
      const of = lane(meeting);
      const ill = contact.order === 0 && contact.is_case != null;
      const bar = { who: contact.person, from: at(meeting.from), until: at(meeting.until) };
      (ill ? of.cases : of.others).push(bar);
      of.weight += meeting.minutes;
    }
  }
  const all = [...lanes.values()].sort(
    (a, b) => b.weight - a.weight || b.cases.length - a.cases.length || a.code.localeCompare(b.code),
  );
  const drawn = all.slice(0, LANES).map((each) => ({ ...each, others: each.others.slice(0, BARS) }));
  const bars = drawn.flatMap((each) => [...each.cases, ...each.others]);
  const from = Math.min(...bars.map((bar) => bar.from));
  const until = Math.max(...bars.map((bar) => bar.until));
  const some = answer.traced[0]?.stays[0]?.from ?? answer.contacts[0]?.first ?? '';
  return {
    lanes: drawn,
    more: all.length - drawn.length,
    from,
    until,
    days: daysOf(from, until, offsetOf(some)),
  };
}

/** The midnights between two moments, by the clock of the place. */
function daysOf(from: number, until: number, offset: number): number[] {
  const midnights: number[] = [];
  if (!Number.isFinite(from)) return midnights;
  const begin = (date: string): number => Date.parse(`${date}T00:00:00Z`) - offset;
  let date = new Date(from + offset).toISOString().slice(0, 10);
  while (begin(date) <= until) {
    if (begin(date) >= from) midnights.push(begin(date));
    date = addDays(date, 1);
  }
  const step = Math.max(1, Math.ceil(midnights.length / LABELS));
  return midnights.filter((_, index) => index % step === 0);
}

/** The day that begins at a midnight of the place's clock, as it is written. */
export function dayAt(moment: number, like: string): string {
  return new Date(moment + offsetOf(like)).toISOString().slice(0, 10);
}

/** Whether somebody can be named as a contact now. */
export function canBeNamed(contact: TracedContact): boolean {
  return contact.as_contact != null && contact.as_contact.named == null && contact.is_case == null;
}
