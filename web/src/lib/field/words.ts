import type { EntrantRow, Journey } from '$lib/api/types';
import { t, word } from '$lib/i18n';
import { w } from '$lib/i18n/fieldwork';
import { decimal } from '$lib/i18n/format';

/** A name as far as it is shown, with the end of the document. */
export function who(person: { name?: string | null; tail?: string | null }): string {
  const name = person.name ?? w().unnamed;
  return person.tail ? `${name} ${w().tail(person.tail)}` : name;
}

export function journeyText(journey: Journey): string {
  const parts = [word(w().modes, journey.mode), journey.number, journey.seat];
  return parts.filter((part) => part).join(' ');
}

/** Beyond so many, a time is told in days. */
const TOLD_IN_FULL = 48;

const inDays = (hours: number): number => hours / 24;

/** How long from arrival until somebody knew, in words: hours, or days where it is more than two. */
export function foundAfter(hours: number): string {
  const far = Math.abs(hours);
  if (decimal(far, 1) === decimal(0, 1)) return w().onArrival;
  if (far > TOLD_IN_FULL) {
    const days = decimal(inDays(far), 0);
    return hours < 0 ? w().daysBefore(days) : w().daysAfter(days);
  }
  return hours < 0 ? w().hoursBefore(decimal(far, 1)) : w().hoursAfter(decimal(far, 1));
}

/** A word of a list as it stands within a sentence. */
export function amid(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

export function options(words: Record<string, string>, any = true): { value: string; label: string }[] {
  const all = Object.entries(words).map(([value, label]) => ({ value, label }));
  return any ? [{ value: '', label: t().common.any }, ...all] : all;
}

/** Where somebody still has something to do. */
const OPEN = ['expected', 'arrived', 'to_send', 'on_the_way', 'to_place', 'at_clinic', 'watched', 'missing'];

export function isOpen(stage: EntrantRow['stage']): boolean {
  return OPEN.includes(stage);
}
